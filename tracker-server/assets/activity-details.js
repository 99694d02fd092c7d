// `<activity-details src="…" project="…" activity="…">`: all that is known of one activity, and what
// happened around it.
//
// Attributes
//     src, project   as `<activity-timeline>` has them
//     activity       the activity's ID
//
// Properties
//     token          sent as `Authorization: Bearer`, or `null`
//     filters        those of the timeline that the reader comes from
//     addressOf      `(id) => href`, the page of another activity
//     timelineOf     `(filters) => href`, the timeline with filters
//     placeOf        `(activity, filters) => href`, the timeline with filters, at an activity
//
// Events
//     activity-load  the activity is there: `detail.activity`
//     project-name   the project has a name: `detail.name`, as `<activity-timeline>` tells it
//     token-change   the user has entered a token: `detail.token`

import { activityFrom } from "./timeline-activity.js";
import { neighboursNav, rawSection, referenceSections, requestSection } from "./activity-sections.js";
import { allFactsOf } from "./activity-facts.js";
import { style as detailsStyle } from "./activity-style.js";
import { Client, Problem } from "./timeline-client.js";
import { detailsOf } from "./timeline-parts.js";
import { element, isShortcut } from "./timeline-dom.js";
import { Gestures } from "./timeline-gestures.js";
import { Names } from "./timeline-names.js";
import { Opened } from "./timeline-opened.js";
import { rowStyle } from "./timeline-row-style.js";
import { accessWanted, denied, failed, failureText, nothing, skeleton } from "./timeline-states.js";
import { style } from "./timeline-style.js";
import { t } from "./timeline-texts.js";
import { withValue } from "./timeline-filters.js";

export class ActivityDetails extends HTMLElement {
  filters = {};
  addressOf = () => null;
  timelineOf = () => null;
  placeOf = () => null;
  #token = null;
  #controller = new AbortController();
  #listening = null;
  #names = new Names((name) => this.#emit("project-name", { name }));
  #content = element("div", { class: "timeline details-page", part: "details" });
  #announced = element("div", { class: "quiet", role: "status", "aria-live": "polite", part: "announcement" });

  get token() {
    return this.#token;
  }

  set token(value) {
    this.#token = value || null;
    if (this.isConnected) this.#load();
  }

  connectedCallback() {
    if (!this.shadowRoot) this.#build();
    this.#listening = new AbortController();
    document.addEventListener("keydown", (event) => this.#onKey(event), this.#listening);
    this.#load();
  }

  disconnectedCallback() {
    this.#listening.abort();
    this.#controller.abort();
    this.#names.forget();
  }

  #build() {
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [style, rowStyle, detailsStyle];
    root.append(this.#content, this.#announced);
    new Gestures(this.#content, {
      filter: (name, value) => location.assign(this.timelineOf(withValue({}, name, value))),
      move: (step) => this.#move(step),
      focused: () => {},
      earlier: () => {},
      said: (text) => (this.#announced.textContent = text),
    });
  }

  async #load() {
    this.#controller.abort();
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    this.#show("loading", skeleton());
    const [src, project, id] = ["src", "project", "activity"].map((name) => this.getAttribute(name) ?? "");
    const client = Client.ofProject(src, project, this.#token);
    this.#names.begin(this.shadowRoot, src, project, this.#token);
    try {
      const json = await client.get(`/${encodeURIComponent(id)}`, new URLSearchParams(), signal);
      const activity = activityFrom(json);
      if (!activity) throw new Problem(t("failure.unreadable"), 200);
      if (signal.aborted) return;
      this.#showActivity(activity, json, client, signal);
      this.#emit("activity-load", { activity });
    } catch (error) {
      if (!signal.aborted) this.#showFailure(error, src);
    }
  }

  #showActivity(activity, json, client, signal) {
    const { filters, addressOf, timelineOf, placeOf } = this;
    const around = { activity, client, signal, filters, addressOf, timelineOf, placeOf, opened: new Opened(() => {}) };
    this.#show(
      "activity",
      neighboursNav(around),
      detailsOf(activity.details),
      allFactsOf(activity, this.timelineOf),
      requestSection(around),
      ...referenceSections(around),
      rawSection(json),
    );
  }

  #showFailure(error, src) {
    const again = () => this.#load();
    const given = (token) => {
      this.#emit("token-change", { token });
      this.token = token;
    };
    if (error.status === 401) {
      this.#show("unauthorized", accessWanted(error, src, this.#token, given));
    } else if (error.status === 404) {
      const back = element("a", { class: "solid", href: this.timelineOf({}) }, t("activity.to-timeline"));
      this.#show("not-found", nothing("not-found", t("activity.not-found"), t("activity.not-found-hint"), back));
    } else if (error.status === 403) {
      this.#show("error", denied(error.message, again, this.#token === null ? null : given));
    } else {
      this.#show("error", failed(failureText(error, src), again, t("activity.error")));
    }
  }

  #show(name, ...shown) {
    this.dataset.state = name;
    this.#content.replaceChildren(...shown.filter(Boolean));
  }

  /** Moves the focus among the rows of all sections. */
  #move(step) {
    const rows = [...this.#content.querySelectorAll(".row[tabindex]")];
    const at = rows.indexOf(this.shadowRoot.activeElement?.closest(".row"));
    rows[Math.min(Math.max(at + step, 0), rows.length - 1)]?.focus();
  }

  #onKey(event) {
    if (!isShortcut(event) || event.shiftKey) return;
    const link = { j: "older", k: "newer" }[event.key];
    if (link) this.#content.querySelector(`.${link}[href]`)?.click();
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}

customElements.define("activity-details", ActivityDetails);
