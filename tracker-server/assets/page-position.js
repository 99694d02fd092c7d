// The reader's position in each entry of the tab's history. It is kept in the tab's storage: a page
// that is being left can write there, while it may no longer change its entry.

import { keepInTab, keptInTab } from "./page-tab.js";

const KEY = "tracker-positions";
const KEPT_MAX = 50;

/** The position that was kept for this entry, `null` at the top; `undefined` if none was kept. */
export function positionHere() {
  return positions().find(([entry]) => entry === history.state?.entry)?.[1];
}

/** Keeps the position for this entry, instead of its last one. */
export function keepPositionHere(position) {
  const entry = entryHere();
  const others = positions().filter(([other]) => other !== entry);
  keepInTab(KEY, JSON.stringify([...others, [entry, position]].slice(-KEPT_MAX)));
}

/** The state of a new entry. */
export function newEntry() {
  return { entry: Math.random().toString(36).slice(2) };
}

entryHere();

/** The name of this entry. One that a link to another `#` has made gets its name here. */
function entryHere() {
  if (!history.state?.entry) history.replaceState(newEntry(), "");
  return history.state.entry;
}

function positions() {
  try {
    return JSON.parse(keptInTab(KEY)) ?? [];
  } catch {
    return [];
  }
}
