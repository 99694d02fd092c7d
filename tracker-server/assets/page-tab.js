// Texts that the tab keeps, if it keeps any: a reader may forbid it, and its room may be used up.

// What can't be kept holds as long as the page.
const held = new Map();

/** The kept text, or `null`. */
export function keptInTab(key) {
  try {
    return held.get(key) ?? sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

export function keepInTab(key, text) {
  try {
    sessionStorage.setItem(key, text);
    held.delete(key);
  } catch {
    held.set(key, text);
  }
}
