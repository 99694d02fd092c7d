// New activities between the stream and the rows. Each is shown once, and only when the reader
// wants it.

const WAITING_MAX = 500;

export class Arrivals {
  #feed;
  #waiting = new Map();
  // Arrivals below the loaded end while a page is being loaded: the server may have read that page
  // before they came.
  #below = null;
  /** True if more arrived than are kept; the timeline then has to be loaded anew. */
  overflowed = false;

  constructor(feed) {
    this.#feed = feed;
  }

  get count() {
    return this.#waiting.size;
  }

  clear() {
    this.#waiting.clear();
    this.#below = null;
    this.overflowed = false;
  }

  /**
   * Takes an activity, and returns true if it was not seen before. It waits, unless it is older
   * than what is loaded.
   */
  take(activity) {
    if (this.#feed.has(activity.id) || this.#waiting.has(activity.id)) return false;
    if (!this.#feed.covers(activity)) {
      this.#below?.push(activity);
    } else if (this.#waiting.size < WAITING_MAX) {
      this.#waiting.set(activity.id, activity);
    } else {
      this.overflowed = true;
    }
    return true;
  }

  pageRequested() {
    this.#below = [];
  }

  /**
   * Sorts the arrivals since the request: each now either belongs among the rows, or comes with a
   * later page.
   */
  pageLoaded() {
    const below = this.#below ?? [];
    this.#below = null;
    for (const activity of below) this.take(activity);
  }

  pageFailed() {
    this.#below = null;
  }

  /** Takes out the waiting arrivals. */
  release() {
    const released = [...this.#waiting.values()].filter(({ id }) => !this.#feed.has(id));
    this.#waiting.clear();
    return released;
  }
}
