// One project under one set of filters: its pages, its statistics and its stream of new
// activities. A session ends when the project, the filters or the token change; nothing of it
// reaches the listener after that.

import { activityFrom } from "./timeline-activity.js";
import { Arrivals } from "./timeline-arrivals.js";
import { Problem, isDenial } from "./timeline-client.js";
import { debounce } from "./timeline-dom.js";
import { Feed } from "./timeline-feed.js";
import { filtersToQuery } from "./timeline-filters.js";
import { Pages } from "./timeline-pages.js";
import { Requests } from "./timeline-requests.js";
import { Statistics } from "./timeline-statistics.js";
import { LiveStream } from "./timeline-stream.js";

/** The number of activities on an ordinary page. */
export const PAGE = 50;
const PAGE_MAX = 200;
const RESTORED_MAX = 2_000;
const MISSED_PAGES_MAX = 5;
const MISSED_RETRY_MS = 5_000;
// The first page and the statistics wait for the stream, so that no activity falls between; but not
// for long.
const STREAM_READY_MS = 250;
const ARRIVALS_SETTLE_MS = 60;

export class Session {
  feed;
  arrivals;
  /** True if the last page could not be loaded. */
  failed = false;
  #client;
  #filters;
  #listener;
  #controller = new AbortController();
  #pages;
  #requests;
  #stream;
  #statistics;
  #loading = null;
  #asked = false;
  #settleSoon = debounce(() => this.#settle(), ARRIVALS_SETTLE_MS);

  /**
   * Opens the stream and loads the statistics and the first page. A `position` is loaded down to
   * its row; `{ opened: true }` is the first row of that page which stands open. `opened` tells
   * what stands open, and `addressOf(id)` which page an activity has.
   *
   * `listener` has
   *     busy(busy)                a page is being loaded, or no longer
   *     live(state)               the stream is "connecting", "live", "reconnecting" or "off"
   *     reachable(reachable)      the server has answered, or nobody has
   *     counted(statistics)       the statistics have changed; `null` if they can't be had
   *     loaded(activities)        a page is in the feed
   *     pageEnded()               a page has been loaded, or could not be
   *     arrived()                 arrivals wait
   *     restored(row, offset)     the row of the position is in the feed
   *     reached(row)              the same for a position without an offset
   *     openedFirst(row)          the first row that stands open, for a position that asks for it
   *     missed()                  the activity of such a position is not among the rows
   *     retrying()                the page that failed is asked for again
   *     failed(error)             a page can't be loaded, or the project may not be seen
   *     restart()                 everything is to be loaded anew
   */
  constructor(client, filters, position, { opened, addressOf }, listener) {
    const { signal } = this.#controller;
    // A reader who filters by a request wants to see its steps.
    this.feed = new Feed(opened, { opensRequests: filters.request_id !== undefined, addressOf });
    this.arrivals = new Arrivals(this.feed.blocks);
    this.#client = client;
    this.#filters = filters;
    this.#listener = listener;
    this.#pages = Pages.ofBlocks(client, filtersToQuery(filters), signal);
    this.#requests = new Requests(client, filters, signal, this.feed);
    this.#statistics = new Statistics(client, filters, signal, (loaded) => {
      this.#listener.counted(loaded ? this.#statistics : null);
    });
    const connected = new Promise((resolve) => (this.#stream = this.#openStream(resolve)));
    if (document.hidden) this.#stream.pause();
    const ready = Promise.race([connected, new Promise((resolve) => setTimeout(resolve, STREAM_READY_MS))]);
    this.#countFirst(ready);
    this.#loadFirst(ready, position);
  }

  get hasMore() {
    return this.#pages.hasMore;
  }

  get #closed() {
    return this.#controller.signal.aborted;
  }

  close() {
    this.#controller.abort();
    this.#stream.close();
    this.#settleSoon.cancel();
  }

  pause() {
    this.#stream.pause();
  }

  resume() {
    this.#stream.resume();
  }

  /** Loads the next page, unless the last one failed: a reader asks for that one by `retry`. */
  loadMore() {
    if (!this.failed) this.#loadPage();
  }

  /** Loads the page that failed. */
  retry() {
    if (this.#closed) return;
    if (this.feed.size === 0) return this.#listener.restart();
    this.failed = false;
    this.#listener.retrying();
    this.#loadPage();
  }

  /** Moves the waiting arrivals into the feed, and returns them. */
  insertArrivals() {
    const released = this.arrivals.release();
    const requests = this.feed.blocks.requestsToComplete(released);
    this.feed.insert(released);
    this.#requests.complete(requests);
    return released;
  }

  /** Promises true if the project has no activity under any filters. */
  async hasNothing() {
    const pages = Pages.ofActivities(this.#client, new URLSearchParams(), this.#controller.signal);
    return pages.next(1).then(({ length }) => length === 0, () => false);
  }

  /** Loads steps that a block has left out. It rejects if they can't be had. */
  loadEarlier(request) {
    return this.#requests.loadEarlier(request);
  }

  #openStream(ready) {
    this.#listener.live("connecting");
    return new LiveStream(this.#client, filtersToQuery(this.#filters), {
      ready: ({ resumed, place }) => {
        if (this.#closed) return;
        if (!resumed) this.#statistics.follow(place);
        else if (!this.#statistics.loaded) this.#statistics.load();
        ready(true);
        this.#listener.live("live");
        this.#listener.reachable(true);
        if (this.failed) this.retry();
        else if (!resumed && this.#asked) this.#loadMissed();
      },
      activity: (json) => !this.#closed && this.#receive(activityFrom(json)),
      down: (error) => {
        if (this.#closed) return;
        ready(false);
        this.#listener.live("reconnecting");
        if (!(error instanceof Problem) && error) this.#listener.reachable(false);
      },
      refused: (error) => {
        if (this.#closed) return;
        ready(false);
        this.#listener.live("off");
        if (error.status === 401) this.#listener.failed(error);
        else if (isDenial(error)) this.#checkAccess();
      },
    });
  }

  /** Counts without a stream, if there is none yet: it counts anew when it begins. */
  async #countFirst(ready) {
    const isFollowed = await ready;
    if (!isFollowed && !this.#closed) this.#statistics.load();
  }

  async #loadFirst(ready, position) {
    await ready;
    if (this.#closed) return;
    const { action_id, offset, rows = PAGE } = position ?? {};
    await this.#loadPage(Math.min(PAGE_MAX, Math.max(PAGE, rows)));
    if (!position || this.#closed) return;
    if (position.opened) return this.#showOpened();
    const rowsMax = position.rows === undefined ? RESTORED_MAX : Math.min(rows + PAGE_MAX, RESTORED_MAX);
    const isThere = () => this.feed.rowOf(action_id) !== null;
    const isToCome = () => !this.#closed && !this.failed && this.hasMore;
    while (!isThere() && isToCome() && this.feed.size < rowsMax) {
      await this.#loadPage(PAGE_MAX);
    }
    if (this.#closed) return;
    if (isThere() && offset === undefined) this.#listener.reached(this.feed.ownRowOf(action_id));
    else if (isThere()) this.#listener.restored(this.feed.rowOf(action_id), offset);
    else if (offset === undefined && !this.failed) this.#listener.missed();
  }

  #showOpened() {
    const row = this.feed.firstOpened();
    if (row) this.#listener.openedFirst(row);
  }

  /** Loads one page at a time: a caller waits for the page that is already being loaded. */
  async #loadPage(limit = PAGE) {
    if (!this.hasMore) return;
    this.#loading ??= this.#loadNextPage(limit).finally(() => (this.#loading = null));
    await this.#loading;
    if (!this.#closed) this.#listener.pageEnded();
  }

  async #loadNextPage(limit) {
    this.#asked = true;
    this.#listener.busy(true);
    try {
      const blocks = await this.#pages.next(limit);
      if (this.#closed) return;
      this.failed = false;
      this.feed.append(blocks, !this.hasMore);
      this.arrivals.pageLoaded();
      this.#listener.reachable(true);
      this.#listener.loaded(blocks.flatMap(({ activities }) => activities));
      this.#settleSoon();
    } catch (error) {
      if (this.#closed) return;
      this.failed = true;
      this.#listener.failed(error);
    } finally {
      if (!this.#closed) this.#listener.busy(false);
    }
  }

  /** Loads the activities that arrived while there was no stream. */
  async #loadMissed() {
    await this.#loading;
    if (this.#closed) return;
    const pages = Pages.ofActivities(this.#client, filtersToQuery(this.#filters), this.#controller.signal);
    try {
      for (let count = 0; count < MISSED_PAGES_MAX && pages.hasMore; count++) {
        const activities = await pages.next(PAGE_MAX);
        if (this.#closed) return;
        const met = activities.some(({ id }) => this.feed.blocks.has(id));
        for (const activity of activities) this.#arrive(activity);
        if (met) return;
      }
      if (pages.hasMore) this.arrivals.overflowed = true;
    } catch {
      setTimeout(() => !this.#closed && this.#loadMissed(), MISSED_RETRY_MS);
    }
  }

  /** Takes an activity of the stream, which brings each one once. */
  #receive(activity) {
    if (!activity) return;
    this.#statistics.add(activity);
    this.#arrive(activity);
    this.#settleSoon();
  }

  #arrive(activity) {
    if (activity && this.arrivals.take(activity)) this.#settleSoon();
  }

  #settle() {
    if (this.#statistics.loaded) this.#listener.counted(this.#statistics);
    if (this.arrivals.count > 0) this.#listener.arrived();
  }

  /** Finds out whether the project may be seen: a stream may be refused alone. */
  async #checkAccess() {
    try {
      await this.#client.get("", new URLSearchParams({ limit: 1 }), this.#controller.signal);
    } catch (error) {
      const refused = error instanceof Problem && (error.status === 401 || isDenial(error));
      if (refused && !this.#closed) this.#listener.failed(error);
    }
  }
}
