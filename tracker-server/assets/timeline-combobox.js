// A field for any text, with a list of suggestions below it (the combobox of ARIA 1.2). The field
// shows the value that is chosen, and suggests all values until it is changed.

import { element } from "./timeline-dom.js";
import { numberText } from "./timeline-texts.js";

let made = 0;

export class Combobox {
  element;
  #chosen;
  #value = "";
  #options = [];
  #active = null;
  #input;
  #list;

  /**
   * `name` is the filter that the field is for, and `label` its name for people. `chosen(value)` is
   * called with a suggestion, or with what was typed, which is "" for no value. It returns the
   * reason why a text is no value.
   */
  constructor(name, label, placeholder, chosen) {
    this.#chosen = chosen;
    const id = `suggestions-${++made}`;
    this.#list = element("ul", { role: "listbox", id, "aria-label": label, hidden: true });
    this.#input = element("input", { type: "text", role: "combobox", part: `${name}-field`, placeholder, "aria-autocomplete": "list", "aria-controls": id, "aria-expanded": "false", autocomplete: "off", autocapitalize: "off", spellcheck: "false", maxlength: "255", dir: "auto" });
    this.element = element("div", { class: "combobox" }, element("label", {}, element("span", {}, label), this.#input), this.#list);
    this.#listen();
  }

  /** Shows the chosen value; "" is none. A text that is being typed stays. */
  show(value) {
    if (this.#input.value === this.#value) this.#input.value = value;
    this.#value = value;
  }

  /** Offers values: `{ value, shown, count }`, where `shown` is the element that shows the value. */
  offer(options) {
    const id = this.#list.id;
    this.#options = options.map(({ value, shown, count }, place) => {
      const node = element("li", { role: "option", id: `${id}-${place}`, "aria-selected": "false", "data-value": value }, shown, element("span", { class: "count" }, numberText(count)));
      return { value, node };
    });
    this.#list.replaceChildren(...this.#options.map(({ node }) => node));
    this.#filter();
  }

  #listen() {
    this.#input.addEventListener("focus", () => this.#filter());
    this.#input.addEventListener("blur", () => {
      if (this.#input.value.trim() === "") this.#input.value = this.#value;
      this.#open(false);
    });
    this.#input.addEventListener("input", () => {
      this.#refuse("");
      this.#filter();
    });
    this.#input.addEventListener("keydown", (event) => this.#onKey(event));
    // The field keeps the focus, and with it the list.
    this.#list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.#list.addEventListener("click", ({ target }) => {
      const option = target.closest("[role=option]");
      if (option) this.#choose(option.dataset.value);
    });
  }

  #onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.#move(step);
    else if (event.key === "Enter") this.#choose((this.#active ?? this.#meant())?.value ?? this.#input.value.trim());
    else if (event.key === "Escape" && !this.#list.hidden) this.#open(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Shows the options in whose value or name the text is. */
  #filter() {
    const typed = this.#input.value === this.#value ? "" : this.#input.value;
    const wanted = typed.trim().toLowerCase();
    for (const { value, node } of this.#options) {
      const text = `${value} ${node.firstChild.textContent}`.toLowerCase();
      node.hidden = !text.includes(wanted);
    }
    this.#activate(null);
    const focused = this.#input.getRootNode().activeElement === this.#input;
    this.#open(focused && this.#shown().length > 0);
  }

  #shown() {
    return this.#options.filter(({ node }) => !node.hidden);
  }

  /** Returns the option that was typed as a whole, or that alone has what was typed. */
  #meant() {
    const typed = this.#input.value.trim();
    if (typed === "" || this.#list.hidden) return null;
    const shown = this.#shown();
    const whole = shown.find(({ value }) => value === typed);
    if (whole) return whole;
    const named = shown.filter(({ node }) => node.firstChild.textContent.toLowerCase() === typed.toLowerCase());
    return [named, shown].find(({ length }) => length === 1)?.[0] ?? null;
  }

  #move(step) {
    if (this.#list.hidden) this.#filter();
    const shown = this.#shown();
    if (shown.length === 0) return;
    const before = shown.indexOf(this.#active);
    const place = before === -1 && step < 0 ? shown.length - 1 : before + step;
    this.#activate(shown[(place + shown.length) % shown.length]);
    this.#active.node.scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  #activate(option) {
    this.#active?.node.setAttribute("aria-selected", "false");
    this.#active = option;
    option?.node.setAttribute("aria-selected", "true");
    if (option) this.#input.setAttribute("aria-activedescendant", option.node.id);
    else this.#input.removeAttribute("aria-activedescendant");
  }

  #open(open) {
    this.#list.hidden = !open;
    this.#input.setAttribute("aria-expanded", String(open));
  }

  #choose(value) {
    if (value === this.#value) return;
    const reason = this.#chosen(value);
    if (reason) return this.#refuse(reason);
    this.#input.value = this.#value;
    this.#filter();
  }

  /** Tells the reader why the text is no value; "" takes that back. */
  #refuse(reason) {
    if (reason) this.#input.setAttribute("aria-invalid", "true");
    else this.#input.removeAttribute("aria-invalid");
    this.#input.setCustomValidity(reason);
    if (reason) this.#input.reportValidity();
  }
}
