// What happened around an activity: before and after it, in its request, and to the same records.
// Each section is there at once, and filled when its rows have been loaded.

import { neighbours } from "./activity-neighbours.js";
import { copyButton } from "./timeline-copy.js";
import { element } from "./timeline-dom.js";
import { icon } from "./timeline-icons.js";
import { Pages } from "./timeline-pages.js";
import { rowOf, timeSince } from "./timeline-row.js";
import { harmless } from "./timeline-text.js";
import { t } from "./timeline-texts.js";

const STEPS_MAX = 100;
const REFERENCES_MAX = 5;
/** Activities of the same reference on each side. */
const AROUND = 3;
/** Newer activities above this one, where the timeline is shown at it. */
const ABOVE = 40;

/** Links to the activities before and after this one in the timeline, and to its place there. */
export function neighboursNav(around) {
  const nav = element("nav", { class: "neighbours", "aria-label": t("activity.neighbours") });
  const link = (side, name, activity) =>
    activity
      ? element("a", { class: `tool ${name}`, href: around.addressOf(activity.id), rel: side, "aria-keyshortcuts": { newer: "k", older: "j" }[name] }, icon(name), element("span", {}, t(`activity.${name}`)), element("bdi", { class: "muted" }, harmless(activity.label)))
      : element("span", { class: `tool ${name}`, "aria-disabled": "true" }, icon(name), element("span", {}, t(`activity.no-${name}`)));
  fill(nav, around, async () => {
    const { newer, older } = await neighbours(around.client, around.filters, around.activity, ABOVE, around.signal);
    const place = placeLink(around, newer);
    // An activity without a time has no neighbours.
    if (around.activity.time_ms === null) return [place];
    return [link("prev", "newer", newer[0]), place, link("next", "older", older[0])];
  });
  return nav;
}

/** A timeline begins not far above the activity, however many newer ones there are. */
function placeLink({ activity, filters, placeOf }, newer) {
  const isFar = newer.length === ABOVE;
  const shown = isFar ? { ...filters, created_before: new Date(newer.at(-1).time_ms + 1).toISOString() } : filters;
  return element("a", { class: "tool place", href: placeOf(activity, shown) }, t("activity.in-timeline"));
}

/** The steps of the request, the oldest first, this one marked; `null` where there is no request. */
export function requestSection(around) {
  const { activity, client, signal } = around;
  const { request } = activity;
  if (!request) return null;
  const href = around.timelineOf({ request_id: request });
  const { section, rows } = sectionOf("request", t("activity.request"), t("activity.only-these"), href);
  fill(rows, around, async () => {
    const parameters = new URLSearchParams({ request_id: request, order: "oldest" });
    const steps = await Pages.ofActivities(client, parameters, signal).next(STEPS_MAX);
    return steps.map((step, index) => rowIn(around, step, timeSince(steps[index - 1], step)));
  });
  return section;
}

/** For each reference the activities of the same one before and after, the newest first. */
export function referenceSections(around) {
  const { activity } = around;
  const references = activity.references.filter(({ filter }) => filter !== null).slice(0, REFERENCES_MAX);
  return references.map(({ name, value, filter }) => {
    const title = t("activity.reference", { name: harmless(name), value: harmless(value) });
    const href = around.timelineOf({ reference: [filter] });
    const { section, rows } = sectionOf("reference", title, t("activity.all-of-these"), href);
    fill(rows, around, async () => {
      const { newer, older } = await neighbours(around.client, { reference: [filter] }, activity, AROUND, around.signal);
      const others = [...newer.reverse(), activity, ...older];
      // Of one request alone, they would only say again what is above.
      const isAll = newer.length < AROUND && older.length < AROUND;
      section.hidden = isAll && others.every(({ id, request }) => id === activity.id || (request && request === activity.request));
      return others.map((other) => rowIn(around, other));
    });
    return section;
  });
}

/** The activity as the API has it. */
export function rawSection(json) {
  const text = JSON.stringify(json, null, 2);
  const summary = element("summary", {}, icon("chevron"), element("span", {}, t("activity.raw")));
  const code = element("pre", { tabindex: "0", dir: "ltr", "aria-label": t("activity.raw") }, harmless(text));
  const copy = element("div", { class: "raw" }, copyButton(t("activity.raw"), text), code);
  return element("details", { class: "card raw-json", part: "raw" }, summary, copy);
}

function sectionOf(name, title, more, href) {
  const heading = element("h2", {}, element("bdi", {}, title));
  const rows = element("div", { class: "steps", role: "group", "aria-label": title, "aria-busy": "true" });
  const line = element("div", { class: "line" }, heading, element("a", { href }, more));
  return { section: element("section", { class: `card ${name}`, part: name }, line, rows), rows };
}

function rowIn({ activity, addressOf, opened }, other, after_ms = null) {
  const context = { opened, addressOf, now_ms: Date.now() };
  const row = rowOf(other, context, { isStep: true, after_ms, user: activity.user, environment: activity.environment });
  if (other.id === activity.id) row.setAttribute("aria-current", "true");
  row.tabIndex = 0;
  return row;
}

/** Fills an element with what is loaded, or with the reason why there is nothing. */
async function fill(node, { signal }, load) {
  try {
    const loaded = await load();
    if (!signal.aborted) node.replaceChildren(...loaded);
  } catch (error) {
    if (signal.aborted) return;
    const retry = element("button", { type: "button", class: "plain" }, t("state.retry"));
    retry.addEventListener("click", () => fill(node, { signal }, load));
    node.replaceChildren(element("p", { class: "missing", role: "alert" }, t("activity.missing"), " ", retry));
  } finally {
    node.removeAttribute("aria-busy");
  }
}
