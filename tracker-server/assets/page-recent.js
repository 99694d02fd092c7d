// The projects that were visited last in this browser.

import { base } from "./page-address.js";
import { keep, kept } from "./timeline-kept.js";

const KEPT_MAX = 6;
/** Several servers may share an origin. */
const KEY = `tracker-recent:${base}`;

/** Their IDs, the last one first. */
export function recent() {
  const ids = kept(KEY);
  return Array.isArray(ids) ? ids.filter((id) => typeof id === "string").slice(0, KEPT_MAX) : [];
}

/** Puts a project first. */
export function remember(project) {
  const others = recent().filter((id) => id !== project);
  keep(KEY, [project, ...others].slice(0, KEPT_MAX));
}
