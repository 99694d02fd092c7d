// The rows that stand open, by their keys: a request's ID, an activity's ID, and `fold:ID` for a
// fold with that activity.

/** The number of keys that are kept; the oldest are forgotten. */
const KEYS_MAX = 100;

export class Opened {
  // Both in the order in which the reader has opened or closed them.
  #opened = new Set();
  #closed = new Set();
  #changed;

  /** `changed()` is called when the reader has opened or closed something. */
  constructor(changed) {
    this.#changed = changed;
  }

  /** The keys of what the reader has opened, without those that open by themselves. */
  get keys() {
    return [...this.#opened];
  }

  set keys(keys) {
    this.#opened = new Set([...keys].map(String).slice(-KEYS_MAX));
    this.#closed.clear();
  }

  /** Returns true for a key that stands open. `byItself` is true for one that needs no reader. */
  has(key, byItself = false) {
    return this.#opened.has(key) || (byItself && !this.#closed.has(key));
  }

  open(key) {
    this.#closed.delete(key);
    add(this.#opened, key);
    this.#changed();
  }

  close(...keys) {
    for (const key of keys) this.#opened.delete(key);
    add(this.#closed, keys[0]);
    this.#changed();
  }

  /** Forgets the keys for which `isThere(key)` is false. */
  keepThose(isThere) {
    const kept = this.keys.filter(isThere);
    if (kept.length === this.#opened.size) return;
    this.#opened = new Set(kept);
    this.#changed();
  }
}

function add(keys, key) {
  keys.delete(key);
  keys.add(key);
  if (keys.size > KEYS_MAX) keys.delete(keys.values().next().value);
}
