// The elements of the timeline, and what they show. The view decides nothing.

import { element, setText } from "./timeline-dom.js";
import { icon } from "./timeline-icons.js";
import { endFailed, moreOffered } from "./timeline-states.js";
import { t } from "./timeline-texts.js";

export class View {
  element;
  rows = element("div", { class: "rows", "aria-busy": "false" });
  /** The end of the rows: the next page is loaded when it comes into sight. */
  end = element("div", { class: "end", part: "end" });
  #live = element("span", { class: "live", part: "live" });
  #markerText = element("span");
  #markerButton = element("button", { type: "button", part: "marker" }, icon("up"), this.#markerText);
  #marker = element("div", { class: "marker", hidden: true }, this.#markerButton);
  #order = element("p", { class: "order", part: "order", hidden: true }, t("feed.order"));
  #missed = element("p", { class: "missed", hidden: true }, t("state.missed"));
  #state = element("div", { class: "place" });
  #offline = element("div", { class: "offline", part: "offline", role: "status", hidden: true });
  #announced = element("div", { class: "quiet", role: "status", "aria-live": "polite", part: "announcement" });

  /** `markerPressed()` is called when the reader asks for the arrivals. */
  constructor(histogram, bar, zone, markerPressed) {
    this.element = element(
      "div",
      { class: "timeline", part: "timeline" },
      element("div", { class: "caption" }, histogram.total, histogram.failures, histogram.undated, this.#live, zone, histogram.reading),
      histogram.element,
      bar.element,
      this.#marker,
      this.#missed,
      this.#order,
      this.rows,
      this.#state,
      this.end,
      this.#offline,
      this.#announced,
    );
    this.#markerButton.addEventListener("click", markerPressed);
  }

  get hasRows() {
    return this.rows.childElementCount > 0;
  }

  get isMarked() {
    return !this.#marker.hidden;
  }

  /** Shows the rows of a feed, in place of any others. */
  showRows(feed) {
    if (this.rows.firstElementChild !== feed.element) this.rows.replaceChildren(feed.element);
    this.rows.hidden = false;
  }

  removeRows() {
    this.rows.replaceChildren();
  }

  /** Shows one of the elements of `timeline-states.js` in place of rows, or none. */
  showState(shown) {
    if (shown) this.#state.replaceChildren(shown);
    else this.#state.replaceChildren();
    this.#order.hidden = shown !== null;
    this.element.dataset.state = shown?.dataset.state ?? "rows";
  }

  /** Moves the focus to the field or the link of the state that is shown, if it has one. */
  focusState() {
    this.#state.querySelector("input, a")?.focus({ preventScroll: true });
  }

  /** Moves the focus to the switch of zones. */
  focusZone() {
    this.element.querySelector(".zone").focus({ preventScroll: true });
  }

  /** Says that the activity to which the address leads is not among the rows, or no longer. */
  showMissed(missed) {
    this.#missed.hidden = !missed;
    if (missed) this.announce(t("state.missed"));
  }

  showBusy(busy) {
    this.rows.setAttribute("aria-busy", String(busy));
    this.element.dataset.busy = String(busy);
  }

  showLive(live) {
    this.element.dataset.live = live;
    setText(this.#live, t(`live.${live}`));
  }

  /** Marks the arrivals that wait; no arrivals hide the marker. */
  showMarker({ count, overflowed }) {
    this.#marker.hidden = count === 0;
    setText(this.#markerText, newText(count, overflowed));
  }

  hideMarker() {
    this.#marker.hidden = true;
  }

  showEnd(text) {
    this.end.replaceChildren(text);
  }

  showEndFailure(message, retry) {
    this.end.replaceChildren(...endFailed(message, retry));
  }

  showMore(load) {
    this.end.replaceChildren(moreOffered(load));
  }

  showOffline(offline) {
    // A screen reader reads a text that comes into a status that is there already.
    this.#offline.hidden = !offline;
    setText(this.#offline, offline ? t("state.offline") : "");
  }

  /** Tells a screen reader. */
  announce(text) {
    this.#announced.textContent = text;
  }
}

/** The number of arrivals in words. */
export function newText(count, overflowed) {
  return t(overflowed ? "count.new-at-least" : "count.new", { count });
}
