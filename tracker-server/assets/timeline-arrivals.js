// New activities between the stream and the rows: each is shown once, and only when the reader wants it.

const WAITING_MAX = 500;

export class Arrivals {
  #feed;
  #waiting = new Map();
  // Below the loaded end while a page is on its way: the server may have read that page before it had them.
  #below = null;
  /** More came than are kept: what is shown has to be loaded anew. */
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

  /** Whether the activity was not seen before. It waits, unless it is older than what is loaded. */
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

  /** What has arrived meanwhile now either belongs among the rows, or comes with a later page. */
  pageLoaded() {
    const below = this.#below ?? [];
    this.#below = null;
    for (const activity of below) this.take(activity);
  }

  pageFailed() {
    this.#below = null;
  }

  /** Takes out what waits. */
  release() {
    const released = [...this.#waiting.values()].filter(({ id }) => !this.#feed.has(id));
    this.#waiting.clear();
    return released;
  }
}
