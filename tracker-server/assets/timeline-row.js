// One activity as an `<article>`. Its buttons filter: they carry `data-filter` and `data-value`,
// and the component listens for clicks on them.

import { element, setText } from "./timeline-dom.js";
import { icon } from "./timeline-icons.js";
import { named } from "./timeline-names.js";
import { harmless, textNodes } from "./timeline-text.js";
import { statusText, t } from "./timeline-texts.js";
import { exactTime, shortTime } from "./timeline-time.js";

const DETAILS_CHARACTERS = 320;
const REFERENCES_SHOWN = 4;
const TONES = { failure: "danger", panicked: "danger", cancelled: "warning" };

export function rowOf(activity, now_ms) {
  const label = harmless(activity.label);
  return element(
    "article",
    {
      class: "row",
      part: "row",
      tabindex: "-1",
      "aria-label": activity.user ? t("row.by", { label, user: harmless(activity.user) }) : label,
      "data-action-id": activity.id,
      "data-action-type": activity.type,
      "data-status": activity.status,
      "data-tone": toneOf(activity.status),
    },
    element("span", { class: "icon" }, icon(activity.type)),
    activity.type
      ? filterButton("label", "action_type", activity.type, label)
      : element("span", { class: "label" }, element("span", { dir: "auto" }, label)),
    element("div", { class: "content" }, detailsOf(activity.details), chipsOf(activity)),
    activity.user ? filterButton("user", "user_id", activity.user) : element("span", { class: "user" }),
    timeOf(activity.time_ms, now_ms),
  );
}

/** Brings "5 min ago" up to date. */
export function refreshTime(row, time_ms, now_ms) {
  setText(row.lastElementChild, shortTime(time_ms, now_ms));
}

function timeOf(time_ms, now_ms) {
  if (time_ms === null) return element("span", { class: "time" });
  const exact = exactTime(time_ms);
  const attributes = { class: "time", part: "time", datetime: new Date(time_ms).toISOString(), title: exact };
  return element("time", { ...attributes, "data-exact": exact }, shortTime(time_ms, now_ms));
}

function detailsOf(text) {
  if (text === "") return null;
  const details = element("p", { class: "details", part: "details" });
  const body = element("span", { dir: "auto" }, ...textNodes(text, DETAILS_CHARACTERS));
  details.append(body);
  if (text.length > DETAILS_CHARACTERS) {
    const more = element("button", { type: "button", class: "more", "aria-expanded": "false" }, t("row.show-all"));
    more.addEventListener("click", () => {
      const opens = more.getAttribute("aria-expanded") === "false";
      more.setAttribute("aria-expanded", String(opens));
      more.textContent = opens ? t("row.show-less") : t("row.show-all");
      body.replaceChildren(...textNodes(text, opens ? Infinity : DETAILS_CHARACTERS));
    });
    details.append(" ", more);
  }
  return details;
}

function chipsOf({ status, environment, request, references }) {
  const chips = [];
  if (status && status !== "success") chips.push(chip("status", null, status));
  if (environment) chips.push(chip("environment", null, environment));
  if (request) chips.push(chip("request_id", t("row.request"), request));
  const all = references.map(({ name, value, filter }) => chip("reference", name, value, filter));
  // The last value is not longer than the button that would stand for it.
  const shown = all.length > REFERENCES_SHOWN + 1 ? REFERENCES_SHOWN : all.length;
  chips.push(...all.slice(0, shown));
  if (chips.length === 0) return null;
  const box = element("div", { class: "chips" }, ...chips);
  if (shown < all.length) {
    const more = element("button", { type: "button", class: "more" }, t("row.more", { count: all.length - shown }));
    more.addEventListener("click", () => {
      more.replaceWith(...all.slice(shown));
      all[shown].focus();
    });
    box.append(more);
  }
  return box;
}

function chip(filter, name, value, filterValue = value) {
  const text = harmless(filter === "status" ? statusText(value) : value);
  const shown = element("span", { class: "value", dir: "auto" }, text);
  if (filter === "reference" && filterValue !== null) named(shown, `reference.${name}`, value);
  const contents = [
    ...(name ? [element("span", { class: "name", dir: "auto" }, harmless(name)), " "] : []),
    shown,
  ];
  const attributes = { class: `chip ${filter}`, part: "chip", "data-chip": filter };
  if (filterValue === null) return element("span", { ...attributes, title: text }, ...contents);
  return element(
    "button",
    {
      ...attributes,
      type: "button",
      title: t("row.only-named", { name: harmless(name ?? t(`filter.${filter}`)), value: text }),
      "data-filter": filter,
      "data-value": filterValue,
      "data-tone": filter === "status" ? toneOf(value) : null,
    },
    ...contents,
  );
}

function filterButton(style, filter, value, text = harmless(value)) {
  const attributes = { type: "button", class: style, part: style, "data-filter": filter, "data-value": value };
  const shown = element("span", { dir: "auto" }, text);
  if (filter === "user_id") named(shown, "user", value);
  return element("button", { ...attributes, title: t("row.only", { value: text }) }, shown);
}

function toneOf(status) {
  return status && status !== "success" ? (TONES[status] ?? "neutral") : null;
}
