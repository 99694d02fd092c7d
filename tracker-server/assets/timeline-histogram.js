// Activities per day as bars, and per hour below them while the chosen range is short. The lower
// part of a bar is what failed.

import { Bars } from "./timeline-bars.js";
import { BARS_MAX, dayBins, hourBins } from "./timeline-bins.js";
import { sumOf } from "./timeline-counts.js";
import { element, setText } from "./timeline-dom.js";
import { t } from "./timeline-texts.js";
import { datesText, momentsText, parseTime, shortMoment } from "./timeline-time.js";

export class Histogram {
  element;
  /**
   * The number of activities, of those that failed, and of those without a date: all in the chosen
   * range.
   */
  total = element("span", { class: "total", part: "total" });
  failures = element("span", { class: "failures", part: "failures" });
  /** The text on the pointed-at bar, or on the selection. */
  reading = element("span", { class: "reading", part: "reading" });
  undated = element("span", { class: "undated", part: "undated" });
  #days;
  #hours;
  #axis = element("div", { class: "axis", "aria-hidden": "true" });
  #hoursAxis = element("div", { class: "axis", "aria-hidden": "true" });
  #detail;

  /** The statistics; `null` until there are any. */
  #statistics = null;
  #waits = true;
  // What the days and the hours say.
  #readings = [null, null];
  #types = [];
  #range = [null, null];

  /** `selected(created_after, created_before)` receives texts, or two `null`s for no range. */
  constructor(selected) {
    const listener = (place) => ({ selected, read: (text, pointed) => this.#read(place, { text, pointed }) });
    this.#days = new Bars("bar", t("histogram.label"), datesText, listener(0));
    this.#hours = new Bars("hour", t("histogram.hours-label"), momentsText, listener(1));
    this.#detail = element("div", { class: "hours", part: "hours", hidden: true }, this.#hours.element, this.#hoursAxis);
    this.element = element("div", { class: "histogram", part: "histogram" }, this.#days.element, this.#axis, this.#detail);
    const resized = new ResizeObserver(() => this.#render());
    resized.observe(this.#days.element);
  }

  /** Shows statistics. `null` shows none; if some are to come, their place is kept. */
  show(statistics, waits = false) {
    this.#statistics = statistics;
    this.#waits = waits;
    this.#render();
  }

  /** Applies filters: action types, none of which means all, and the chosen range. */
  filter({ action_type = [], created_after, created_before }) {
    this.#types = action_type;
    this.#range = [parseTime(created_after), parseTime(created_before)];
    this.#render();
  }

  /** Returns `{ type, label, count }` of all types within the chosen range. */
  types() {
    const sums = new Map();
    for (const [, counts] of this.#chosen()) {
      for (const { type, label, count } of counts) {
        if (type !== null) sums.set(type, { type, label, count: count + (sums.get(type)?.count ?? 0) });
      }
    }
    return [...sums.values()];
  }

  /** Returns the counts of the chosen range, or all without one. */
  #chosen(types) {
    const { chosen, days } = this.#statistics ?? {};
    return (chosen ?? days)?.entries(types) ?? [];
  }

  #renderCounts(all) {
    const chosen = this.#chosen(this.#types);
    const [count, failures] = sumOf(chosen.flatMap(([, counts]) => counts));
    const [undated] = sumOf(chosen.flatMap(([day, counts]) => (day === null ? counts : [])));
    const isPart = Boolean(this.#statistics?.chosen);
    const total = isPart ? t("count.activities-of", { count: all, shown: count }) : t("count.activities", { count });
    setText(this.total, all === 0 ? "" : total);
    setText(this.failures, failures === 0 ? "" : t("count.failed", { count: failures }));
    setText(this.undated, undated === 0 ? "" : t("count.undated", { count: undated }));
  }

  #render() {
    const entries = this.#statistics?.days.entries(this.#types) ?? [];
    const bins = dayBins(entries, this.#days.fitting || BARS_MAX);
    this.#renderCounts(sumOf(entries.flatMap(([, counts]) => counts))[0]);
    this.element.hidden = bins.length === 0 && !this.#waits;
    this.#days.show(bins, this.#range);
    const usual = bins.filter(({ edge }) => edge === null);
    const ends = usual.length === 0 ? [] : [usual[0].starts_ms, usual.at(-1).ends_ms - 1];
    showEnds(this.#axis, ends.map((time_ms) => datesText(time_ms, time_ms + 1)));
    this.#renderHours();
  }

  #renderHours() {
    const { hours, window } = this.#statistics ?? {};
    this.#detail.hidden = !hours;
    const bins = hours ? hourBins(hours.entries(this.#types), window, this.#days.fitting || BARS_MAX) : [];
    this.#hours.show(bins, this.#range);
    showEnds(this.#hoursAxis, hours ? [shortMoment(window.from_ms), shortMoment(window.to_ms)] : []);
  }

  /** Shows what is pointed at, else the selection, which the hours tell more exactly. */
  #read(place, reading) {
    this.#readings[place] = reading;
    const texts = [...this.#readings].reverse().filter((reading) => reading?.text);
    setText(this.reading, (texts.find(({ pointed }) => pointed) ?? texts[0])?.text ?? "");
  }
}

function showEnds(axis, texts) {
  axis.replaceChildren(...texts.map((text) => element("span", {}, text)));
}
