// The fields for users, requests and related records, with suggestions of those that occur.

import { Client } from "./timeline-client.js";
import { Combobox } from "./timeline-combobox.js";
import { element } from "./timeline-dom.js";
import { filtersToQuery, withValue } from "./timeline-filters.js";
import { named } from "./timeline-names.js";
import { harmless } from "./timeline-text.js";
import { t } from "./timeline-texts.js";

// As long as the server keeps them.
const KEPT_MS = 10_000;

export class Suggestions {
  element;
  #changed;
  #loaded;
  #filters = {};
  #client = null;
  #controller = new AbortController();
  #asked = null;
  #asked_ms = 0;
  #users = this.#field("user_id", "filter.user-hint");
  #requests = this.#field("request_id", "filter.request-hint");
  #references = this.#field("reference", "filter.reference-hint");

  /**
   * `changed(filters)` asks for other filters. `loaded(values)` is called with all values that
   * occur, under the names of the API.
   */
  constructor(changed, loaded) {
    this.#changed = changed;
    this.#loaded = loaded;
    const fields = [this.#users, this.#requests, this.#references];
    this.element = element("div", { class: "suggestions" }, ...fields.map(({ element }) => element));
  }

  /** Suggests values of this project from now on. */
  begin(src, project, token) {
    this.#controller.abort();
    this.#controller = new AbortController();
    this.#client = Client.ofProject(src, project, token, "/activities/values");
    this.#asked = null;
  }

  show(filters) {
    this.#filters = filters;
    this.#users.show(filters.user_id ?? "");
    this.#requests.show(filters.request_id ?? "");
  }

  /**
   * Loads the values that occur, unless they are there already. Other values than those that these
   * fields have chosen are among them.
   */
  async load() {
    const { user_id, request_id, reference, status, environment, ...others } = this.#filters;
    const query = filtersToQuery(others);
    const asked = String(query);
    const isKnown = asked === this.#asked && performance.now() - this.#asked_ms < KEPT_MS;
    if (isKnown || !this.#client) return;
    [this.#asked, this.#asked_ms] = [asked, performance.now()];
    const { signal } = this.#controller;
    try {
      const values = await this.#client.get("", query, signal);
      if (!signal.aborted && asked === this.#asked) this.#offer(values);
    } catch {
      // A value can be typed without a suggestion, and is suggested with the next try.
      if (asked === this.#asked) this.#asked = null;
    }
  }

  #field(filter, hint) {
    const chosen = (value) => {
      if (filter === "reference" && !/^[^:]+:./s.test(value)) return t("filter.reference-wrong");
      this.#changed(withValue(this.#filters, filter, value));
      return "";
    };
    return new Combobox(filter, t(`filter.${filter}`), t(hint), chosen);
  }

  #offer(values) {
    const texts = (counts = []) => counts.map(({ value, count }) => ({ value, count, shown: text(value) }));
    const users = texts(values.user_ids);
    for (const { value, shown } of users) named(shown, "user", value);
    this.#users.offer(users);
    this.#requests.offer(texts(values.request_ids));
    this.#references.offer(referencesOf(values.references ?? {}));
    this.#loaded(values);
  }
}

/** The references that occur, the most frequent first. */
function referencesOf(references) {
  const all = Object.entries(references).flatMap(([name, counts]) =>
    counts.map(({ value, count }) => {
      const id = named(text(value), `reference.${name}`, value);
      const shown = element("span", { class: "text" }, element("span", { class: "name", dir: "auto" }, harmless(name)), " ", id);
      return { value: `${name}:${value}`, count, shown };
    }),
  );
  return all.sort((one, other) => other.count - one.count);
}

function text(value) {
  return element("span", { class: "text", dir: "auto" }, harmless(value));
}
