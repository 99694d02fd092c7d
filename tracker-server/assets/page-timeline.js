// The page of a project's timeline. It keeps filters and what stands open in the address, and the
// position for each entry of the history.

import { filtersFromQuery, filtersToQuery } from "./activity-timeline.js";
import { activityAddress, base, here, hereWith } from "./page-address.js";
import { openedFromQuery, openedToQuery } from "./page-opened.js";
import { keepPositionHere, newEntry, positionHere } from "./page-position.js";
import { keepToken, showPage, wayFromProjects } from "./page.js";
import { remember } from "./page-recent.js";
import { element } from "./timeline-dom.js";
import { t } from "./timeline-texts.js";
import "./timeline-tools.js";

const SCROLLED_MS = 200;

const { project } = here;
const timeline = element("activity-timeline", { src: base });
timeline.addressOf = (id) => activityAddress(project, id, filtersToQuery(timeline.filters));
const tools = element("timeline-tools");
tools.timeline = timeline;

showPage({ title: t("page.title", { project }), heading: project, way: wayFromProjects(), content: timeline, tools });
remember(project);

keepToken(timeline);
restore();
timeline.project = project;

// The browser would restore the scroll position before the rows are loaded.
history.scrollRestoration = "manual";

timeline.addEventListener("project-name", ({ detail: { name } }) => {
  if (!name.label) return;
  document.title = t("page.title", { project: name.label });
  const heading = document.querySelector("h1");
  heading.firstElementChild.textContent = name.label;
  heading.title = project;
});

timeline.addEventListener("opened-change", ({ detail: { opened } }) => {
  history.replaceState(history.state, "", hereWith(openedToQuery(opened, location.search)));
});

timeline.addEventListener("filters-change", ({ detail }) => {
  const address = hereWith(filtersToQuery(detail.filters, location.search));
  if (detail.continues) {
    history.replaceState(newEntry(), "", address);
  } else {
    keepPosition();
    history.pushState(newEntry(), "", address);
  }
});

addEventListener("popstate", () => {
  restore();
  if (!positionHere()) scrollTo({ top: 0, behavior: "instant" });
});

let scrolled;
addEventListener("scroll", () => {
  clearTimeout(scrolled);
  scrolled = setTimeout(keepPosition, SCROLLED_MS);
}, { passive: true });
addEventListener("pagehide", keepPosition);

function restore() {
  timeline.filters = filtersFromQuery(location.search);
  timeline.opened = openedFromQuery(location.search);
  timeline.position = positionHere() ?? null;
}

function keepPosition() {
  keepPositionHere(timeline.position);
}
