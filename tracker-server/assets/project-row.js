// One project as a list item: its name leads to its timeline.

import { element, setText } from "./timeline-dom.js";
import { icon } from "./timeline-icons.js";
import { timeElement } from "./timeline-parts.js";
import { harmless } from "./timeline-text.js";
import { t } from "./timeline-texts.js";
import { isTime, shortMoment, shortTime } from "./timeline-time.js";
import { dayNumber, startOfDayNumber } from "./timeline-zone.js";

export function projectRow(project, href, now_ms) {
  const { project_id, label, picture, last_activity_at, activities_30_days, failures_30_days, is_capped } = project;
  const name = harmless(label ?? project_id);
  const link = element("a", { class: "project", part: "project", href, title: harmless(project_id) }, element("bdi", {}, name));
  const id = label ? element("bdi", { class: "id" }, harmless(project_id)) : null;
  const failures = t(is_capped ? "projects.failures-at-least" : "projects.failures", { count: failures_30_days });
  const activities = t(is_capped ? "projects.activities-at-least" : "projects.activities", { count: activities_30_days });
  const chip = failures_30_days > 0 ? element("span", { class: "chip status", "data-tone": "danger" }, element("bdi", {}, failures)) : null;
  return element(
    "li",
    { class: "entry", "data-project-id": project_id },
    pictureOf(picture, label),
    element("div", { class: "names" }, link, id),
    element("span", { class: "outcome" }, chip),
    element("span", { class: "activities" }, activities),
    lastOf(last_activity_at, now_ms),
  );
}

/** Brings "5 min ago" up to date. */
export function refreshRow(row, now_ms) {
  const time = row.querySelector("time");
  if (time) setText(time, lastText(Date.parse(time.dateTime), now_ms));
}

function lastOf(time_ms, now_ms) {
  if (!isTime(time_ms)) return element("span", { class: "time" }, t("time.no-date"));
  return timeElement(time_ms, {}, () => lastText(time_ms, now_ms));
}

/** Unlike in a timeline, no heading tells the day. */
function lastText(time_ms, now_ms) {
  const day = dayNumber(time_ms);
  return day === dayNumber(now_ms) ? shortTime(time_ms, now_ms) : shortMoment(startOfDayNumber(day));
}

/** The project's own picture, else the first letter of its label. IDs begin alike, most of them. */
function pictureOf(picture, label) {
  const letter = label && [...label.replace(/[^\p{L}\p{N}]/gu, "")][0]?.toUpperCase();
  const initial = element("span", { class: "avatar", "aria-hidden": "true" }, letter || icon("project"));
  if (!picture) return initial;
  const image = element("img", { class: "avatar", src: picture, alt: "", loading: "lazy", referrerpolicy: "no-referrer" });
  image.addEventListener("error", () => image.replaceWith(initial));
  return image;
}
