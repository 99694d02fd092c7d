// Names for people in place of IDs.
//
// A module that shows an ID marks its element by `named`, and is done: the ID is there at once, and
// a name takes its place when it is known. `Names` watches for such elements below a root, and asks
// for the names of many at once.

import { Client } from "./timeline-client.js";
import { element } from "./timeline-dom.js";
import { icon } from "./timeline-icons.js";
import { harmless } from "./timeline-text.js";
import { t } from "./timeline-texts.js";

const COLLECT_MS = 50;
const IDS_MAX = 100;
// The longest ID that a column can have, or name of a reference, and what an address has room for.
const ID_CHARACTERS_MAX = 255;
const QUERY_CHARACTERS_MAX = 8_000;
const KNOWN_MAX = 5_000;

/**
 * Marks an element that shows an ID, and returns it. `kind` is "user", or "reference." and the name
 * of the reference. Only the element's text changes, never what its button filters by.
 */
export function named(node, kind, id) {
  node.dataset.named = kind;
  node.dataset.namedId = id;
  return node;
}

export class Names {
  #projectNamed;
  #observer = new MutationObserver((changes) => this.#found(changes.flatMap(({ addedNodes }) => [...addedNodes])));
  // The project and the reader for whom names are asked, while they are.
  #asker = null;
  #client = null;
  #controller = null;
  // By kind and ID: a name, or `null` for what has none.
  #known = new Map();
  // The elements that wait for a name, by kind and ID.
  #waiting = new Map();
  #collecting = null;

  /** `projectNamed(name)` is called with the name of the project, if it has one. */
  constructor(projectNamed) {
    this.#projectNamed = projectNamed;
  }

  /** Names all that is marked below `root`, now and later, for a project and a reader. */
  begin(root, src, project, token) {
    const asker = JSON.stringify([src, project, token]);
    if (asker === this.#asker) return;
    this.forget();
    this.#asker = asker;
    this.#client = Client.ofProject(src, project, token, "/names");
    this.#controller = new AbortController();
    this.#observer.observe(root, { childList: true, subtree: true });
    this.#found([...root.children]);
    // The name of the project is asked for also where there are no rows.
    this.#askSoon();
  }

  /** Forgets all names, and asks for no others. */
  forget() {
    this.#asker = null;
    this.#end();
    this.#known.clear();
    this.#waiting.clear();
  }

  #end() {
    this.#observer.disconnect();
    this.#controller?.abort();
    clearTimeout(this.#collecting);
    this.#collecting = null;
  }

  #found(nodes) {
    for (const node of nodes) {
      if (!(node instanceof Element)) continue;
      if (node.dataset?.named) this.#name(node);
      for (const marked of node.querySelectorAll("[data-named]")) this.#name(marked);
    }
    if (this.#waiting.size > 0) this.#askSoon();
  }

  #name(node) {
    const { named: kind, namedId: id, label } = node.dataset;
    if (label !== undefined || !canBeAskedFor(kind, id)) return;
    const key = keyOf(kind, id);
    if (this.#known.has(key)) return show(node, this.#known.get(key));
    if (!this.#waiting.has(key)) this.#waiting.set(key, new Set());
    this.#waiting.get(key).add(node);
  }

  #askSoon() {
    this.#collecting ??= setTimeout(() => this.#ask(), COLLECT_MS);
  }

  /** Asks for as many as there may be, and goes on while there are more. */
  async #ask() {
    const { signal } = this.#controller;
    const parameters = new URLSearchParams();
    const asked = [];
    for (const [key, nodes] of this.#waiting) {
      if (asked.length === IDS_MAX || String(parameters).length > QUERY_CHARACTERS_MAX) break;
      parameters.append(...JSON.parse(key));
      asked.push([key, nodes]);
    }
    try {
      const answer = await this.#client.get("", parameters, signal);
      if (!signal.aborted) this.#receive(asked, answer);
    } catch {
      // The IDs stay. They are asked for again with the next element that shows them.
      if (!signal.aborted) for (const [key] of asked) this.#waiting.delete(key);
    }
    if (signal.aborted) return;
    this.#collecting = null;
    if (this.#waiting.size > 0) this.#askSoon();
  }

  #receive(asked, { has_names, project, users, references }) {
    if (project) this.#projectNamed(project);
    if (has_names === false) return this.#end();
    for (const [key, nodes] of asked) {
      const [kind, id] = JSON.parse(key);
      const names = kind === "user" ? users : references?.[kind.slice("reference.".length)];
      const name = Object.hasOwn(names ?? {}, id) ? names[id] : null;
      this.#known.set(key, name);
      for (const node of nodes) show(node, name);
      this.#waiting.delete(key);
    }
    for (const key of this.#known.keys()) {
      if (this.#known.size <= KNOWN_MAX) break;
      this.#known.delete(key);
    }
  }
}

/** One that the server refuses would take the names of all others with it. */
function canBeAskedFor(kind, id) {
  return kind !== "reference." && Math.max(kind.length, id.length) <= ID_CHARACTERS_MAX;
}

function keyOf(kind, id) {
  return JSON.stringify([kind, id]);
}

/** Shows a name in place of the ID, which becomes the title. */
function show(node, name) {
  if (!name) return;
  node.dataset.label = name.label ?? "";
  if (name.label) {
    node.title = harmless(node.dataset.namedId);
    node.replaceChildren(harmless(name.label));
  }
  if (name.picture) node.prepend(picture(name.picture));
  if (name.link) showLink(node, name);
}

function picture(src) {
  const attributes = { class: "picture", alt: "", src, width: 16, height: 16, loading: "lazy", referrerpolicy: "no-referrer" };
  const image = element("img", attributes);
  image.addEventListener("error", () => image.remove());
  return image;
}

/** Puts a link behind the button that has the name, since a button has no links in it. */
function showLink(node, { link, label }) {
  const text = t("names.open", { name: harmless(label ?? node.dataset.namedId) });
  const attributes = { class: "open-link", href: link, target: "_blank", rel: "noopener noreferrer", title: text, "aria-label": text };
  (node.closest("button") ?? node).after(element("a", attributes, icon("open")));
}
