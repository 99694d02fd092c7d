// The rows: one `role="feed"` for each day, below its heading. A row does not change once it is
// made. Pages are appended, and late rows are inserted in their place.

import { compare } from "./timeline-activity.js";
import { element, setText } from "./timeline-dom.js";
import { refreshTime, rowOf } from "./timeline-row.js";
import { t } from "./timeline-texts.js";
import { dayHeading } from "./timeline-time.js";
import { DAY_MS, HOUR_MS, dayKey } from "./timeline-zone.js";

const WITHOUT_DATE = "none";
const HIGHLIGHT_MS = 2_000;

export class Feed {
  /** The element with the rows, to be put into the page. */
  element = element("div", { class: "days", part: "feed" });
  /** True if no older activities are to come. */
  #complete = false;
  // The days, the newest first, each with its entries in the same order.
  #groups = [];
  #ids = new Set();
  #tabStop = null;
  #headingsOf = dayKey(Date.now());

  get size() {
    return this.#ids.size;
  }

  has(id) {
    return this.#ids.has(id);
  }

  /** Returns true if the activity belongs among the loaded ones, and not below their end. */
  covers(activity) {
    const last = this.#groups.at(-1)?.entries.at(-1);
    return this.#complete || (last !== undefined && compare(activity, last.activity) < 0);
  }

  clear() {
    this.#groups = [];
    this.#ids.clear();
    this.#tabStop = null;
    this.#complete = false;
    this.element.replaceChildren();
  }

  /** Adds a page, in the server's order, below all other rows. */
  append(activities, complete) {
    for (const activity of activities) this.#add(activity, (group) => group.entries.length);
    this.#complete = complete;
    if (complete && this.#groups.length > 0) this.#sizeKnown(this.#groups.at(-1));
    this.#offerTabStop();
  }

  /** Inserts each activity by its time, and highlights it for a moment. */
  insert(activities) {
    const changed = new Set();
    for (const activity of activities) {
      const row = this.#add(activity, (group) => positionIn(group.entries, activity));
      if (!row) continue;
      row.dataset.fresh = "";
      setTimeout(() => delete row.dataset.fresh, HIGHLIGHT_MS);
      changed.add(row.parentElement);
    }
    for (const group of this.#groups) if (changed.has(group.feed)) this.#number(group);
    this.#offerTabStop();
  }

  /** Brings relative times and headings up to date. */
  refresh(now_ms) {
    for (const { entries } of this.#groups) {
      // Older rows show a time that does not change. An hour is added for those that have just
      // become older.
      if (!(now_ms - entries[0]?.activity.time_ms < 2 * DAY_MS)) break;
      for (const { activity, row } of entries) {
        if (now_ms - activity.time_ms > DAY_MS + HOUR_MS) break;
        refreshTime(row, activity.time_ms, now_ms);
      }
    }
    if (this.#headingsOf === dayKey(now_ms)) return;
    this.#headingsOf = dayKey(now_ms);
    for (const { key, heading, entries } of this.#groups) {
      if (key !== WITHOUT_DATE) setText(heading, dayHeading(entries[0].activity.time_ms, now_ms));
    }
  }

  rowOf(id) {
    for (const { entries } of this.#groups) {
      const entry = entries.find(({ activity }) => activity.id === id);
      if (entry) return entry.row;
    }
    return null;
  }

  firstRow() {
    return this.#groups[0]?.entries[0].row ?? null;
  }

  /**
   * Returns the row that is `step` further than `row`, or the topmost visible one if there is no
   * `row`.
   */
  neighbour(row, step) {
    if (!row) return this.topmost(0);
    const sibling = step > 0 ? row.nextElementSibling : row.previousElementSibling;
    if (sibling) return sibling;
    const place = this.#groups.findIndex(({ feed }) => feed === row.parentElement);
    return this.#groups[place + step]?.entries.at(step > 0 ? 0 : -1).row ?? null;
  }

  /** Returns the first row that ends below `y` in the window. */
  topmost(y) {
    const endsBelow = (node) => node.getBoundingClientRect().bottom > y;
    const group = firstWhere(this.#groups, ({ section }) => endsBelow(section));
    return group ? (firstWhere(group.entries, ({ row }) => endsBelow(row))?.row ?? null) : null;
  }

  /** Makes a row the only one that Tab leads to. */
  takeTabStop(row) {
    if (this.#tabStop) this.#tabStop.tabIndex = -1;
    this.#tabStop = row;
    if (row) row.tabIndex = 0;
  }

  #offerTabStop() {
    if (!this.#tabStop) this.takeTabStop(this.firstRow());
  }

  #add(activity, position) {
    if (this.#ids.has(activity.id)) return null;
    this.#ids.add(activity.id);
    const group = this.#groupOf(activity);
    const place = position(group);
    const row = rowOf(activity, Date.now());
    row.setAttribute("aria-posinset", place + 1);
    row.setAttribute("aria-setsize", -1);
    group.feed.insertBefore(row, group.entries[place]?.row ?? null);
    group.entries.splice(place, 0, { activity, row });
    group.section.style.setProperty("--rows", group.entries.length);
    return row;
  }

  #groupOf(activity) {
    const key = activity.time_ms === null ? WITHOUT_DATE : dayKey(activity.time_ms);
    const known = this.#groups.find((group) => group.key === key);
    if (known) return known;
    const text = key === WITHOUT_DATE ? t("time.no-date") : dayHeading(activity.time_ms, Date.now());
    const heading = element("h2", { class: "day", part: "day", id: `day-${key}` }, text);
    const feed = element("div", { role: "feed", "aria-labelledby": heading.id });
    const section = element("section", { "data-day": key }, heading, feed);
    const group = { key, heading, feed, section, entries: [] };
    const below = this.#groups.findIndex(({ entries }) => compare(activity, entries[0].activity) < 0);
    const place = below === -1 ? this.#groups.length : below;
    // A day that another one follows has all its rows.
    if (place === this.#groups.length && place > 0) this.#sizeKnown(this.#groups[place - 1]);
    this.element.insertBefore(section, this.#groups[place]?.section ?? null);
    this.#groups.splice(place, 0, group);
    return group;
  }

  #sizeKnown({ entries }) {
    for (const { row } of entries) row.setAttribute("aria-setsize", entries.length);
  }

  #number(group) {
    group.entries.forEach(({ row }, index) => row.setAttribute("aria-posinset", index + 1));
    if (this.#complete || group !== this.#groups.at(-1)) this.#sizeKnown(group);
  }
}

/** Returns the index after all entries that stand above the activity. */
function positionIn(entries, activity) {
  return firstIndexWhere(entries, (entry) => compare(entry.activity, activity) > 0);
}

/**
 * Searches by bisection. `holds` is false for the first items of the list and true for all others.
 */
function firstIndexWhere(list, holds) {
  let from = 0;
  let to = list.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (holds(list[middle])) to = middle;
    else from = middle + 1;
  }
  return from;
}

function firstWhere(list, holds) {
  return list[firstIndexWhere(list, holds)];
}
