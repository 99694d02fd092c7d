// The reader and the network, as the browser tells of them: the page is seen or hidden, and the
// server can be reached or not.

const TICK_MS = 15_000;

export class Presence {
  #listener;
  #reachable = true;

  /**
   * `listener` has
   *     seen()       the page is seen again
   *     hidden()     the page is hidden
   *     tick()       a while has gone by, and the page is seen
   *     back()       there is a network again
   *     changed()    the server can be reached, or no longer
   */
  constructor(listener) {
    this.#listener = listener;
  }

  /** Listens until the signal is aborted. */
  listen(signal) {
    document.addEventListener("visibilitychange", () => this.#turn(), { signal });
    window.addEventListener("online", () => this.#return(), { signal });
    window.addEventListener("offline", () => this.setReachable(false), { signal });
    const ticking = setInterval(() => !document.hidden && this.#listener.tick(), TICK_MS);
    signal.addEventListener("abort", () => clearInterval(ticking));
  }

  get isOffline() {
    return !this.#reachable || !navigator.onLine;
  }

  /** Notes that the server has answered, or that nobody has. */
  setReachable(reachable) {
    this.#reachable = reachable;
    this.#listener.changed();
  }

  #turn() {
    if (document.hidden) this.#listener.hidden();
    else this.#listener.seen();
  }

  #return() {
    this.#reachable = true;
    this.#listener.back();
    this.#listener.changed();
  }
}
