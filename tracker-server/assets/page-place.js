// The place of an activity in its timeline, as `at` in the address. The activity stands open there,
// and so do the request and the fold that it belongs to.

import { openedFromQuery, openedToQuery } from "./page-opened.js";

/**
 * A position for the timeline: the activity at `at`, else the first row that stands open, or `null`
 * if the address names neither.
 */
export function placeFromQuery(query) {
  const action_id = new URLSearchParams(query).get("at");
  if (action_id) return { action_id };
  return openedFromQuery(query).length > 0 ? { opened: true } : null;
}

/** `URLSearchParams` with the place; `others` gives parameters of the page to keep. */
export function placeToQuery({ id, request }, others) {
  const parameters = openedToQuery([request, `fold:${id}`, id].filter(Boolean), others);
  parameters.set("at", id);
  return parameters;
}

/** `URLSearchParams` without a place. */
export function withoutPlace(query) {
  const parameters = new URLSearchParams(query);
  parameters.delete("at");
  return parameters;
}
