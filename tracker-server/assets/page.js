// The page around the timeline. It takes the project from the path, and keeps filters and position
// in the history and the token in the tab.

import { filtersFromQuery, filtersToQuery } from "./activity-timeline.js";
import { currentLanguage, t } from "./timeline-texts.js";
import { onViewerToken } from "./viewer-token.js";

const TOKEN = "tracker-token";
const SCROLLED_MS = 200;

const timeline = document.querySelector("activity-timeline");
const { base, project } = fromPath();

document.documentElement.lang = currentLanguage();
document.title = t("page.title", { project });
document.querySelector("header p").textContent = t("page.activity");
document.querySelector("h1 bdi").textContent = project;

timeline.addEventListener("project-name", ({ detail: { name } }) => {
  if (!name.label) return;
  document.title = t("page.title", { project: name.label });
  const heading = document.querySelector("h1");
  heading.textContent = name.label;
  heading.title = project;
});

onViewerToken((token) => {
  sessionStorage.setItem(TOKEN, token);
  timeline.token = token;
});
timeline.token = sessionStorage.getItem(TOKEN);
restore();
timeline.setAttribute("src", base);
timeline.project = project;

// The browser would restore the scroll position before the rows are loaded.
history.scrollRestoration = "manual";

timeline.addEventListener("token-change", ({ detail }) => sessionStorage.setItem(TOKEN, detail.token));

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

// The server's routes may be mounted below another path.
function fromPath() {
  const [, base = "", encoded = ""] = /^(.*)\/projects\/([^/]*)\/?$/.exec(location.pathname) ?? [];
  try {
    return { base, project: decodeURIComponent(encoded) };
  } catch {
    return { base, project: encoded };
  }
}
