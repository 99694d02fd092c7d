// The page of a project's timeline. It keeps filters, what stands open and the zone in the address,
// and the position for each entry of the history.

import { filtersFromQuery, filtersToQuery } from "./activity-timeline.js";
import { activityAddress, base, here, hereWith, projectsAddress } from "./page-address.js";
import { openedFromQuery, openedToQuery } from "./page-opened.js";
import { placeFromQuery, withoutPlace } from "./page-place.js";
import { keepPositionHere, newEntry, positionHere } from "./page-position.js";
import { keepToken, showPage, wayFromProjects } from "./page.js";
import { remember } from "./page-recent.js";
import { showViewerNote } from "./page-viewer.js";
import { zoneFromQuery, zoneToQuery } from "./page-zone.js";
import { element } from "./timeline-dom.js";
import { t } from "./timeline-texts.js";
import "./timeline-tools.js";
import "./viewer-link.js";

const SCROLLED_MS = 200;

const { project } = here;
const timeline = element("activity-timeline", { src: base, project });
timeline.projectsAddress = projectsAddress();
timeline.addressOf = (id) => {
  return activityAddress(project, id, zoneToQuery(zoneFromQuery(location.search), filtersToQuery(timeline.filters)));
};
const tools = element("timeline-tools");
tools.timeline = timeline;
const viewerLink = element("viewer-link", { hidden: true });
const beside = element("div", { class: "tools" }, tools, viewerLink);

// With all that it needs, the timeline is made once when the page shows it.
keepToken(timeline, () => (viewerLink.timeline = timeline));
restore();
showPage({ title: t("page.title", { project }), heading: project, way: wayFromProjects(), content: timeline, tools: beside });
showViewerNote(timeline, "activities-load");
viewerLink.timeline = timeline;

// The browser would restore the scroll position before the rows are loaded.
history.scrollRestoration = "manual";

let name = project;
let isEmpty = false;

// A project without activities may be one that is not there.
timeline.addEventListener("activities-load", ({ detail: { count } }) => {
  isEmpty = count === 0 && Object.keys(timeline.filters).length === 0;
  showTitle();
  if (count > 0) remember(project);
});

timeline.addEventListener("project-name", ({ detail }) => {
  if (!detail.name.label) return;
  name = detail.name.label;
  showTitle();
  const heading = document.querySelector("h1");
  heading.firstElementChild.textContent = name;
  heading.title = project;
});

timeline.addEventListener("opened-change", ({ detail: { opened } }) => {
  history.replaceState(history.state, "", hereWith(openedToQuery(opened, location.search)));
});

timeline.addEventListener("zone-change", ({ detail: { zone } }) => {
  history.replaceState(history.state, "", hereWith(zoneToQuery(zone, location.search)));
});

timeline.addEventListener("filters-change", ({ detail }) => {
  const address = hereWith(filtersToQuery(detail.filters, withoutPlace(location.search)));
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

function showTitle() {
  document.title = t(isEmpty ? "page.title-empty" : "page.title", { project: name });
}

function restore() {
  const zone = zoneFromQuery(location.search);
  // The address does not go on to promise a zone that nobody knows.
  if (new URLSearchParams(location.search).get("zone") !== zone) {
    history.replaceState(history.state, "", hereWith(zoneToQuery(zone, location.search)));
  }
  timeline.zone = zone;
  timeline.filters = filtersFromQuery(location.search);
  timeline.opened = openedFromQuery(location.search);
  // The reader may have gone on from the place that the address names.
  const kept = positionHere();
  timeline.position = kept === undefined ? placeFromQuery(location.search) : kept;
}

function keepPosition() {
  keepPositionHere(timeline.position);
}
