// `<project-list src="…">`: the projects that the reader may see, those visited last first.
//
// Attributes
//     src         what stands before `/api/projects`; "" is the page's own origin
//
// Properties
//     token       sent as `Authorization: Bearer`, or `null`
//     search      a part of the projects' IDs
//     recent      the IDs of projects to be shown first
//     addressOf   `(project) => href`, where a project's row leads to
//
// Events
//     search-change   the user has typed: `detail.search`
//     token-change    the user has entered a token: `detail.token`

import { Client, Problem } from "./timeline-client.js";
import { debounce, element, isShortcut } from "./timeline-dom.js";
import { icon } from "./timeline-icons.js";
import { projectRow, refreshRow } from "./project-row.js";
import { style as listStyle } from "./project-style.js";
import { Pages } from "./timeline-pages.js";
import { accessWanted, endFailed, failed, failureText, moreOffered, nothing, skeleton } from "./timeline-states.js";
import { rowStyle } from "./timeline-row-style.js";
import { style } from "./timeline-style.js";
import { t } from "./timeline-texts.js";

const PAGE = 50;
const TYPED_MS = 250;
const TICK_MS = 30_000;
/** The rows among which a project of a known ID is looked for. */
const EXACT_PAGE = 20;

export class ProjectList extends HTMLElement {
  addressOf = (project) => `projects/${encodeURIComponent(project)}`;
  recent = [];
  search = "";
  #token = null;
  #controller = new AbortController();
  // The pages of which more may be loaded; `null` while one is being loaded, or could not be.
  #pages = null;
  #listening = null;

  #input = element("input", { type: "search", part: "search", placeholder: t("projects.search"), "aria-label": t("projects.search"), "aria-keyshortcuts": "/", autocomplete: "off", spellcheck: "false", maxlength: "200", dir: "auto" });
  #recent = listOf("recent", t("projects.recent"));
  #all = listOf("all", t("projects.all"));
  #state = element("div", { class: "place" });
  #end = element("div", { class: "end", part: "end" });
  #announced = element("div", { class: "quiet", role: "status", "aria-live": "polite" });
  #endSeen = new IntersectionObserver((entries) => entries.at(-1).isIntersecting && this.#loadMore(), {
    rootMargin: "800px 0px",
  });

  get #src() {
    return this.getAttribute("src") ?? "";
  }

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
    const { signal } = this.#listening;
    document.addEventListener("keydown", (event) => this.#onKey(event), { signal });
    const ticking = setInterval(() => this.#refresh(), TICK_MS);
    signal.addEventListener("abort", () => clearInterval(ticking));
    this.#input.value = this.search;
    this.#load();
  }

  disconnectedCallback() {
    this.#listening.abort();
    this.#controller.abort();
    this.#endSeen.disconnect();
  }

  #build() {
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [style, rowStyle, listStyle];
    const search = element("div", { class: "field search" }, icon("search"), this.#input, element("kbd", { "aria-hidden": "true" }, "/"));
    const bar = element("div", { class: "filter-bar", role: "search" }, element("div", { class: "controls" }, search));
    const lists = [this.#recent.section, this.#all.section];
    root.append(element("div", { class: "timeline", part: "projects" }, bar, ...lists, this.#state, this.#end, this.#announced));
    const searchSoon = debounce(() => this.#searchFor(this.#input.value.trim()), TYPED_MS);
    this.#input.addEventListener("input", searchSoon);
    this.#input.addEventListener("keydown", (event) => this.#onSearchKey(event));
  }

  #searchFor(search) {
    if (search === this.search) return;
    this.search = search;
    this.#emit("search-change", { search });
    this.#load();
  }

  /** Loads everything anew. What is shown stays until the first page is there. */
  async #load() {
    this.#controller.abort();
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    this.#endSeen.disconnect();
    this.#pages = null;
    this.#show("loading");
    if (!this.#all.list.hasChildNodes()) this.#state.replaceChildren(skeleton());
    const client = Client.ofProjects(this.#src, this.#token);
    const parameters = new URLSearchParams(this.search ? { search: this.search } : {});
    const pages = new Pages(client, parameters, signal, ({ projects }) => projects);
    try {
      const projects = await pages.next(PAGE);
      const visited = this.search ? [] : await this.#visited(client, projects, signal);
      if (signal.aborted) return;
      this.#fill(this.#recent, visited);
      this.#fill(this.#all, projects);
      this.#pageEnded(pages);
      if (this.search) this.#announced.textContent = t("projects.found", { count: this.#all.list.childElementCount });
    } catch (error) {
      if (!signal.aborted) this.#showFailure(error);
    }
  }

  async #loadMore() {
    const pages = this.#pages;
    if (!pages?.hasMore) return;
    this.#pages = null;
    const { signal } = this.#controller;
    try {
      const projects = await pages.next(PAGE);
      if (signal.aborted) return;
      this.#all.list.append(...projects.map((project) => this.#row(project)));
      this.#pageEnded(pages);
    } catch (error) {
      if (!signal.aborted) this.#showEndFailure(error, pages);
    }
  }

  /** The projects that were visited last, as far as the reader may still see them. */
  async #visited(client, listed, signal) {
    const found = this.recent.map(async (id) => {
      const there = listed.find(({ project_id }) => project_id === id);
      if (there) return there;
      const { projects } = await client.get("", new URLSearchParams({ search: id, limit: EXACT_PAGE }), signal);
      return projects.find(({ project_id }) => project_id === id);
    });
    const settled = await Promise.allSettled(found);
    return settled.map(({ value }) => value).filter(Boolean);
  }

  #fill({ section, list }, projects) {
    list.replaceChildren(...projects.map((project) => this.#row(project)));
    section.hidden = projects.length === 0;
  }

  #row(project) {
    return projectRow(project, this.addressOf(project.project_id), Date.now());
  }

  #pageEnded(pages) {
    this.#pages = pages;
    const rows = this.#all.list.childElementCount;
    this.#all.section.hidden = rows === 0;
    // A heading alone, above the only list, says nothing.
    this.#all.heading.hidden = this.#recent.section.hidden;
    if (rows > 0) this.#show("rows");
    else if (pages.hasMore) this.#show("loading", skeleton());
    else if (this.search) this.#show("no-match", nothing("no-match", t("projects.no-match"), t("projects.no-match-hint")));
    else this.#show("empty", nothing("empty", t("projects.empty"), t("projects.empty-hint")));
    this.#end.replaceChildren();
    if (!pages.hasMore) return;
    this.#end.replaceChildren(moreOffered(() => this.#loadMore(), t("projects.more")));
    // Anew after each page: an end that stays in sight is no news to an observer.
    this.#endSeen.disconnect();
    this.#endSeen.observe(this.#end);
  }

  #showEndFailure(error, pages) {
    const retry = () => {
      this.#pages = pages;
      this.#loadMore();
    };
    this.#end.replaceChildren(...endFailed(failureText(error, this.#src), retry));
  }

  #showFailure(error) {
    for (const shown of [this.#recent, this.#all]) this.#fill(shown, []);
    this.#end.replaceChildren();
    if (error instanceof Problem && error.status === 401) return this.#askForAccess(error);
    this.#show("error", failed(failureText(error, this.#src), () => this.#load(), t("projects.error")));
  }

  #askForAccess(error) {
    const given = (token) => {
      this.#emit("token-change", { token });
      this.token = token;
    };
    this.#show("unauthorized", accessWanted(error, this.#src, this.#token, given));
    if (document.activeElement === document.body) this.#state.querySelector("input, a")?.focus({ preventScroll: true });
  }

  #show(name, shown = null) {
    this.dataset.state = name;
    if (name !== "loading" || shown) this.#state.replaceChildren(...(shown ? [shown] : []));
  }

  #refresh() {
    if (document.hidden) return;
    for (const row of this.#links().map((link) => link.closest("li"))) refreshRow(row, Date.now());
  }

  #links() {
    return [...this.shadowRoot.querySelectorAll("li a.project")];
  }

  #onSearchKey(event) {
    if (event.key === "Escape" && this.#input.value !== "") {
      this.#input.value = "";
      this.#searchFor("");
    } else if (event.key === "ArrowDown") {
      this.#links()[0]?.focus();
    } else if (event.key === "Enter" && this.search === this.#input.value.trim()) {
      this.#links()[0]?.click();
    } else {
      return;
    }
    event.preventDefault();
  }

  #onKey(event) {
    if (!isShortcut(event)) return;
    const links = this.#links();
    const at = links.indexOf(this.shadowRoot.activeElement);
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    // Some keyboards have the slash behind Shift.
    if (event.key === "/") this.#input.focus();
    else if (event.shiftKey) return;
    else if (step && (at >= 0 || event.key === "j")) links[Math.max(at + step, 0)]?.focus();
    else return;
    event.preventDefault();
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}

function listOf(name, title) {
  const heading = element("h2", { class: "day", id: `${name}-projects` }, title);
  const list = element("ul", { "aria-labelledby": heading.id });
  return { heading, list, section: element("section", { class: name, hidden: true }, heading, list) };
}

customElements.define("project-list", ProjectList);
