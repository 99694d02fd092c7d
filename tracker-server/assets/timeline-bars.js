// Bars, one beside the other. Dragging over bars chooses a range, and so does the keyboard: arrow
// keys move, Shift with arrow keys selects, Enter takes one bar, Escape clears.

import { debounce, element } from "./timeline-dom.js";
import { harmless } from "./timeline-text.js";
import { numberText, t } from "./timeline-texts.js";

const BAR_PIXELS_MIN = 7;
const KEYS_SETTLED_MS = 350;
const TYPES_SHOWN = 3;

export class Bars {
  element;
  #name;
  #textOf;
  #listener;
  #bins = [];
  #range = [null, null];
  #shape = "";
  #focused = 0;
  #anchor = 0;
  // The bar that is pointed at, and the bars that are being dragged over.
  #pointed = null;
  #dragged = null;

  /**
   * Makes bars of this class. `textOf(starts_ms, ends_ms)` is the text of a stretch of time.
   *
   * `listener` has `selected(created_after, created_before)`, which receives texts, or two `null`s
   * for no range, and `read(text, pointed)` with the text on the pointed-at bar, or else on the
   * selection.
   */
  constructor(name, label, textOf, listener) {
    this.#name = name;
    this.#textOf = textOf;
    this.#listener = listener;
    this.element = element("div", { class: "bars", role: "group", "aria-label": label });
    this.#listen();
  }

  /** The number of bars for which there is room; 0 before they are laid out. */
  get fitting() {
    return Math.floor(this.element.clientWidth / BAR_PIXELS_MIN);
  }

  /** Shows bins, and the range `[after_ms, before_ms]`, of which either may be `null`. */
  show(bins, range) {
    this.#bins = bins;
    this.#range = range;
    const shape = bins.map(({ starts_ms, ends_ms }) => `${starts_ms}-${ends_ms}`).join();
    if (shape !== this.#shape) this.#build(shape);
    const highest = Math.max(1, ...bins.map(({ total }) => total));
    bins.forEach((bin, index) => {
      const bar = this.element.children[index];
      const [fill] = bar.children;
      fill.style.height = bin.total === 0 ? "0" : `max(2px, ${(100 * bin.total) / highest}%)`;
      fill.firstElementChild.style.height = bin.failures === 0 ? "0" : `max(2px, ${(100 * bin.failures) / bin.total}%)`;
      bar.setAttribute("aria-label", `${this.#placeText(bin)}: ${countText(bin)}`);
    });
    this.#showState();
  }

  #build(shape) {
    const hadFocus = this.element.contains(this.element.getRootNode().activeElement);
    this.#shape = shape;
    this.#pointed = this.#dragged = null;
    this.#focused = Math.max(0, this.#bins.findLastIndex(({ edge }) => edge === null));
    // A selection by keyboard starts from the bar that Tab reaches.
    this.#anchor = this.#focused;
    const bars = this.#bins.map(({ edge }) => {
      const fill = element("span", { class: "fill" }, element("span", { class: "failed" }));
      return element("button", { type: "button", class: this.#name, part: this.#name, tabindex: "-1", "data-edge": edge }, fill);
    });
    this.element.replaceChildren(...bars);
    if (bars.length === 0) return;
    bars[this.#focused].tabIndex = 0;
    if (hadFocus) bars[this.#focused].focus();
  }

  /** Returns the chosen range as indices of bars, or `null`. */
  #selection() {
    const [after_ms, before_ms] = this.#range;
    if (after_ms === null && before_ms === null) return null;
    const inside = this.#bins.map(
      ({ starts_ms, ends_ms }) => ends_ms > (after_ms ?? -Infinity) && starts_ms < (before_ms ?? Infinity),
    );
    return [inside.indexOf(true), inside.lastIndexOf(true)];
  }

  /** Shows what is dragged over or chosen, and tells about the bar that is pointed at. */
  #showState() {
    this.#showSelection(this.#dragged ?? this.#selection());
    if (!this.#dragged && this.#pointed !== null) this.#read(this.#bins[this.#pointed]);
  }

  #showSelection(selection) {
    const [from, to] = selection ?? [];
    this.element.toggleAttribute("data-selecting", selection !== null);
    [...this.element.children].forEach((bar, index) => {
      bar.setAttribute("aria-pressed", String(selection !== null && index >= from && index <= to));
    });
    this.#read(null, selection);
  }

  /** Tells about a bar, or about a selection. */
  #read(bin, selection = this.#selection()) {
    if (bin) this.#listener.read(this.#binText(bin), true);
    else this.#listener.read(selection && selection[0] >= 0 ? this.#rangeText(selection) : "", false);
  }

  #point(index) {
    this.#pointed = index;
    this.#read(this.#bins[index]);
  }

  #rangeText([from, to]) {
    const chosen = this.#bins.slice(from, to + 1);
    const sum = (name) => chosen.reduce((sum, bin) => sum + bin[name], 0);
    const text = chosen.length === 1 ? this.#placeText(chosen[0]) : this.#textOf(chosen[0].starts_ms, chosen.at(-1).ends_ms);
    return `${text} · ${countText({ total: sum("total"), failures: sum("failures") })}`;
  }

  #binText(bin) {
    const types = [...bin.types].sort(([, one], [, other]) => other - one);
    const parts = types.slice(0, TYPES_SHOWN).map(([label, count]) => `${harmless(label)} ${numberText(count)}`);
    if (types.length > TYPES_SHOWN) parts.push(t("histogram.more", { count: types.length - TYPES_SHOWN }));
    return [this.#placeText(bin), countText(bin), parts.join(", ")].filter(Boolean).join(" · ");
  }

  #placeText({ starts_ms, ends_ms, edge }) {
    const text = this.#textOf(starts_ms, ends_ms);
    return edge === null ? text : `${text} (${t(`histogram.${edge}`)})`;
  }

  #choose(one, other) {
    const { starts_ms } = this.#bins[Math.min(one, other)];
    const { ends_ms } = this.#bins[Math.max(one, other)];
    this.#listener.selected(new Date(starts_ms).toISOString(), new Date(ends_ms).toISOString());
  }

  #listen() {
    this.#listenToPointer();
    this.#listenToKeys();
    this.element.addEventListener("focusin", (event) => this.#read(this.#bins[this.#indexOf(event.target)]));
    this.element.addEventListener("focusout", () => this.#read(null));
  }

  #listenToPointer() {
    let start = null;
    const indexAt = ({ clientX }) => {
      const { left, right, width } = this.element.getBoundingClientRect();
      const along = this.#isRightToLeft() ? right - clientX : clientX - left;
      const index = Math.floor((along / width) * this.#bins.length);
      return Math.min(Math.max(index, 0), this.#bins.length - 1);
    };
    const drag = (range) => {
      this.#dragged = range;
      this.#showState();
    };
    this.element.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || this.#bins.length === 0) return;
      start = indexAt(event);
      this.element.setPointerCapture(event.pointerId);
      drag([start, start]);
    });
    this.element.addEventListener("pointermove", (event) => {
      if (this.#bins.length === 0) return;
      const index = indexAt(event);
      if (start === null) this.#point(index);
      else drag([Math.min(start, index), Math.max(start, index)]);
    });
    this.element.addEventListener("pointerup", (event) => {
      if (start === null) return;
      this.#dragged = null;
      this.#focus(indexAt(event));
      this.#anchor = start;
      this.#choose(start, indexAt(event));
      start = null;
    });
    this.element.addEventListener("pointercancel", () => {
      start = null;
      drag(null);
    });
    this.element.addEventListener("pointerleave", () => start === null && this.#point(null));
  }

  #listenToKeys() {
    const chooseSoon = debounce(() => this.#choose(this.#anchor, this.#focused), KEYS_SETTLED_MS);
    this.element.addEventListener("keydown", (event) => {
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
        this.#listener.selected(null, null);
      } else {
        return;
      }
      event.preventDefault();
    });
    // Enter and Space cause clicks. A pointer's click, whose `detail` counts its presses, has been
    // handled already.
    this.element.addEventListener("click", (event) => {
      if (event.detail !== 0) return;
      const index = this.#indexOf(event.target);
      if (index < 0) return;
      chooseSoon.cancel();
      this.#anchor = index;
      this.#choose(index, index);
    });
  }

  #focus(index) {
    this.element.children[this.#focused]?.setAttribute("tabindex", "-1");
    this.#focused = index;
    this.element.children[index].setAttribute("tabindex", "0");
    this.element.children[index].focus();
  }

  /** Returns true if the first bar stands at the right. */
  #isRightToLeft() {
    return getComputedStyle(this.element).direction === "rtl";
  }

  #indexOf(node) {
    return [...this.element.children].indexOf(node.closest("button"));
  }
}

/** The number of activities, and of those that failed. */
function countText({ total, failures }) {
  const parts = [t("count.activities", { count: total })];
  if (failures > 0) parts.push(t("count.failed", { count: failures }));
  return parts.join(", ");
}
