// New activities between the stream and the rows. Each is shown once, and only when the reader
// wants it.

const WAITING_MAX = 500;

export class Arrivals {
  #feed;
  #waiting = new Map();
  // Arrivals below the loaded end. The server may have read the page that ends above them, or even
  // the one below, before they came.
  #below = new Map();
  /** True if more arrived than are kept; the timeline then has to be loaded anew. */
  overflowed = false;

  /** `feed` has `has(id)`, `covers(activity)` and `leavesOut(activity)`. */
  constructor(feed) {
    this.#feed = feed;
  }

  get count() {
    return this.#waiting.size;
  }

  /**
   * Takes an activity, and returns true if it was not seen before. It waits until the reader wants
   * it, and before that until what is loaded reaches down to it.
   */
  take(activity) {
    const { id } = activity;
    if (this.#feed.has(id) || this.#waiting.has(id) || this.#below.has(id)) return false;
    this.#keep(activity);
    return true;
  }

  /** Sorts the arrivals anew: some of those below the former end now belong among the rows. */
  pageLoaded() {
    const below = [...this.#below.values()];
    this.#below.clear();
    for (const activity of below) if (!this.#feed.has(activity.id)) this.#keep(activity);
  }

  /** Takes out the waiting arrivals. */
  release() {
    const released = [...this.#waiting.values()].filter(({ id }) => !this.#feed.has(id));
    this.#waiting.clear();
    return released;
  }

  #keep(activity) {
    if (this.#feed.leavesOut(activity)) return;
    const kept = this.#feed.covers(activity) ? this.#waiting : this.#below;
    if (kept.size < WAITING_MAX) kept.set(activity.id, activity);
    else if (kept === this.#waiting) this.overflowed = true;
  }
}
