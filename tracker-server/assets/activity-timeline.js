// `<activity-timeline src="https://console.example.org" project="project_7">`: who did what, live.
//
//     <script type="module" src="/assets/activity-timeline.js"></script>
//     <activity-timeline project="project_7"></activity-timeline>
//
// docs/console.md has its attributes, properties, events and parts. A request with a failure opens
// by itself, and is not among those that the reader has opened.

import { Client, Problem } from "./timeline-client.js";
import { debounce, isShortcut, upgrade } from "./timeline-dom.js";
import { End } from "./timeline-end.js";
import { failureState, isRefusal, isUnauthorized } from "./timeline-failure.js";
import { FilterBar } from "./timeline-filter-bar.js";
import { normalized, sameFilters, withValue } from "./timeline-filters.js";
import { Gestures } from "./timeline-gestures.js";
import { Histogram } from "./timeline-histogram.js";
import { Names } from "./timeline-names.js";
import { Opened } from "./timeline-opened.js";
import { Presence } from "./timeline-presence.js";
import { rowStyle } from "./timeline-row-style.js";
import { isAtTop, keepInSight, positionIn, scrollRowTo, scrollRowUp, scrollToTop, showRow } from "./timeline-scroll.js";
import { PAGE, Session } from "./timeline-session.js";
import { failureText, nothingMatches, nothingYet, skeleton } from "./timeline-states.js";
import { style } from "./timeline-style.js";
import { chooseLanguage, t } from "./timeline-texts.js";
import { View, newText } from "./timeline-view.js";
import { markLastVisit, visit } from "./timeline-visits.js";
import { isOwnZone, showZone, timeZone } from "./timeline-zone.js";
import { zoneSwitch } from "./timeline-zone-switch.js";

export { filtersFromQuery, filtersToQuery } from "./timeline-filters.js";

const ANNOUNCE_MS = 800;

export class ActivityTimeline extends HTMLElement {
  static observedAttributes = ["src", "project", "lang"];

  addressOf = this.addressOf ?? (() => null);
  projectsAddress = this.projectsAddress ?? null;
  #token = null;
  #filters = {};
  #wantedPosition = null;
  // True until the rows are loaded that the reader's own change of filters lets through.
  #filtersChanged = false;
  #starting = false;
  #session = null;
  #listening = null;
  #names = new Names((name) => this.#emit("project-name", { name }));
  #presence = new Presence({
    seen: () => {
      this.#session?.resume();
      this.#tick();
    },
    hidden: () => {
      this.#session?.pause();
      if (this.#session) this.#view.showLive("paused");
    },
    tick: () => this.#tick(),
    back: () => {
      this.#session?.resume();
      if (this.#session?.failed) this.#session.retry();
    },
    changed: () => this.#showOffline(),
  });

  #lastVisit_ms = null;
  #bar = null;
  #histogram = null;
  #view = null;
  #opened = new Opened(() => this.#emit("opened-change", { opened: this.opened }));
  #announceSoon = debounce((text) => this.#view.announce(text), ANNOUNCE_MS);
  #end = new End(this, {
    load: () => this.#loadMore(),
    ask: () => this.#view.showMore(() => this.#end.goOn()),
  });

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [style, rowStyle];
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
    return this.#session ? positionIn(this, this.#session.feed) : null;
  }

  set position(value) {
    this.#wantedPosition = value;
    this.#startSoon();
  }

  get opened() {
    return this.#opened.keys;
  }

  set opened(keys) {
    this.#opened.keys = keys;
    this.#session?.feed.showOpened();
  }

  get zone() {
    return timeZone();
  }

  set zone(name) {
    if (showZone(name) && this.#view) this.#changeZone();
  }

  connectedCallback() {
    upgrade(this, ["token", "filters", "position", "opened", "zone"]);
    if (chooseLanguage(this) || !this.#view) this.#build();
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    document.addEventListener("keydown", (event) => this.#onKey(event), { signal });
    document.addEventListener("pointerdown", (event) => this.#bar.closeMenus(event), { signal });
    this.#presence.listen(signal);
    this.#startSoon();
  }

  disconnectedCallback() {
    this.#listening.abort();
    this.#stop();
    this.#names.forget();
  }

  attributeChangedCallback(name, before, after) {
    // Before it is in a document, there is nothing to change.
    if (before === after || !this.#view) return;
    this.#stop();
    if (name === "lang" && chooseLanguage(this)) {
      this.#build();
    } else {
      // Nothing of another project stays on the screen.
      this.#view.removeRows();
      this.#histogram.show(null, true);
    }
    this.#startSoon();
  }

  /** Loads everything anew. */
  reload() {
    this.#startSoon();
  }

  /** Makes all elements anew, in the language that is chosen. */
  #build() {
    this.#bar = new FilterBar((filters, { continues }) => this.#changeFilters(filters, continues));
    this.#histogram = new Histogram((created_after, created_before) => {
      this.#changeFilters({ ...this.#filters, created_after, created_before });
    });
    const zone = zoneSwitch(() => {
      this.#emit("zone-change", { zone: isOwnZone() ? null : timeZone() });
      this.#changeZone();
      this.#view.focusZone();
    });
    this.#view = new View(this.#histogram, this.#bar, zone, () => this.#showArrivals());
    new Gestures(this.#view.rows, {
      filter: (name, value) => this.#changeFilters(withValue(this.#filters, name, value)),
      move: (step) => this.#move(step),
      focused: (row) => this.#session?.feed.takeTabStop(row),
      earlier: (request) => this.#session?.loadEarlier(request),
      said: (text) => this.#view.announce(text),
    });
    this.shadowRoot.replaceChildren(this.#view.element);
  }

  /** Starts once, however many properties are set one after the other. */
  #startSoon() {
    if (this.#starting) return;
    this.#starting = true;
    queueMicrotask(() => {
      this.#starting = false;
      if (this.isConnected && this.project) this.#start();
    });
  }

  #stop() {
    this.#session?.close();
    this.#session = null;
    this.#end.reset();
    this.#announceSoon.cancel();
  }

  #start() {
    this.#stop();
    const position = this.#wantedPosition;
    this.#wantedPosition = null;
    this.#bar.show(this.#filters);
    this.#histogram.filter(this.#filters);
    this.#view.hideMarker();
    this.#view.showMissed(false);
    this.#view.showBusy(true);
    this.#view.showEnd("");
    if (!this.#view.hasRows) this.#view.showState(skeleton());
    this.#bar.begin(this.src, this.project, this.#token);
    this.#names.begin(this.shadowRoot, this.src, this.project, this.#token);
    const client = Client.ofProject(this.src, this.project, this.#token);
    this.#session = new Session(client, this.#filters, position, { opened: this.#opened, addressOf: this.addressOf }, {
      busy: (busy) => this.#view.showBusy(busy),
      live: (state) => this.#view.showLive(state),
      reachable: (reachable) => this.#presence.setReachable(reachable),
      counted: (statistics) => this.#showStatistics(statistics),
      loaded: (activities) => {
        this.#noteVisit();
        this.#forgetHidden();
        this.#showRows(activities);
      },
      pageEnded: () => this.#watchEnd(),
      arrived: () => this.#receiveArrivals(),
      restored: (row, offset) => scrollRowTo(this, row, offset),
      reached: (row) => this.#reach(row),
      openedFirst: (row) => showRow(this, row),
      missed: () => this.#view.showMissed(true),
      retrying: () => this.#view.showEnd(""),
      failed: (error) => this.#showFailure(error),
      restart: () => this.#startSoon(),
    });
  }

  #showStatistics(statistics) {
    this.#histogram.show(statistics);
    if (statistics) this.#bar.offerTypes(this.#histogram.types());
  }

  /** Inserts the arrivals where the reader is at the top, and marks them where not. */
  #receiveArrivals() {
    const { count, overflowed } = this.#session.arrivals;
    if (!overflowed && !this.#view.isMarked && isAtTop(this)) this.#insertArrivals();
    else this.#view.showMarker(this.#session.arrivals);
    this.#announceSoon(newText(count, overflowed));
  }

  #insertArrivals() {
    const released = this.#session.insertArrivals();
    this.#view.showMarker(this.#session.arrivals);
    this.#showRows(released);
  }

  /** Shows the marked arrivals, from the top on. */
  #showArrivals() {
    scrollToTop(this);
    if (this.#session.arrivals.overflowed) return this.#startSoon();
    this.#insertArrivals();
    // The marker, which had the focus, is gone.
    this.#session.feed.firstRow()?.focus({ preventScroll: true });
  }

  /** Leads the reader to a row. */
  #reach(row) {
    row.focus({ preventScroll: true });
    scrollRowUp(this, row);
  }

  /** Shows the rows of the session, to which these activities have been added. */
  #showRows(activities) {
    const { feed, hasMore } = this.#session;
    this.#emit("activities-load", { count: feed.size });
    for (const activity of activities) this.#bar.offerSeen(activity);
    this.#view.showRows(feed);
    markLastVisit(feed.element, this.#lastVisit_ms, t("row.last-visit"));
    if (feed.size > 0) this.#view.showState(null);
    else if (hasMore) this.#view.showState(skeleton());
    else this.#showNothing(this.#session);
    if (!hasMore) this.#view.showEnd(feed.size > PAGE ? t("state.end") : "");
    this.#showOffline();
  }

  /** Tells filters that let nothing through from a project that has nothing. */
  async #showNothing(session) {
    const isFiltered = Object.keys(this.#filters).length > 0;
    if (isFiltered) this.#view.showState(nothingMatches(this.#filters.q !== undefined, () => this.#changeFilters({})));
    const hasNothing = !isFiltered || (await session.hasNothing());
    if (!hasNothing || session !== this.#session || session.feed.size > 0) return;
    this.#view.showState(nothingYet(this.project, this.projectsAddress));
  }

  /** Forgets what stood open among the former rows, and is not among those of other filters. */
  #forgetHidden() {
    if (!this.#filtersChanged) return;
    this.#filtersChanged = false;
    const { feed } = this.#session;
    this.#opened.keepThose((key) => feed.hasKey(key));
  }

  #showFailure(error) {
    if (isRefusal(error)) this.#leave();
    else if (!(error instanceof Problem)) this.#presence.setReachable(false);
    const retry = () => this.#session?.retry();
    if ((this.#session?.feed.size ?? 0) > 0) return this.#view.showEndFailure(failureText(error, this.src), retry);
    const asked = { src: this.src, token: this.#token, filters: this.#filters };
    this.#view.removeRows();
    this.#view.showState(failureState(error, asked, {
      restart: () => this.#startSoon(),
      retry,
      takeToken: (token) => this.#takeToken(token),
      removeFilter: (name) => this.#changeFilters({ ...this.#filters, [name]: null }),
    }));
    this.#showOffline();
    const nothingElseFocused = document.activeElement === document.body || document.activeElement === this;
    if (isUnauthorized(error) && nothingElseFocused) this.#view.focusState();
  }

  /** Removes all that may not be seen, or no longer. */
  #leave() {
    this.#stop();
    this.#names.forget();
    this.#view.showBusy(false);
    this.#view.showLive("off");
    this.#view.hideMarker();
    this.#view.removeRows();
    this.#histogram.show(null);
    this.#view.showEnd("");
    this.#showOffline();
  }

  #takeToken(token) {
    this.#emit("token-change", { token });
    // The same token starts anew as well: the server may have learned it.
    this.#token = token;
    this.#startSoon();
  }

  #showOffline() {
    this.#view.showOffline(this.#presence.isOffline && (this.#session?.feed.size ?? 0) > 0);
  }

  #tick() {
    if (this.#session?.feed.size > 0) this.#noteVisit();
    this.#session?.feed.refresh(Date.now());
  }

  /** Notes that a reader who may see the project sees it. */
  #noteVisit() {
    this.#lastVisit_ms = visit(`${this.src} ${this.project}`.trim(), Date.now());
    this.#bar.offerVisit(this.#lastVisit_ms);
  }

  /** Shows all times in another zone, from the same place on. */
  #changeZone() {
    this.#wantedPosition = this.position;
    this.#stop();
    this.#build();
    this.#startSoon();
  }

  #watchEnd() {
    if (this.#session.hasMore && !this.#session.failed) this.#end.watch(this.#view.end);
    else this.#end.stop();
  }

  #loadMore() {
    this.#view.showEnd("");
    this.#session?.loadMore();
  }

  #changeFilters(filters, continues = false) {
    const next = normalized(filters);
    if (sameFilters(next, this.#filters)) return;
    this.#emit("filters-change", { filters: structuredClone(next), continues });
    this.#filtersChanged = true;
    this.filters = next;
    // The chips change at once; the rows follow.
    this.#bar.show(this.#filters);
    if (!isAtTop(this)) scrollToTop(this);
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  #onKey(event) {
    if (!isShortcut(event)) return;
    if (event.key === "/") this.#bar.focusSearch();
    else if (event.key === "j" || event.key === "k") this.#move(event.key === "j" ? 1 : -1);
    else return;
    event.preventDefault();
  }

  #move(step) {
    const focused = this.shadowRoot.activeElement?.closest(".row") ?? null;
    const row = this.#session?.feed.neighbour(focused, step);
    if (!row) return;
    row.focus({ preventScroll: true });
    keepInSight(row);
  }
}

customElements.define("activity-timeline", ActivityTimeline);
