// The frame of every page: its language, its title with the way to it, and the reader's token.

import { projectsAddress } from "./page-address.js";
import { keepInTab, keptInTab } from "./page-tab.js";
import { element } from "./timeline-dom.js";
import { currentLanguage, t } from "./timeline-texts.js";
import { onViewerToken } from "./viewer-token.js";

const TOKEN = "tracker-token";

document.documentElement.lang = currentLanguage();

/**
 * Shows the frame around `content`. `way` are the pages above this one as `{ text, href }`, from the
 * list of projects on, and `tools` an element beside the heading.
 */
export function showPage({ title, heading, way = [], content, tools = null }) {
  const steps = way.map(({ text, href }) => element("li", {}, element("a", { href }, element("bdi", {}, text))));
  const nav = element("nav", { "aria-label": t("page.way") }, element("ol", {}, ...steps));
  const line = element("div", { class: "heading" }, element("h1", {}, element("bdi", {}, heading)), tools);
  document.querySelector("header").replaceChildren(...(steps.length > 0 ? [nav] : []), line);
  document.querySelector("main").replaceChildren(content);
  document.title = title;
}

/** The first step of each way: the list of projects. */
export function wayFromProjects() {
  return [{ text: t("page.projects"), href: projectsAddress() }];
}

/**
 * Gives an element the token of this tab, and keeps the one that the reader enters there or comes
 * with. `changed()` is called after the reader has come with another.
 */
export function keepToken(node, changed = () => {}) {
  onViewerToken((token) => {
    keepInTab(TOKEN, token);
    node.token = token;
    changed();
  });
  node.token = keptInTab(TOKEN);
  node.addEventListener("token-change", ({ detail }) => keepInTab(TOKEN, detail.token));
}
