// The place of an activity in its timeline, as `at` in the address. The activity stands open there,
// and so do the request and the fold that it belongs to.

import { openedToQuery } from "./page-opened.js";

/** A position for the timeline, or `null` if the address names no place. */
export function placeFromQuery(query) {
  const action_id = new URLSearchParams(query).get("at");
  return action_id ? { action_id } : null;
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
