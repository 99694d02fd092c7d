// The page of one activity. Its address keeps the filters and the zone of the timeline that the
// reader comes from.

import "./activity-details.js";
import { activityAddress, base, here, projectAddress } from "./page-address.js";
import { keepToken, showPage, wayFromProjects } from "./page.js";
import { placeToQuery } from "./page-place.js";
import { remember } from "./page-recent.js";
import "./page-share.js";
import { showViewerNote } from "./page-viewer.js";
import { zoneFromQuery, zoneToQuery } from "./page-zone.js";
import { element } from "./timeline-dom.js";
import { filtersFromQuery, filtersToQuery } from "./timeline-filters.js";
import { harmless } from "./timeline-text.js";
import { t } from "./timeline-texts.js";
import { showZone } from "./timeline-zone.js";

const { project, activity } = here;
const filters = filtersFromQuery(location.search);
const zone = zoneFromQuery(location.search);
showZone(zone);

/** The query that shows filters in the zone of this page. */
const queryOf = (filters) => zoneToQuery(zone, filtersToQuery(filters));

const details = element("activity-details", { src: base, project, activity });
details.filters = filters;
details.addressOf = (id) => activityAddress(project, id, queryOf(filters));
details.timelineOf = (others) => projectAddress(project, queryOf(others));
details.placeOf = (of, others) => projectAddress(project, placeToQuery(of, queryOf(others)));

const way = [...wayFromProjects(), { text: project, href: projectAddress(project, queryOf(filters)) }];
// The title is made of two names, each of which comes when it is known.
const names = { label: t("row.activity"), project };
// There is nothing to share before the activity is there.
const share = element("page-share", { hidden: true });
keepToken(details);
showPage({ title: t("activity.title", names), heading: names.label, way, content: details, tools: share });
showViewerNote(details, "activity-load");

details.addEventListener("activity-load", ({ detail }) => {
  remember(project);
  share.hidden = false;
  // The way back leads to where the reader comes from.
  document.querySelector("nav li:last-child a").href = details.placeOf(detail.activity, filters);
  names.label = harmless(detail.activity.label);
  document.querySelector("h1 bdi").textContent = names.label;
  document.title = t("activity.title", names);
});

details.addEventListener("project-name", ({ detail: { name } }) => {
  if (!name.label) return;
  names.project = name.label;
  document.querySelector("nav li:last-child bdi").textContent = name.label;
  document.title = t("activity.title", names);
});
