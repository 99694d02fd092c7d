// `<activity-timeline src="https://console.example.org" project="project_7">`: who did what, live.
//
// Serve the `timeline-*.js` modules beside this one, and load this one alone:
//
//     <script type="module" src="/assets/activity-timeline.js"></script>
//     <activity-timeline project="project_7"></activity-timeline>
//
// Attributes
//     src       what stands before `/api/projects/…`; "" (the default) is the page's own origin
//     project   the project's ID; nothing is loaded without one
//     theme     "light" or "dark"; without it what the viewer's system prefers
//
// Properties
//     token     sent as `Authorization: Bearer`, or `null`
//     filters   as `timeline-filters.js` describes them; setting them loads anew
//     position  where the reader is, `{ action_id, offset, rows }`, or `null` at the top; setting it goes there
//
// Events, which bubble out of shadow roots
//     filters-change   the user has changed the filters: `detail.filters`, and `detail.continues` while the same
//                      search is still being typed. Dispatched while the former rows are still there.
//     token-change     the user has entered a token: `detail.token`. Keep it, as long as you think fit.
//
// To keep the filters in the page's address, as page.js does:
//
//     import { filtersFromQuery, filtersToQuery } from "./activity-timeline.js";
//
//     timeline.filters = filtersFromQuery(location.search);
//     timeline.addEventListener("filters-change", ({ detail }) => {
//       history.pushState(null, "", `?${filtersToQuery(detail.filters, location.search)}`);
//     });
//     addEventListener("popstate", () => (timeline.filters = filtersFromQuery(location.search)));
//
// Looks: set these custom properties on the element; each has a default for light and for dark.
//     --timeline-background  --timeline-surface (hovered rows, chips)  --timeline-border
//     --timeline-text        --timeline-muted (secondary text)         --timeline-accent
//     --timeline-danger      --timeline-warning
//     --timeline-font        --timeline-font-mono                      --timeline-radius
//     --timeline-sticky-top  height of a bar of yours that sticks to the top, 0px
// Whatever has a `part` attribute can be styled with `::part()`.

import { activityFrom } from "./timeline-activity.js";
import { Arrivals } from "./timeline-arrivals.js";
import { Client, Problem } from "./timeline-client.js";
import { debounce, element, isEditable, setText } from "./timeline-dom.js";
import { Feed } from "./timeline-feed.js";
import { FilterBar } from "./timeline-filter-bar.js";
import { filtersToQuery, normalized, sameFilters, withValue } from "./timeline-filters.js";
import { Histogram } from "./timeline-histogram.js";
import { icon } from "./timeline-icons.js";
import { Pages } from "./timeline-pages.js";
import { distanceFromTop, isAtTop, scrollToTop, scrollerOf } from "./timeline-scroll.js";
import { failed, nothingMatches, nothingYet, skeleton, tokenWanted } from "./timeline-states.js";
import { LiveStream } from "./timeline-stream.js";
import { style } from "./timeline-style.js";
import { timeZone, utcOffset } from "./timeline-time.js";

export { filtersFromQuery, filtersToQuery } from "./timeline-filters.js";

const PAGE = 50;
const PAGE_MAX = 200;
const RESTORED_MAX = 2_000;
const MISSED_PAGES_MAX = 5;
const MISSED_RETRY_MS = 5_000;
// The first page waits for the stream, so that nothing falls between them; but not for long.
const STREAM_READY_MS = 250;
const ARRIVALS_SETTLE_MS = 60;
const ANNOUNCE_MS = 800;
const TICK_MS = 15_000;

const LIVE = { connecting: "", live: "Live", reconnecting: "Reconnecting…", paused: "Paused", off: "Not live" };

export class ActivityTimeline extends HTMLElement {
  static observedAttributes = ["src", "project"];

  #token = null;
  #filters = {};
  #wantedPosition = null;
  #starting = false;
  /** What belongs to one project and set of filters; all of it is left behind when they change. */
  #session = null;
  #reachable = true;
  #listening = null;

  #bar = new FilterBar((filters, { continues }) => this.#changeFilters(filters, continues));
  #histogram = new Histogram((created_after, created_before) => {
    this.#changeFilters({ ...this.#filters, created_after, created_before });
  });
  #live = element("span", { class: "live", part: "live" });
  #markerText = element("span");
  #markerButton = element("button", { type: "button", part: "marker" }, icon("up"), this.#markerText);
  #marker = element("div", { class: "marker", hidden: true }, this.#markerButton);
  #rows = element("div", { class: "rows", "aria-busy": "false" });
  #state = element("div", { class: "place" });
  #end = element("div", { class: "end", part: "end" });
  #offline = element("div", { class: "offline", part: "offline", role: "status", hidden: true });
  #announced = element("div", { class: "quiet", role: "status", "aria-live": "polite", part: "announcement" });
  #timeline = element(
    "div",
    { class: "timeline", part: "timeline" },
    element("div", { class: "caption" }, this.#histogram.total, this.#live, this.#histogram.reading),
    this.#histogram.element,
    this.#bar.element,
    this.#marker,
    this.#rows,
    this.#state,
    this.#end,
    this.#offline,
    this.#announced,
  );

  #settleSoon = debounce(() => this.#settleArrivals(), ARRIVALS_SETTLE_MS);
  #announceSoon = debounce((text) => (this.#announced.textContent = text), ANNOUNCE_MS);
  #endSeen = new IntersectionObserver((entries) => entries.at(-1).isIntersecting && this.#loadMore(), {
    rootMargin: "1200px 0px",
    scrollMargin: "1200px 0px",
  });

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [style];
    root.append(this.#timeline);
    this.#rows.addEventListener("click", (event) => this.#filterBy(event.target.closest("[data-filter]")));
    this.#rows.addEventListener("focusin", ({ target }) => {
      const row = target.closest(".row");
      if (row) this.#session?.feed.takeTabStop(row);
    });
    this.#rows.addEventListener("keydown", (event) => this.#moveByArrows(event));
    this.#markerButton.addEventListener("click", () => this.#showArrivals());
  }

  get src() {
    return this.getAttribute("src") ?? "";
  }

  set src(value) {
    this.setAttribute("src", value);
  }

  get project() {
    return this.getAttribute("project");
  }

  set project(value) {
    this.setAttribute("project", value);
  }

  get token() {
    return this.#token;
  }

  set token(value) {
    const token = value || null;
    if (token === this.#token) return;
    this.#token = token;
    this.#startSoon();
  }

  get filters() {
    return structuredClone(this.#filters);
  }

  set filters(value) {
    if (sameFilters(value, this.#filters)) return;
    this.#filters = normalized(value);
    this.#startSoon();
  }

  get position() {
    const feed = this.#session?.feed;
    if (!feed || isAtTop(this)) return null;
    const scroller = scrollerOf(this);
    const row = feed.topmost(scroller === document.scrollingElement ? 0 : scroller.getBoundingClientRect().top);
    if (!row) return null;
    return { action_id: row.dataset.actionId, offset: Math.round(distanceFromTop(row, scroller)), rows: feed.size };
  }

  set position(value) {
    this.#wantedPosition = value;
    this.#startSoon();
  }

  connectedCallback() {
    for (const name of ["token", "filters", "position"]) this.#upgrade(name);
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    document.addEventListener("keydown", (event) => this.#onKey(event), { signal });
    document.addEventListener("pointerdown", (event) => this.#bar.closeMenus(event), { signal });
    document.addEventListener("visibilitychange", () => this.#visibilityChanged(), { signal });
    window.addEventListener("online", () => this.#connectionIsBack(), { signal });
    window.addEventListener("offline", () => this.#setReachable(false), { signal });
    const ticking = setInterval(() => this.#tick(), TICK_MS);
    signal.addEventListener("abort", () => clearInterval(ticking));
    this.#startSoon();
  }

  disconnectedCallback() {
    this.#listening.abort();
    this.#stop();
  }

  attributeChangedCallback(_name, before, after) {
    if (before === after) return;
    // Nothing of another project stays on the screen.
    this.#stop();
    this.#rows.replaceChildren();
    this.#histogram.show(null);
    this.#startSoon();
  }

  /** Loads everything anew. */
  reload() {
    this.#startSoon();
  }

  /** A property that was set before the element was defined hides the accessor. */
  #upgrade(name) {
    if (!Object.hasOwn(this, name)) return;
    const value = this[name];
    delete this[name];
    this[name] = value;
  }

  /** Once, however many properties are set one after the other. */
  #startSoon() {
    if (this.#starting) return;
    this.#starting = true;
    queueMicrotask(() => {
      this.#starting = false;
      if (this.isConnected && this.project) this.#start();
    });
  }

  #stop() {
    this.#session?.controller.abort();
    this.#session?.stream.close();
    this.#session = null;
    this.#endSeen.disconnect();
    this.#settleSoon.cancel();
    this.#announceSoon.cancel();
  }

  #start() {
    this.#stop();
    const position = this.#wantedPosition;
    this.#wantedPosition = null;
    const controller = new AbortController();
    const client = new Client(this.src, this.project, this.#token);
    const parameters = filtersToQuery(this.#filters);
    const feed = new Feed();
    const session = {
      controller,
      client,
      feed,
      arrivals: new Arrivals(feed),
      pages: new Pages(client, parameters, controller.signal),
      stream: null,
      /** Not yet in the histogram. */
      uncounted: [],
      counted: false,
      loading: null,
      asked: false,
      failed: false,
    };
    this.#session = session;
    this.#bar.show(this.#filters);
    this.#histogram.filter(this.#filters);
    this.#showMarker();
    this.#setBusy(true);
    this.#end.replaceChildren();
    if (this.#rows.childElementCount === 0) this.#showState(skeleton());
    const ready = new Promise((resolve) => (session.stream = this.#openStream(session, parameters, resolve)));
    if (document.hidden) session.stream.pause();
    this.#loadStatistics(session);
    this.#loadFirst(session, ready, position);
  }

  #openStream(session, parameters, ready) {
    this.#setLive("connecting");
    const current = () => session === this.#session;
    return new LiveStream(session.client, parameters, {
      ready: ({ resumed }) => {
        if (!current()) return;
        ready();
        this.#setLive("live");
        this.#setReachable(true);
        if (session.failed) this.#retry(session);
        else if (!resumed && session.asked) this.#loadMissed(session);
        if (!session.counted) this.#loadStatistics(session);
      },
      activity: (json) => current() && this.#arrive(session, activityFrom(json)),
      down: (error) => {
        if (!current()) return;
        ready();
        this.#setLive("reconnecting");
        if (!(error instanceof Problem) && error) this.#setReachable(false);
      },
      refused: (error) => {
        if (!current()) return;
        ready();
        this.#setLive("off");
        if (error.status === 401) this.#askForToken();
        else if (isDenial(error)) this.#checkAccess(session);
      },
    });
  }

  async #loadFirst(session, ready, position) {
    await Promise.race([ready, new Promise((resolve) => setTimeout(resolve, STREAM_READY_MS))]);
    if (session !== this.#session) return;
    await this.#loadPage(session, position ? Math.min(PAGE_MAX, Math.max(PAGE, position.rows)) : PAGE);
    if (!position) return;
    const isThere = () => session.feed.rowOf(position.action_id) !== null;
    const isToCome = () => session === this.#session && !session.failed && session.pages.hasMore;
    while (!isThere() && isToCome() && session.feed.size < Math.min(position.rows + PAGE_MAX, RESTORED_MAX)) {
      await this.#loadPage(session, PAGE_MAX);
    }
    if (session === this.#session && isThere()) this.#scrollTo(session.feed.rowOf(position.action_id), position.offset);
  }

  /** One page at a time: whoever asks meanwhile waits for the one that is on its way. */
  async #loadPage(session, limit = PAGE) {
    if (!session.pages.hasMore) return;
    session.loading ??= this.#loadNextPage(session, limit).finally(() => (session.loading = null));
    await session.loading;
    this.#watchEnd(session);
  }

  async #loadNextPage(session, limit) {
    session.asked = true;
    session.arrivals.pageRequested();
    this.#setBusy(true);
    try {
      const activities = await session.pages.next(limit);
      if (session !== this.#session) return;
      session.failed = false;
      session.feed.append(activities, !session.pages.hasMore);
      session.arrivals.pageLoaded();
      for (const activity of activities) this.#bar.offerSeen(activity);
      this.#setReachable(true);
      this.#showRows(session);
      this.#settleSoon();
    } catch (error) {
      if (session !== this.#session) return;
      session.arrivals.pageFailed();
      session.failed = true;
      this.#showFailure(session, error);
    } finally {
      if (session === this.#session) this.#setBusy(false);
    }
  }

  #loadMore() {
    if (this.#session && !this.#session.failed) this.#loadPage(this.#session);
  }

  /** Without the range and the action types: of those the histogram and the menu show what else there is. */
  async #loadStatistics(session) {
    const { action_type, created_after, created_before, ...others } = this.#filters;
    session.counted = true;
    try {
      const { days } = await this.#countDays(session, others);
      if (session !== this.#session) return;
      this.#histogram.show(Array.isArray(days) ? days : []);
      this.#bar.offerTypes(this.#histogram.types());
    } catch {
      // The list says what is wrong; the bars are drawn once the server can be reached again.
      session.counted = false;
      if (session === this.#session) this.#histogram.show([]);
    }
  }

  /**
   * By the days of the viewer's zone; where the server does not know that, with the offset of now,
   * which is that of half of the year.
   */
  async #countDays({ client, controller }, filters) {
    const count = (name, value) => {
      const parameters = filtersToQuery(filters);
      parameters.set(name, value);
      return client.get("/stats", parameters, controller.signal);
    };
    try {
      return await count("time_zone", timeZone());
    } catch (error) {
      if (error instanceof Problem && error.status === 400) return count("utc_offset", utcOffset());
      throw error;
    }
  }

  /** What came while no stream was there to tell. */
  async #loadMissed(session) {
    await session.loading;
    if (session !== this.#session) return;
    const pages = new Pages(session.client, filtersToQuery(this.#filters), session.controller.signal);
    try {
      for (let count = 0; count < MISSED_PAGES_MAX && pages.hasMore; count++) {
        const activities = await pages.next(PAGE_MAX);
        if (session !== this.#session) return;
        const met = activities.some(({ id }) => session.feed.has(id));
        for (const activity of activities) this.#arrive(session, activity);
        if (met) return;
      }
      if (pages.hasMore) session.arrivals.overflowed = true;
    } catch {
      setTimeout(() => session === this.#session && this.#loadMissed(session), MISSED_RETRY_MS);
    }
  }

  #retry(session) {
    if (!session || session !== this.#session) return;
    if (session.feed.size === 0) return this.#startSoon();
    session.failed = false;
    this.#end.replaceChildren();
    this.#loadPage(session);
  }

  #arrive(session, activity) {
    if (!activity || !session.arrivals.take(activity)) return;
    session.uncounted.push(activity);
    this.#settleSoon();
  }

  #settleArrivals() {
    const session = this.#session;
    if (!session) return;
    const uncounted = session.uncounted.splice(0);
    if (session.counted && uncounted.length > 0) this.#histogram.count(uncounted);
    const { count, overflowed } = session.arrivals;
    if (count === 0) return;
    if (!overflowed && this.#marker.hidden && isAtTop(this)) {
      this.#insertArrivals();
    } else {
      this.#showMarker();
    }
    this.#announceSoon(newText(count, overflowed));
  }

  #insertArrivals() {
    const { arrivals, feed } = this.#session;
    const released = arrivals.release();
    feed.insert(released);
    for (const activity of released) this.#bar.offerSeen(activity);
    this.#showMarker();
    this.#showRows(this.#session);
  }

  /** What the marker stands for, from the top on. */
  #showArrivals() {
    scrollToTop(this);
    if (this.#session.arrivals.overflowed) return this.#startSoon();
    this.#insertArrivals();
    // The marker, which had the focus, is gone.
    this.#session.feed.firstRow()?.focus({ preventScroll: true });
  }

  #showMarker() {
    const { count, overflowed } = this.#session.arrivals;
    this.#marker.hidden = count === 0;
    setText(this.#markerText, newText(count, overflowed));
  }

  #showRows({ feed, pages }) {
    if (this.#rows.firstElementChild !== feed.element) this.#rows.replaceChildren(feed.element);
    this.#rows.hidden = false;
    if (feed.size > 0) this.#showState(null);
    else if (pages.hasMore) this.#showState(skeleton());
    else if (Object.keys(this.#filters).length > 0) this.#showState(nothingMatches(() => this.#changeFilters({})));
    else this.#showState(nothingYet());
    const end = feed.size > PAGE && !pages.hasMore ? "That is all." : "";
    this.#end.replaceChildren(end);
    this.#showOffline();
  }

  /** Of a stream that is refused it is not known whether it alone is. */
  async #checkAccess(session) {
    try {
      await session.client.get("", new URLSearchParams({ limit: 1 }), session.controller.signal);
    } catch (error) {
      const refused = error instanceof Problem && (error.status === 401 || isDenial(error));
      if (refused && session === this.#session) this.#showFailure(session, error);
    }
  }

  #showFailure(session, error) {
    if (error instanceof Problem && error.status === 401) return this.#askForToken();
    if (isDenial(error)) return this.#showDenial(error);
    const unreachable = !(error instanceof Problem);
    if (unreachable) this.#setReachable(false);
    const message = unreachable ? "The server can't be reached." : error.message;
    if (session.feed.size === 0) {
      this.#rows.replaceChildren();
      this.#showState(failed(message, () => this.#retry(session)));
      this.#showOffline();
      return;
    }
    const retry = element("button", { type: "button", class: "plain", part: "retry" }, "Retry");
    retry.addEventListener("click", () => this.#retry(session));
    this.#end.replaceChildren(element("span", { role: "alert" }, message), retry);
  }

  #showDenial(error) {
    this.#leave();
    this.#showState(failed(error.message, () => this.#startSoon()));
  }

  /** Nothing stays of what may not be seen, or no longer. */
  #leave() {
    this.#stop();
    this.#setBusy(false);
    this.#setLive("off");
    this.#marker.hidden = true;
    this.#rows.replaceChildren();
    this.#histogram.show([]);
    this.#end.replaceChildren();
    this.#showOffline();
  }

  #askForToken() {
    this.#leave();
    const given = (token) => {
      this.#emit("token-change", { token });
      // Also the same one once more: the server may have learned it.
      this.#token = token;
      this.#startSoon();
    };
    this.#showState(tokenWanted(this.#token !== null, given));
    const nothingElseFocused = document.activeElement === document.body || document.activeElement === this;
    if (nothingElseFocused) this.#state.querySelector("input").focus({ preventScroll: true });
  }

  #showState(shown) {
    if (shown) this.#state.replaceChildren(shown);
    else this.#state.replaceChildren();
    this.#timeline.dataset.state = shown?.dataset.state ?? "rows";
  }

  #setBusy(busy) {
    this.#rows.setAttribute("aria-busy", String(busy));
    this.#timeline.dataset.busy = String(busy);
  }

  #setLive(live) {
    this.#timeline.dataset.live = live;
    setText(this.#live, LIVE[live]);
  }

  #setReachable(reachable) {
    this.#reachable = reachable;
    this.#showOffline();
  }

  #showOffline() {
    const offline = (!this.#reachable || !navigator.onLine) && (this.#session?.feed.size ?? 0) > 0;
    // A text that comes into a status that is there already is read out.
    this.#offline.hidden = !offline;
    setText(this.#offline, offline ? "Offline: showing what was loaded" : "");
  }

  #connectionIsBack() {
    this.#reachable = true;
    this.#session?.stream.resume();
    if (this.#session?.failed) this.#retry(this.#session);
    this.#showOffline();
  }

  #visibilityChanged() {
    if (document.hidden) {
      this.#session?.stream.pause();
      if (this.#session) this.#setLive("paused");
    } else {
      this.#session?.stream.resume();
      this.#tick();
    }
  }

  #tick() {
    if (!document.hidden) this.#session?.feed.refresh(Date.now());
  }

  /** Observed anew after each page: an end that stays in sight is no news to an observer. */
  #watchEnd(session) {
    this.#endSeen.disconnect();
    if (session === this.#session && session.pages.hasMore && !session.failed) this.#endSeen.observe(this.#end);
  }

  #filterBy(button) {
    if (!button) return;
    this.#changeFilters(withValue(this.#filters, button.dataset.filter, button.dataset.value));
  }

  #changeFilters(filters, continues = false) {
    const next = normalized(filters);
    if (sameFilters(next, this.#filters)) return;
    this.#emit("filters-change", { filters: structuredClone(next), continues });
    this.filters = next;
    // At once, for the chips: the rows follow.
    this.#bar.show(this.#filters);
    if (!isAtTop(this)) scrollToTop(this);
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  #onKey(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isEditable(event.composedPath()[0])) return;
    if (event.key === "/") this.#bar.focusSearch();
    else if (event.key === "j" || event.key === "k") this.#move(event.key === "j" ? 1 : -1);
    else return;
    event.preventDefault();
  }

  #moveByArrows(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    event.preventDefault();
    this.#move(step);
  }

  #move(step) {
    const focused = this.shadowRoot.activeElement?.closest(".row") ?? null;
    const row = this.#session?.feed.neighbour(focused, step);
    if (!row) return;
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  /** Again for some frames, since rows get their height only when they come into sight. */
  #scrollTo(row, offset, frames = 12) {
    scrollerOf(this).scrollBy({ top: distanceFromTop(row) - offset, behavior: "instant" });
    if (frames > 0 && row.isConnected) requestAnimationFrame(() => this.#scrollTo(row, offset, frames - 1));
  }
}

function isDenial(error) {
  return error instanceof Problem && (error.status === 403 || error.status === 404);
}

function newText(count, overflowed) {
  return `${count}${overflowed ? "+" : ""} new ${count === 1 ? "activity" : "activities"}`;
}

customElements.define("activity-timeline", ActivityTimeline);
