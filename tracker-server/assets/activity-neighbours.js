// The activities next to one, among those that filters let through.

import { filtersToQuery } from "./timeline-filters.js";
import { Pages } from "./timeline-pages.js";
import { parseTime } from "./timeline-time.js";

const PAGE = 50;
/** So many may have the same millisecond before the search for the activity is given up. */
const PAGES_MAX = 4;

/**
 * Returns up to `count` activities on each side: `{ newer, older }`, the nearest first. An activity
 * without a time has no place among the others, and so no neighbours.
 */
export async function neighbours(client, filters, { id, time_ms }, count, signal) {
  if (time_ms === null) return { newer: [], older: [] };
  const before_ms = Math.min(time_ms + 1, parseTime(filters.created_before) ?? Infinity);
  const after_ms = Math.max(time_ms, parseTime(filters.created_after) ?? -Infinity);
  const [older, newer] = await Promise.all([
    following(client, { ...filters, created_before: before_ms }, "newest", id, count, signal),
    following(client, { ...filters, created_after: after_ms }, "oldest", id, count, signal),
  ]);
  return { newer, older };
}

/** Returns those that follow the activity in an order. */
async function following(client, filters, order, id, count, signal) {
  const parameters = filtersToQuery(filters);
  parameters.set("order", order);
  const pages = Pages.ofActivities(client, parameters, signal);
  const found = [];
  let isPassed = false;
  for (let page = 0; page < PAGES_MAX && pages.hasMore && found.length < count; page++) {
    for (const activity of await pages.next(PAGE)) {
      if (isPassed && activity.time_ms !== null) found.push(activity);
      isPassed ||= activity.id === id;
    }
  }
  return found.slice(0, count);
}
