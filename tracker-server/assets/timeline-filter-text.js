// The value of a filter in words.

import { labelOf } from "./timeline-activity.js";
import { statusText } from "./timeline-texts.js";
import { parseTime, shortMoment } from "./timeline-time.js";

/** `name` is the filter's, as in `timeline-filters.js`. */
export function filterText(name, value) {
  if (name === "action_type") return labelOf({ action_type: value });
  if (name === "status") return statusText(value);
  const time_ms = name.startsWith("created_") ? parseTime(value) : null;
  return time_ms === null ? value : shortMoment(time_ms);
}
