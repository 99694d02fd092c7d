// The projects that were visited last in this browser.

import { keep, kept } from "./page-kept.js";

const KEPT_MAX = 6;

/** Their IDs, the last one first. */
export function recent() {
  const ids = kept("recent", []);
  return Array.isArray(ids) ? ids.filter((id) => typeof id === "string").slice(0, KEPT_MAX) : [];
}

/** Puts a project first. */
export function remember(project) {
  const others = recent().filter((id) => id !== project);
  keep("recent", [project, ...others].slice(0, KEPT_MAX));
}
