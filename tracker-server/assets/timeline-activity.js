// An activity in the form that the timeline uses, whatever a program has written into the row.

import { isRaw } from "./timeline-json.js";
import { actionLabel, t } from "./timeline-texts.js";
import { isTime } from "./timeline-time.js";

const REFERENCES_MAX = 100;

/** The activity in one of the API's objects, or `null` where it is none. */
export function activityFrom(json) {
  if (json === null || typeof json !== "object" || json.action_id === undefined) return null;
  const written_ms = json.created_at ?? Date.parse(json.created_at_rfc3339 ?? "");
  return {
    id: String(json.action_id),
    type: textOf(json.action_type),
    label: labelOf(json),
    details: textOf(json.action_details) ?? "",
    user: textOf(json.user_id),
    request: textOf(json.request_id),
    status: textOf(json.status),
    environment: textOf(json.environment),
    references: referencesOf(json.reference_ids),
    time_ms: isTime(written_ms) ? written_ms : null,
  };
}

/** The label of an object of the API that has a type, in the language of the page. */
export function labelOf({ action_type, action_label }, unknown = t("row.activity")) {
  const label = textOf(action_label) ?? textOf(action_type);
  return label === null ? unknown : actionLabel(action_type, label);
}

/** Negative where `one` stands above `other`: newest first, and at the end those without a time. */
export function compare(one, other) {
  if (one.time_ms !== other.time_ms) {
    if (one.time_ms === null) return 1;
    if (other.time_ms === null) return -1;
    return other.time_ms - one.time_ms;
  }
  return one.id > other.id ? -1 : one.id < other.id ? 1 : 0;
}

/** `{ name, value, filter }`: `filter` as the API takes it, only where both are texts. */
function referencesOf(json) {
  if (json === null || json === undefined) return [];
  if (typeof json !== "object" || Array.isArray(json) || isRaw(json)) {
    return [{ name: t("row.references"), value: asText(json), filter: null }];
  }
  return Object.entries(json)
    .slice(0, REFERENCES_MAX)
    .map(([name, value]) => {
      const filter = typeof value === "string" && value !== "" ? `${name}:${value}` : null;
      return { name, value: asText(value), filter };
    });
}

function asText(json) {
  return typeof json === "string" && json !== "" ? json : JSON.stringify(json);
}

function textOf(value) {
  return value === null || value === undefined || value === "" ? null : asText(value);
}
