// Pointer and keys of a reader among the rows.

import { copyBy } from "./timeline-copy.js";
import { disclosureOf } from "./timeline-disclosure.js";
import { t } from "./timeline-texts.js";

/** The way from which a pointer that is down is dragged, in CSS pixels. */
const DRAG_PX = 4;
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

export class Gestures {
  #listener;
  #down = null;

  /**
   * `listener` has `filter(name, value)`, `move(step)`, `focused(row)`, `said(text)`, and
   * `earlier(request)`, whose promise is rejected if the earlier steps can't be had.
   */
  constructor(rows, listener) {
    this.#listener = listener;
    rows.addEventListener("pointerdown", ({ clientX, clientY }) => (this.#down = { clientX, clientY }));
    rows.addEventListener("click", (event) => this.#click(event));
    rows.addEventListener("keydown", (event) => this.#press(event));
    rows.addEventListener("focusin", ({ target }) => {
      const row = target.closest(".row");
      if (row) listener.focused(row);
    });
  }

  #click(event) {
    // A reader who selects a text does not mean what is below it.
    if (this.#isDragged(event)) return event.preventDefault();
    const { target } = event;
    const filter = target.closest("[data-filter]");
    const copy = target.closest("[data-copy]");
    const earlier = target.closest("[data-earlier]");
    if (filter) this.#listener.filter(filter.dataset.filter, filter.dataset.value);
    else if (copy) copyBy(copy).then((text) => this.#listener.said(text));
    else if (earlier) this.#loadEarlier(earlier);
    else if (!target.closest("a, button:not(.toggle)")) disclosureOf(target.closest(".head")?.parentElement)?.toggle();
  }

  /** The button goes when the steps come. One that stays says so, and can be pressed again. */
  async #loadEarlier(button) {
    if (button.ariaBusy === "true") return;
    button.ariaBusy = "true";
    try {
      await this.#listener.earlier(button.dataset.earlier);
    } catch {
      button.textContent = t("block.earlier-failed");
    }
    button.ariaBusy = null;
  }

  #isDragged({ detail, clientX, clientY }) {
    const isByPointer = detail > 0;
    return isByPointer && this.#down !== null && Math.hypot(clientX - this.#down.clientX, clientY - this.#down.clientY) > DRAG_PX;
  }

  #press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const row = event.target.matches(".row") ? event.target : null;
    if (STEPS[event.key]) this.#listener.move(STEPS[event.key]);
    else if (row && (event.key === "Enter" || event.key === " ")) disclosureOf(row)?.toggle();
    else return;
    event.preventDefault();
  }
}
