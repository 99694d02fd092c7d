// Activities per day as bars. Dragging over bars chooses a range, and so does the keyboard: arrow
// keys move, Shift with arrow keys selects, Enter takes one bar, Escape clears. Days are those of
// the viewer's time zone.

import { labelOf } from "./timeline-activity.js";
import { debounce, element, setText } from "./timeline-dom.js";
import { harmless } from "./timeline-text.js";
import { format, numberText, t } from "./timeline-texts.js";
import { DAY_MS, dayNumber, parseTime, startOfDayNumber } from "./timeline-time.js";

const BARS_MIN = 14;
const BARS_MAX = 90;
const BAR_PIXELS_MIN = 7;
const KEYS_SETTLED_MS = 350;

const DAY = { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" };

export class Histogram {
  element;
  #bars = element("div", { class: "bars", role: "group", "aria-label": t("histogram.label") });
  #axis = element("div", { class: "axis", "aria-hidden": "true" });
  /** The number of activities, and the text on the pointed-at bar or the selection. */
  total = element("span", { class: "total", part: "total" });
  reading = element("span", { class: "reading", part: "reading" });
  #selected;

  // Day numbers since 1970, each with its counts by action type.
  #days = new Map();
  #waits = true;
  #types = [];
  #range = [null, null];
  #bins = [];
  #shape = "";
  #focused = 0;
  #anchor = 0;

  /** `selected(created_after, created_before)` receives texts, or two `null`s for no range. */
  constructor(selected) {
    this.#selected = selected;
    this.element = element("div", { class: "histogram", part: "histogram" }, this.#bars, this.#axis);
    this.#listen();
    new ResizeObserver(() => this.#render()).observe(this.#bars);
  }

  /** Shows the days of the API. `null` keeps their place until they are loaded. */
  show(days) {
    this.#waits = days === null;
    this.#days.clear();
    for (const { date, action_types } of days ?? []) {
      const counts = new Map();
      for (const { action_type, action_label, count } of action_types) {
        const label = labelOf({ action_type, action_label }, t("histogram.other"));
        counts.set(action_type, { label, count });
      }
      const day = Date.parse(`${date}T00:00:00Z`) / DAY_MS;
      if (Number.isFinite(day)) this.#days.set(day, counts);
    }
    this.#render();
  }

  /** Counts further activities without asking the server. */
  count(activities) {
    for (const { time_ms, type, label } of activities) {
      if (time_ms === null) continue;
      const day = dayNumber(time_ms);
      if (!this.#days.has(day)) this.#days.set(day, new Map());
      const counts = this.#days.get(day);
      counts.set(type, { label, count: (counts.get(type)?.count ?? 0) + 1 });
    }
    this.#render();
  }

  /** Applies filters: action types, none of which means all, and the chosen range. */
  filter({ action_type = [], created_after, created_before }) {
    this.#types = action_type;
    this.#range = [created_after, created_before].map((text) => (text === undefined ? null : parseTime(text)));
    this.#render();
  }

  /** Returns `{ type, label, count }` of all types within the chosen range. */
  types() {
    const [after_ms, before_ms] = this.#range;
    const sums = new Map();
    for (const [day, counts] of this.#days) {
      if (!this.#overlaps({ from: day, to: day }, after_ms, before_ms)) continue;
      for (const [type, { label, count }] of counts) {
        if (type !== null) sums.set(type, { type, label, count: count + (sums.get(type)?.count ?? 0) });
      }
    }
    return [...sums.values()];
  }

  #overlaps({ from, to }, after_ms, before_ms) {
    const starts_ms = startOfDayNumber(from);
    const ends_ms = startOfDayNumber(to + 1);
    return ends_ms > (after_ms ?? -Infinity) && starts_ms < (before_ms ?? Infinity);
  }

  #render() {
    this.#bins = this.#binned();
    this.element.hidden = this.#bins.length === 0 && !this.#waits;
    const all = this.#bins.reduce((sum, { total }) => sum + total, 0);
    setText(this.total, all === 0 ? "" : countText(all));
    if (this.#bins.length === 0) {
      this.#shape = "";
      this.#bars.replaceChildren();
      this.#axis.replaceChildren();
      setText(this.reading, "");
      return;
    }
    const shape = this.#bins.map(({ from, to }) => `${from}-${to}`).join();
    if (shape !== this.#shape) this.#build(shape);
    const highest = Math.max(1, ...this.#bins.map(({ total }) => total));
    this.#bins.forEach((bin, index) => {
      const bar = this.#bars.children[index];
      bar.firstElementChild.style.height = bin.total === 0 ? "0" : `max(2px, ${(100 * bin.total) / highest}%)`;
      bar.setAttribute("aria-label", `${spanText(bin)}: ${countText(bin.total)}`);
    });
    this.#showSelection(this.#selection());
  }

  /**
   * Returns bars of equal length from the first day to today. A bar has as many days as it takes
   * for all bars to fit.
   */
  #binned() {
    const totals = [...this.#days].map(([day, counts]) => [day, this.#kept(counts)]).filter(([, counts]) => counts.length > 0);
    if (totals.length === 0) return [];
    const numbers = totals.map(([day]) => day);
    const today = dayNumber(Date.now());
    const last = Math.max(today, ...numbers);
    const first = Math.min(last - BARS_MIN + 1, ...numbers);
    const fitting = Math.floor(this.#bars.clientWidth / BAR_PIXELS_MIN) || BARS_MAX;
    const length = Math.ceil((last - first + 1) / Math.min(BARS_MAX, Math.max(BARS_MIN, fitting)));
    const bins = [];
    // Bars are counted back from the last day; the first one may begin before the first day.
    for (let to = last; to >= first; to -= length) bins.unshift({ from: to - length + 1, to, total: 0, types: new Map() });
    for (const [day, counts] of totals) {
      const bin = bins[bins.length - 1 - Math.floor((last - day) / length)];
      for (const { label, count } of counts) {
        bin.total += count;
        bin.types.set(label, (bin.types.get(label) ?? 0) + count);
      }
    }
    return bins;
  }

  #kept(counts) {
    return [...counts].filter(([type]) => this.#types.length === 0 || this.#types.includes(type)).map(([, kept]) => kept);
  }

  #build(shape) {
    const hadFocus = this.#bars.contains(this.#bars.getRootNode().activeElement);
    this.#shape = shape;
    this.#focused = this.#bins.length - 1;
    // A selection by keyboard starts from the bar that Tab reaches.
    this.#anchor = this.#focused;
    const bars = this.#bins.map(() =>
      element("button", { type: "button", class: "bar", part: "bar", tabindex: "-1" }, element("span", { class: "fill" })),
    );
    this.#bars.replaceChildren(...bars);
    bars[this.#focused].tabIndex = 0;
    if (hadFocus) bars[this.#focused].focus();
    const ends = [this.#bins[0].from, this.#bins.at(-1).to];
    this.#axis.replaceChildren(...ends.map((day) => element("span", {}, dayText(day))));
  }

  /** Returns the chosen range as indices of bars, or `null`. */
  #selection() {
    const [after_ms, before_ms] = this.#range;
    if (after_ms === null && before_ms === null) return null;
    const inside = this.#bins.map((bin) => this.#overlaps(bin, after_ms, before_ms));
    return [inside.indexOf(true), inside.lastIndexOf(true)];
  }

  #showSelection(selection) {
    const [from, to] = selection ?? [];
    this.#bars.toggleAttribute("data-selecting", selection !== null);
    [...this.#bars.children].forEach((bar, index) => {
      bar.setAttribute("aria-pressed", String(selection !== null && index >= from && index <= to));
    });
    this.#read(null, selection);
  }

  /** Shows the text on a bar, or on the selection. */
  #read(bin, selection = this.#selection()) {
    if (bin) {
      const types = [...bin.types].sort(([, one], [, other]) => other - one);
      const parts = types.slice(0, 3).map(([label, count]) => `${harmless(label)} ${numberText(count)}`);
      if (types.length > 3) parts.push(t("histogram.more", { count: types.length - 3 }));
      setText(this.reading, [spanText(bin), countText(bin.total), parts.join(", ")].filter(Boolean).join(" · "));
    } else if (selection && selection[0] >= 0) {
      const chosen = this.#bins.slice(selection[0], selection[1] + 1);
      const total = chosen.reduce((sum, { total }) => sum + total, 0);
      setText(this.reading, `${spanText({ from: chosen[0].from, to: chosen.at(-1).to })} · ${countText(total)}`);
    } else {
      setText(this.reading, "");
    }
  }

  #choose(one, other) {
    const from = this.#bins[Math.min(one, other)].from;
    const to = this.#bins[Math.max(one, other)].to;
    const time = (day) => new Date(startOfDayNumber(day)).toISOString();
    this.#selected(time(from), time(to + 1));
  }

  #listen() {
    this.#listenToPointer();
    this.#listenToKeys();
    this.#bars.addEventListener("focusin", (event) => this.#read(this.#bins[this.#indexOf(event.target)]));
    this.#bars.addEventListener("focusout", () => this.#read(null));
  }

  #listenToPointer() {
    let start = null;
    const indexAt = ({ clientX }) => {
      const { left, right, width } = this.#bars.getBoundingClientRect();
      const along = this.#isRightToLeft() ? right - clientX : clientX - left;
      const index = Math.floor((along / width) * this.#bins.length);
      return Math.min(Math.max(index, 0), this.#bins.length - 1);
    };
    const stop = () => {
      start = null;
      this.#showSelection(this.#selection());
    };
    this.#bars.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || this.#bins.length === 0) return;
      start = indexAt(event);
      this.#bars.setPointerCapture(event.pointerId);
      this.#showSelection([start, start]);
    });
    this.#bars.addEventListener("pointermove", (event) => {
      if (this.#bins.length === 0) return;
      const index = indexAt(event);
      if (start === null) return this.#read(this.#bins[index]);
      const range = [Math.min(start, index), Math.max(start, index)];
      this.#showSelection(range);
      this.#read(null, range);
    });
    this.#bars.addEventListener("pointerup", (event) => {
      if (start === null) return;
      const from = start;
      start = null;
      this.#focus(indexAt(event));
      this.#anchor = from;
      this.#choose(from, indexAt(event));
    });
    this.#bars.addEventListener("pointercancel", stop);
    this.#bars.addEventListener("pointerleave", () => start === null && this.#read(null));
  }

  #listenToKeys() {
    const chooseSoon = debounce(() => this.#choose(this.#anchor, this.#focused), KEYS_SETTLED_MS);
    this.#bars.addEventListener("keydown", (event) => {
      const right = this.#isRightToLeft() ? -1 : 1;
      const targets = { ArrowLeft: -right, ArrowRight: right, Home: -Infinity, End: Infinity };
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key in targets) {
        const last = this.#bins.length - 1;
        const next = Math.min(Math.max(this.#focused + targets[event.key], 0), last);
        this.#focus(next);
        if (event.shiftKey) {
          this.#showSelection([Math.min(this.#anchor, next), Math.max(this.#anchor, next)]);
          chooseSoon();
        } else {
          this.#anchor = next;
        }
      } else if (event.key === "Escape") {
        chooseSoon.cancel();
        this.#selected(null, null);
      } else {
        return;
      }
      event.preventDefault();
    });
    // Enter and Space cause clicks. A pointer's click, whose `detail` counts its presses, has been
    // handled already.
    this.#bars.addEventListener("click", (event) => {
      if (event.detail !== 0) return;
      const index = this.#indexOf(event.target);
      if (index < 0) return;
      chooseSoon.cancel();
      this.#anchor = index;
      this.#choose(index, index);
    });
  }

  #focus(index) {
    this.#bars.children[this.#focused]?.setAttribute("tabindex", "-1");
    this.#focused = index;
    this.#bars.children[index].setAttribute("tabindex", "0");
    this.#bars.children[index].focus();
  }

  /** Returns true if the first bar stands at the right. */
  #isRightToLeft() {
    return getComputedStyle(this.#bars).direction === "rtl";
  }

  #indexOf(node) {
    return [...this.#bars.children].indexOf(node.closest(".bar"));
  }
}

function countText(count) {
  return t("count.activities", { count });
}

function dayText(day) {
  const time_ms = day * DAY_MS;
  return Number.isNaN(new Date(time_ms).getTime()) ? "" : format(Intl.DateTimeFormat, DAY).format(time_ms);
}

function spanText({ from, to }) {
  return from === to ? dayText(from) : `${dayText(from)} – ${dayText(to)}`;
}
