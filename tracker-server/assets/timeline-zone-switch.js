// The zone of the times, as a button that changes between the viewer's own and UTC.

import { element } from "./timeline-dom.js";
import { t } from "./timeline-texts.js";
import { chooseUtc, isUtc, ownZone, timeZone } from "./timeline-zone.js";

/** Makes the button. `changed()` is called when another zone is chosen. */
export function zoneSwitch(changed) {
  const other = isUtc() ? ownZone() : "UTC";
  const title = t("zone.change", { zone: timeZone(), other });
  const button = element("button", { type: "button", class: "zone", part: "zone", title, "aria-label": title }, timeZone());
  button.addEventListener("click", () => {
    chooseUtc(!isUtc());
    changed();
  });
  return button;
}
