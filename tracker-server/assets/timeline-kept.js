// Values that the browser keeps, if it keeps any: a reader may forbid it, and a page may be a guest
// in another one.

/** The kept value, or `null`. */
export function kept(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

export function keep(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // What can't be kept holds as long as the page.
  }
}
