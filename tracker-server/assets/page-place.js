// The reader's place in each entry of the tab's history. It is kept in the tab's storage: a page that
// is being left can write there, while it may no longer change its entry.

const KEY = "tracker-places";
const KEPT_MAX = 50;

/** The place that was kept for this entry, or `null`. */
export function placeHere() {
  return places().find(([entry]) => entry === history.state?.entry)?.[1] ?? null;
}

/** Keeps the place of this entry, in place of its last one; `null` for none. */
export function keepPlaceHere(place) {
  const { entry } = history.state;
  const others = places().filter(([other]) => other !== entry);
  sessionStorage.setItem(KEY, JSON.stringify([...others, [entry, place]].slice(-KEPT_MAX)));
}

/** The state of a new entry. */
export function newEntry() {
  return { entry: Math.random().toString(36).slice(2) };
}

if (!history.state?.entry) history.replaceState(newEntry(), "");

function places() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) ?? [];
  } catch {
    return [];
  }
}
