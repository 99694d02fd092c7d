// The controls that filter, and the active filters as chips. The bar keeps no filters of its own.
// It shows those that it is given, and asks for others by `changed(filters, { continues })`;
// `continues` is true while the user is still typing the same search.

import { debounce, element, setText } from "./timeline-dom.js";
import { filterText } from "./timeline-filter-text.js";
import { normalized, withValue, withoutValue } from "./timeline-filters.js";
import { icon } from "./timeline-icons.js";
import { closeMenus, menu } from "./timeline-menu.js";
import { named } from "./timeline-names.js";
import { Ranges } from "./timeline-ranges.js";
import { Suggestions } from "./timeline-suggestions.js";
import { harmless } from "./timeline-text.js";
import { numberText, statusText, t } from "./timeline-texts.js";

const TYPED_MS = 300;
const STATUSES = ["success", "failure", "panicked", "cancelled"];
const BUILT_IN = ["project_created", "database_created", "endpoints_added", "queries_executed", "deployment", "github_push"];

export class FilterBar {
  element;
  #filters = {};
  #changed;
  #typing = false;
  // The choices grow with the values that occur.
  #labels = new Map(BUILT_IN.map((type) => [type, t(`action.${type}`)]));
  #counts = new Map();
  #statuses = new Set(STATUSES);
  #environments = new Set();

  #search = element("input", { type: "search", part: "search", placeholder: t("filter.search"), "aria-label": t("filter.search"), "aria-keyshortcuts": "/", autocomplete: "off", spellcheck: "false", maxlength: "200", dir: "auto" });
  #types = element("fieldset", {}, element("legend", {}, t("filter.action-types")));
  #status = element("select", { part: "status", "aria-label": t("filter.status") });
  #environment = element("input", { type: "text", part: "environment", placeholder: t("filter.environment"), "aria-label": t("filter.environment"), list: "environments", autocomplete: "off", spellcheck: "false", maxlength: "200" });
  #environmentList = element("datalist", { id: "environments" });
  #ranges = new Ranges((range) => this.#change({ ...this.#filters, ...range }));
  #suggestions = new Suggestions((filters) => this.#change(filters), (values) => this.#offerValues(values));
  #chips = element("div", { class: "active", part: "active-filters", role: "group", "aria-label": t("filter.active") });

  constructor(changed) {
    this.#changed = changed;
    this.element = element(
      "div",
      { class: "filter-bar", role: "search", "aria-label": t("filter.label") },
      element(
        "div",
        { class: "controls" },
        element("div", { class: "field search" }, icon("search"), this.#search, element("kbd", { "aria-hidden": "true" }, "/")),
        menu("action-types", t("filter.actions"), this.#types),
        element("div", { class: "field" }, this.#status, icon("chevron")),
        element("div", { class: "field" }, this.#environment, this.#environmentList),
        menu("records", t("filter.records"), this.#suggestions.element),
        menu("dates", t("filter.dates"), this.#ranges.element),
      ),
      this.#chips,
    );
    this.#listen();
    this.#render();
  }

  /** Suggests values of this project from now on. */
  begin(src, project, token) {
    this.#suggestions.begin(src, project, token);
  }

  show(filters) {
    this.#filters = filters;
    this.#suggestions.show(filters);
    this.#render();
  }

  /** Offers the action types of the statistics, with their counts under the other filters. */
  offerTypes(types) {
    this.#counts = new Map();
    for (const { type, label, count } of types) {
      this.#labels.set(type, label);
      this.#counts.set(type, (this.#counts.get(type) ?? 0) + count);
    }
    this.#renderTypes();
  }

  /** Offers the values that occur in a row. */
  offerSeen({ type, label, status, environment }) {
    const before = this.#labels.size + this.#statuses.size + this.#environments.size;
    if (type && !this.#labels.has(type)) this.#labels.set(type, label);
    if (status) this.#statuses.add(status);
    if (environment) this.#environments.add(environment);
    if (this.#labels.size + this.#statuses.size + this.#environments.size > before) this.#render();
  }

  /** Offers the time since the last visit; `null` if there was none. */
  offerVisit(visited_ms) {
    this.#ranges.offerVisit(visited_ms);
  }

  /** Offers the statuses and environments that occur. */
  #offerValues({ statuses = [], environments = [] }) {
    const before = this.#statuses.size + this.#environments.size;
    for (const { value } of statuses) this.#statuses.add(value);
    for (const { value } of environments) this.#environments.add(value);
    if (this.#statuses.size + this.#environments.size > before) this.#render();
  }

  /** Closes the open menus that a press anywhere in the document is outside of. */
  closeMenus(event) {
    closeMenus(this.element, event);
  }

  focusSearch() {
    this.#search.focus();
    this.#search.select();
  }

  #change(filters, continues = false) {
    this.#changed(normalized(filters), { continues });
  }

  #listen() {
    this.element.addEventListener("focusin", () => this.#suggestions.load());
    const searchSoon = debounce(() => {
      this.#change({ ...this.#filters, q: this.#search.value.trim() }, this.#typing);
      this.#typing = true;
    }, TYPED_MS);
    this.#search.addEventListener("input", searchSoon);
    this.#search.addEventListener("blur", () => (this.#typing = false));
    this.#search.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      if (this.#search.value === "") return this.#search.blur();
      this.#search.value = "";
      searchSoon();
    });
    this.#status.addEventListener("change", () => this.#change({ ...this.#filters, status: this.#status.value }));
    this.#environment.addEventListener("change", () => {
      this.#change({ ...this.#filters, environment: this.#environment.value.trim() });
    });
    this.#types.addEventListener("change", ({ target }) => {
      const next = target.checked ? withValue : withoutValue;
      this.#change(next(this.#filters, "action_type", target.value));
    });
    this.#chips.addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (!button) return;
      const chips = [...this.#chips.querySelectorAll("button")];
      const place = chips.indexOf(button);
      const { filter, value } = button.dataset;
      this.#change(filter ? withoutValue(this.#filters, filter, value) : {});
      // The button is gone, so the focus moves to its neighbour.
      const left = [...this.#chips.querySelectorAll("button")];
      (left[Math.min(place, left.length - 1)] ?? this.#search).focus({ preventScroll: true });
    });
  }

  #render() {
    const { q = "", status = "", environment = "", created_after, created_before } = this.#filters;
    // A field keeps its text while the user is typing in it.
    const typing = this.#search.matches(":focus") && this.#search.value.trim() === q;
    if (!typing) this.#search.value = q;
    this.#environment.value = environment;
    const statuses = new Set([...this.#statuses, ...(status ? [status] : [])]);
    this.#status.replaceChildren(
      element("option", { value: "" }, t("filter.any-status")),
      ...[...statuses].map((value) => element("option", { value }, harmless(statusText(value)))),
    );
    this.#status.value = status;
    this.#environmentList.replaceChildren(...[...this.#environments].map((value) => element("option", { value })));
    this.#ranges.show(this.#filters);
    this.element.querySelector(".dates-menu").toggleAttribute("data-active", Boolean(created_after || created_before));
    this.#status.toggleAttribute("data-active", status !== "");
    this.#environment.toggleAttribute("data-active", environment !== "");
    const { user_id, request_id, reference } = this.#filters;
    this.element.querySelector(".records-menu").toggleAttribute("data-active", Boolean(user_id || request_id || reference));
    this.#renderTypes();
    this.#renderChips();
  }

  #renderTypes() {
    const chosen = this.#filters.action_type ?? [];
    for (const type of chosen) if (!this.#labels.has(type)) this.#labels.set(type, type);
    const known = new Map([...this.#types.querySelectorAll("label")].map((label) => [label.dataset.type, label]));
    for (const [type, text] of this.#labels) {
      if (!known.has(type)) known.set(type, this.#types.appendChild(typeOption(type, harmless(text))));
      const option = known.get(type);
      option.querySelector("input").checked = chosen.includes(type);
      const count = this.#counts.get(type);
      setText(option.querySelector(".count"), count === undefined ? "" : numberText(count));
    }
    const summary = this.element.querySelector(".action-types-menu > summary");
    setText(summary.firstElementChild, chosen.length === 0 ? t("filter.actions") : t("filter.actions-chosen", { count: chosen.length }));
    summary.parentElement.toggleAttribute("data-active", chosen.length > 0);
  }

  #renderChips() {
    const chips = Object.entries(this.#filters).flatMap(([filter, values]) =>
      [values].flat().map((value) => {
        const name = t(`filter.${filter}`);
        const label = filter === "action_type" ? this.#labels.get(value) : undefined;
        const text = harmless(label ?? filterText(filter, value));
        const shown = element("span", { class: "value", dir: "auto" }, text);
        if (filter === "user_id") named(shown, "user", value);
        return element(
          "button",
          { type: "button", class: "chip removable", part: "filter-chip", "data-filter": filter, "data-value": value, "aria-label": t("filter.remove", { name, value: text }), title: text },
          element("span", { class: "name" }, name),
          " ",
          shown,
          icon("remove"),
        );
      }),
    );
    if (chips.length > 0) chips.push(element("button", { type: "button", class: "plain", part: "clear-all" }, t("filter.clear-all")));
    this.#chips.replaceChildren(...chips);
    this.#chips.hidden = chips.length === 0;
  }
}

function typeOption(type, text) {
  const input = element("input", { type: "checkbox", value: type });
  const name = element("span", { class: "text", dir: "auto" }, text);
  return element("label", { "data-type": type }, input, icon(type), name, element("span", { class: "count" }));
}
