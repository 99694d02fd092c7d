// An article that opens: its button, and what stands below its head while it is open.

import { element } from "./timeline-dom.js";
import { icon } from "./timeline-icons.js";

const disclosures = new WeakMap();

/** Returns the disclosure of an article, or `undefined`. */
export function disclosureOf(article) {
  return disclosures.get(article);
}

export class Disclosure {
  /** The button, to be put into the article's head. */
  button;
  #article;
  #state;
  #contents;
  #shown = null;

  /**
   * `state` has `isOpen()`, `open()` and `close()`. `contents()` makes the element that is shown
   * while the article is open.
   */
  constructor(article, label, state, contents) {
    this.#article = article;
    this.#state = state;
    this.#contents = contents;
    const attributes = { type: "button", class: "toggle", part: "toggle", "aria-label": label, title: label };
    this.button = element("button", { ...attributes, "aria-expanded": "false" }, icon("chevron"));
    disclosures.set(article, this);
  }

  toggle() {
    if (this.#state.isOpen()) this.#state.close();
    else this.#state.open();
    this.show();
  }

  /** Shows the state. */
  show() {
    const isOpen = this.#state.isOpen();
    if (isOpen === (this.#shown !== null)) return;
    this.button.setAttribute("aria-expanded", String(isOpen));
    this.#article.toggleAttribute("data-open", isOpen);
    if (isOpen) {
      this.#shown = this.#contents();
      this.#article.append(this.#shown);
    } else {
      this.#shown.remove();
      this.#shown = null;
    }
  }
}
