// The page of a project's timeline. It keeps filters and position in the history.

import { filtersFromQuery, filtersToQuery } from "./activity-timeline.js";
import { base, here } from "./page-address.js";
import { keepToken, showPage, wayFromProjects } from "./page.js";
import { remember } from "./page-recent.js";
import { element } from "./timeline-dom.js";
import { t } from "./timeline-texts.js";

const SCROLLED_MS = 200;

const { project } = here;
const timeline = element("activity-timeline", { src: base });

showPage({ title: t("page.title", { project }), heading: project, way: wayFromProjects(), content: timeline });
remember(project);

keepToken(timeline);
restore();
timeline.project = project;

// The browser would restore the scroll position before the rows are loaded.
history.scrollRestoration = "manual";

timeline.addEventListener("filters-change", ({ detail }) => {
  const query = filtersToQuery(detail.filters, location.search).toString();
  const address = query ? `?${query}` : location.pathname;
  if (detail.continues) {
    history.replaceState(null, "", address);
  } else {
    keepPosition();
    history.pushState(null, "", address);
  }
});

addEventListener("popstate", () => {
  restore();
  if (!history.state?.position) scrollTo({ top: 0, behavior: "instant" });
});

let scrolled;
addEventListener("scroll", () => {
  clearTimeout(scrolled);
  scrolled = setTimeout(keepPosition, SCROLLED_MS);
}, { passive: true });
addEventListener("pagehide", keepPosition);

function restore() {
  timeline.filters = filtersFromQuery(location.search);
  timeline.position = history.state?.position ?? null;
}

function keepPosition() {
  history.replaceState({ position: timeline.position }, "");
}
