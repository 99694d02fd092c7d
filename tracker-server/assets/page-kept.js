// Small values that the browser keeps for this server's pages. A browser that keeps nothing, or
// whose memory is full, costs the reader only these.

import { base } from "./page-address.js";

/** The value under a name, or `otherwise` where there is none. */
export function kept(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(keyOf(name))) ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** Keeps a value, and returns true if the browser does. */
export function keep(name, value) {
  try {
    localStorage.setItem(keyOf(name), JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** Several servers may share an origin. */
function keyOf(name) {
  return `tracker-${name}:${base}`;
}
