// Visits to a project, kept in the browser. A visit goes on while the page is seen again within
// half an hour.

import { keep, kept } from "./timeline-kept.js";
import { MINUTE_MS } from "./timeline-zone.js";

const KEY = "tracker-visits";
const GAP_MS_MIN = 30 * MINUTE_MS;
const PROJECTS_MAX = 100;

/**
 * Notes that a project is seen, and returns when the visit before this one ended, or `null` if
 * there was none.
 */
export function visit(project, now_ms) {
  const visits = kept(KEY) ?? {};
  const { seen_ms = null, before_ms = null } = visits[project] ?? {};
  const isAnother = seen_ms !== null && now_ms - seen_ms > GAP_MS_MIN;
  const last_ms = isAnother ? seen_ms : before_ms;
  const others = Object.entries(visits).filter(([other]) => other !== project);
  const latest = others.sort(([, one], [, other]) => other.seen_ms - one.seen_ms).slice(0, PROJECTS_MAX - 1);
  keep(KEY, Object.fromEntries([[project, { seen_ms: now_ms, before_ms: last_ms }], ...latest]));
  return last_ms;
}

/**
 * Marks the first entry of the feed, the newest first, that was there at the last visit, unless
 * nothing is newer.
 */
export function markLastVisit(feed, last_ms, text) {
  if (last_ms === null || feed.querySelector("[data-last-visit]")) return;
  let above = null;
  for (const entry of feed.querySelectorAll("[role=feed] > article")) {
    const time = entry.querySelector("time[datetime]");
    if (time && Date.parse(time.dateTime) <= last_ms) {
      if (above) entry.dataset.lastVisit = text;
      return;
    }
    above = entry;
  }
}
