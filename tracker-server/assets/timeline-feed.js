// The rows: one `role="feed"` for each day, below its heading. A day has rows, blocks and folds,
// each of which is made once, and anew when it has changed.

import { compare } from "./timeline-activity.js";
import { blockOf } from "./timeline-block.js";
import { Blocks, WITHOUT_DATE } from "./timeline-blocks.js";
import { disclosureOf } from "./timeline-disclosure.js";
import { element, setText } from "./timeline-dom.js";
import { keepFocus } from "./timeline-focus.js";
import { foldOf } from "./timeline-fold.js";
import { entriesOf } from "./timeline-folds.js";
import { refreshAges } from "./timeline-parts.js";
import { rowOf } from "./timeline-row.js";
import { firstWhere } from "./timeline-search.js";
import { t } from "./timeline-texts.js";
import { dayHeading } from "./timeline-time.js";
import { HOUR_MS, dayKey } from "./timeline-zone.js";

const HIGHLIGHT_MS = 2_000;

export class Feed {
  /** The element with the rows, to be put into the page. */
  element = element("div", { class: "days", part: "feed" });
  /** The blocks that the rows show. */
  blocks = new Blocks();
  #opened;
  #rules;
  // The days on the page by their keys: `{ section, heading, feed, entries }`. An entry is
  // `{ key, version, element, activities }`.
  #days = new Map();
  #tabStop = null;
  #refreshed_ms = Date.now();
  #headingsOf = dayKey(Date.now());

  /**
   * `opened` tells what stands open, as `timeline-opened.js` keeps it. All requests open by
   * themselves if `opensRequests` is true. `addressOf(id)` is the page of an activity, or `null`.
   */
  constructor(opened, { opensRequests = false, addressOf = () => null } = {}) {
    this.#opened = opened;
    this.#rules = { opensRequests, addressOf };
  }

  /** The number of activities. */
  get size() {
    return this.blocks.size;
  }

  /** Adds a page of blocks, below all others. */
  append(page, complete) {
    this.#show(this.blocks.append(page, complete));
  }

  /** Inserts each activity by its time, and highlights it for a moment. */
  insert(activities) {
    this.#show(this.blocks.insert(activities));
    for (const { id } of activities) {
      const row = this.rowOf(id);
      if (!row) continue;
      row.dataset.fresh = "";
      setTimeout(() => delete row.dataset.fresh, HIGHLIGHT_MS);
    }
  }

  /** Adds older activities of a request. `hasMore` is true if yet older ones are to come. */
  complete(request, activities, hasMore) {
    this.#show(this.blocks.complete(request, activities, hasMore));
  }

  /** Opens and closes rows as it is told by what stands open. */
  showOpened() {
    for (const row of this.element.querySelectorAll(".row")) disclosureOf(row)?.show();
  }

  /** Brings relative times and headings up to date. */
  refresh(now_ms) {
    // Rows that were older than an hour at the last refresh show a time that does not change.
    const settled_ms = this.#refreshed_ms - HOUR_MS;
    this.#refreshed_ms = now_ms;
    for (const entry of this.#inOrder().flatMap(({ entries }) => entries)) {
      const { time_ms } = newestOf(entry);
      if (time_ms === null || time_ms < settled_ms) break;
      refreshAges(entry.element, now_ms);
    }
    if (this.#headingsOf === dayKey(now_ms)) return;
    this.#headingsOf = dayKey(now_ms);
    for (const [key, { heading, entries }] of this.#days) setText(heading, headingText(key, entries, now_ms));
  }

  /** Returns the row, the block or the fold that has the activity, or `null`. */
  rowOf(id) {
    return this.#entryOf(id)?.element ?? null;
  }

  /** Returns the activity's own row where its block or fold is open, else as {@link rowOf}. */
  ownRowOf(id) {
    const entry = this.rowOf(id);
    return entry?.querySelector(`[data-action-id="${CSS.escape(id)}"]`) ?? entry;
  }

  /** Returns true if a key of what stands open is that of a loaded row, block or fold. */
  hasKey(key) {
    return this.blocks.has(key.replace(/^fold:/, "")) || this.blocks.hasRequest(key);
  }

  /** Returns the first row, block or fold that the reader has opened, or `null`. */
  firstOpened() {
    const keys = new Set(this.#opened.keys);
    return [...this.element.querySelectorAll(".row")].find(({ dataset }) => keys.has(dataset.key)) ?? null;
  }

  firstRow() {
    return this.#inOrder()[0]?.entries[0].element ?? null;
  }

  /**
   * Returns the row that is `step` further than `row`, also into and out of open ones, or the
   * topmost visible one if there is no `row`.
   */
  neighbour(row, step) {
    if (!row) return this.topmost(0)?.element ?? null;
    const isRow = (node) => (node.classList.contains("row") ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_SKIP);
    const walker = document.createTreeWalker(this.element, NodeFilter.SHOW_ELEMENT, isRow);
    walker.currentNode = row;
    return step > 0 ? walker.nextNode() : walker.previousNode();
  }

  /**
   * Returns the first row, block or fold that ends below `y` in the window, `{ element, id }` with
   * the ID of its newest activity, or `null`.
   */
  topmost(y) {
    const endsBelow = (node) => node.getBoundingClientRect().bottom > y;
    const day = firstWhere(this.#inOrder(), ({ section }) => endsBelow(section));
    const entry = day && firstWhere(day.entries, (entry) => endsBelow(entry.element));
    return entry ? { element: entry.element, id: newestOf(entry).id } : null;
  }

  /** Makes a row the only one that Tab leads to. */
  takeTabStop(row) {
    if (this.#tabStop) this.#tabStop.tabIndex = -1;
    this.#tabStop = row;
    if (row) row.tabIndex = 0;
  }

  #inOrder() {
    return this.blocks.days.map(({ key }) => this.#days.get(key));
  }

  #entryOf(id) {
    const block = this.blocks.blockOf(id);
    if (!block) return null;
    return this.#days.get(block.day).entries.find(({ activities }) => activities.some((activity) => activity.id === id));
  }

  /** Shows the days with these keys, which have changed. */
  #show(changed) {
    const restoreFocus = keepFocus(this.element, (row) => this.#rowLike(row));
    for (const key of changed) if (!this.blocks.days.some((day) => day.key === key)) this.#remove(key);
    for (const [place, { key, blocks }] of this.blocks.days.entries()) {
      if (changed.has(key)) this.#showDay(place, key, blocks);
    }
    this.#number(changed);
    restoreFocus();
    if (!this.#tabStop?.isConnected) this.takeTabStop(this.firstRow());
  }

  #remove(key) {
    this.#days.get(key)?.section.remove();
    this.#days.delete(key);
  }

  #showDay(place, key, blocks) {
    const day = this.#days.get(key) ?? newDay(key);
    const known = new Map(day.entries.map((entry) => [entry.key, entry]));
    day.entries = entriesOf(blocks).map((entry) => {
      const { key, version } = identityOf(entry);
      const former = known.get(key);
      return former?.version === version ? former : { key, version, ...this.#made(entry) };
    });
    replaceChildren(day.feed, day.entries.map((entry) => entry.element));
    day.section.style.setProperty("--rows", day.entries.length);
    setText(day.heading, headingText(key, day.entries, Date.now()));
    if (this.#days.has(key)) return;
    this.#days.set(key, day);
    const below = this.blocks.days.slice(place + 1).find((other) => this.#days.has(other.key));
    this.element.insertBefore(day.section, below ? this.#days.get(below.key).section : null);
  }

  #made({ activity, run, block }) {
    const context = { opened: this.#opened, ...this.#rules, now_ms: Date.now() };
    if (activity) return { element: rowOf(activity, context), activities: [activity] };
    if (run) return { element: foldOf(run, context), activities: run };
    return { element: blockOf(block, context), activities: block.activities };
  }

  /** Numbers the rows of days that have changed, and of the last one, whose end may be known. */
  #number(changed) {
    for (const [place, { key }] of this.blocks.days.entries()) {
      const isLast = place === this.blocks.days.length - 1;
      const { feed, entries } = this.#days.get(key);
      const size = isLast && !this.blocks.isComplete ? -1 : entries.length;
      if (!changed.has(key) && feed.dataset.size === String(size)) continue;
      feed.dataset.size = size;
      entries.forEach(({ element }, index) => {
        setAttribute(element, "aria-posinset", index + 1);
        setAttribute(element, "aria-setsize", size);
      });
    }
  }

  /** Returns the row that stands for one that has gone. */
  #rowLike({ dataset: { key, actionId } }) {
    const same = [...this.element.querySelectorAll(".row")].find((row) => row.dataset.key === key);
    return same ?? this.rowOf(actionId ?? key.replace(/^fold:/, ""));
  }
}

function newDay(key) {
  const heading = element("h2", { class: "day", part: "day", id: `day-${key}` });
  const feed = element("div", { role: "feed", "aria-labelledby": heading.id });
  return { section: element("section", { "data-day": key }, heading, feed), heading, feed, entries: [] };
}

function headingText(key, entries, now_ms) {
  return key === WITHOUT_DATE ? t("time.no-date") : dayHeading(newestOf(entries[0]).time_ms, now_ms);
}

/** Returns the key of an entry within its day, and the version, which another content has not. */
function identityOf({ activity, run, block }) {
  if (activity) return { key: activity.id, version: 1 };
  if (run) return { key: `fold ${run.at(-1).id}`, version: `${run[0].id} ${run.length}` };
  return { key: block.key, version: block.version };
}

/** Returns the newest activity of an entry; only those of a block are the oldest first. */
function newestOf({ activities }) {
  return compare(activities[0], activities.at(-1)) < 0 ? activities[0] : activities.at(-1);
}

/** Makes `children` the children of a node, and leaves those alone that are in their place. */
function replaceChildren(node, children) {
  const kept = new Set(children);
  for (const child of [...node.children]) if (!kept.has(child)) child.remove();
  let place = node.firstElementChild;
  for (const child of children) {
    if (child === place) place = place.nextElementSibling;
    else node.insertBefore(child, place);
  }
}

function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}
