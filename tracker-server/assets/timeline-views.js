// Filters that the reader has kept under a name, in this browser and for one project.

import { element } from "./timeline-dom.js";
import { filtersFromQuery, filtersToQuery, sameFilters } from "./timeline-filters.js";
import { icon } from "./timeline-icons.js";
import { keep, kept } from "./timeline-kept.js";
import { t } from "./timeline-texts.js";

const VIEWS_MAX = 30;
const NAME_CHARACTERS_MAX = 60;

export class SavedViews {
  element = element("div", { class: "views" });
  #timeline;
  #say;

  /** `say(text)` tells a screen reader. */
  constructor(timeline, say) {
    this.#timeline = timeline;
    this.#say = say;
  }

  /** Shows what is kept, which other tabs may have changed. */
  show() {
    const views = this.#kept();
    const { filters } = this.#timeline;
    const items = views.map((view) => this.#itemOf(view, sameFilters(filtersFromQuery(view.query), filters)));
    const list = items.length > 0 ? element("ul", { "aria-label": t("views.title") }, ...items) : null;
    const hasFilters = Object.keys(filters).length > 0;
    const rest = hasFilters ? this.#form() : element("p", {}, t("views.hint"));
    this.element.replaceChildren(...[list, rest].filter(Boolean));
  }

  #itemOf({ name, query }, isCurrent) {
    const href = query ? `?${query}` : location.pathname;
    const link = element("a", { href, "aria-current": isCurrent ? "true" : null }, element("bdi", {}, name));
    const label = t("views.remove", { name });
    const remove = element("button", { type: "button", class: "remove", title: label, "aria-label": label }, icon("remove"));
    remove.addEventListener("click", () => {
      this.#keep(this.#kept().filter((view) => view.name !== name));
      this.#say(t("views.removed", { name }));
      this.element.querySelector("a, input")?.focus();
    });
    return element("li", {}, link, remove);
  }

  #form() {
    const input = element("input", { type: "text", required: true, maxlength: NAME_CHARACTERS_MAX, "aria-label": t("views.name"), placeholder: t("views.name"), autocomplete: "off", dir: "auto" });
    const form = element("form", { class: "save" }, input, element("button", { type: "submit", class: "solid" }, t("views.save")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const name = input.value.trim();
      if (!name) return;
      const query = String(filtersToQuery(this.#timeline.filters));
      const others = this.#kept().filter((view) => view.name !== name);
      const isKept = this.#keep([{ name, query }, ...others].slice(0, VIEWS_MAX));
      this.#say(isKept ? t("views.saved", { name }) : t("views.not-saved"));
    });
    return form;
  }

  #kept() {
    const views = kept(this.#key);
    const isView = (view) => typeof view?.name === "string" && typeof view.query === "string";
    return Array.isArray(views) ? views.filter(isView).slice(0, VIEWS_MAX) : [];
  }

  /** Returns true if the browser keeps them. */
  #keep(views) {
    keep(this.#key, views);
    this.show();
    return JSON.stringify(this.#kept()) === JSON.stringify(views);
  }

  get #key() {
    return `tracker-views:${this.#timeline.src}/${this.#timeline.project}`;
  }
}
