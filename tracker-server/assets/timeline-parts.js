// The parts that rows, blocks and folds have in common. Buttons that filter carry `data-filter` and
// `data-value`, and the component listens for clicks on them.

import { element, setText } from "./timeline-dom.js";
import { named } from "./timeline-names.js";
import { toneOf } from "./timeline-outcome.js";
import { harmless, textNodes } from "./timeline-text.js";
import { statusText, t } from "./timeline-texts.js";
import { clockTime, exactTime, shortTime } from "./timeline-time.js";

const DETAILS_CHARACTERS = 320;
const REFERENCES_SHOWN = 4;
/** The longest text of a chip that is never cut. */
const WHOLE_CHARACTERS = 18;

/** The label of an action type. */
export function labelOf({ type, label }) {
  const text = harmless(label);
  if (type) return filterButton("label", "action_type", type, text);
  return element("span", { class: "label" }, element("span", { dir: "auto" }, text));
}

/** Who it was, in a box that has room for what a name brings with it. */
export function userOf(user, ...others) {
  return element("div", { class: "who" }, user ? filterButton("user", "user_id", user) : element("span", { class: "user" }), ...others);
}

/** The age of a time, which `refreshAges` brings up to date. */
export function ageOf(time_ms, now_ms) {
  return timeElement(time_ms, { "data-ms": time_ms }, () => shortTime(time_ms, now_ms));
}

export function clockOf(time_ms) {
  return timeElement(time_ms, {}, () => clockTime(time_ms));
}

/** A time that leads to the page of its activity, if there is one. */
export function linked(time, href) {
  if (!href) return time;
  if (time.tagName !== "TIME") time.textContent = t("row.open");
  return element("a", { class: "when", part: "permalink", href }, time);
}

/** Brings all ages within an element up to date. */
export function refreshAges(node, now_ms) {
  for (const time of node.querySelectorAll("time[data-ms]")) setText(time, shortTime(Number(time.dataset.ms), now_ms));
}

/** A time that tells all of itself at the pointer and the focus; an empty one without a time. */
export function timeElement(time_ms, attributes, text) {
  if (time_ms === null) return element("span", { class: "time" });
  const exact = exactTime(time_ms);
  const all = { class: "time", part: "time", datetime: new Date(time_ms).toISOString(), title: exact, ...attributes };
  return element("time", { ...all, "data-exact": exact }, text());
}

export function detailsOf(text) {
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

/** A box with chips, or `null` without any. */
export function chipsOf(...chips) {
  return chips.length > 0 ? element("div", { class: "chips" }, ...chips) : null;
}

/** Chips for the references, of which the last ones wait behind a button. */
export function referenceChips(references) {
  const all = references.map(({ name, value, filter }) => chip("reference", name, value, filter));
  // The last value is not longer than the button that would stand for it.
  const shown = all.length > REFERENCES_SHOWN + 1 ? REFERENCES_SHOWN : all.length;
  if (shown === all.length) return all;
  const more = element("button", { type: "button", class: "more" }, t("row.more", { count: all.length - shown }));
  more.addEventListener("click", () => {
    more.replaceWith(...all.slice(shown));
    all[shown].focus();
  });
  return [...all.slice(0, shown), more];
}

/** A chip that filters by `filterValue`, or one that does not filter if that is `null`. */
export function chip(filter, name, value, filterValue = value) {
  const text = harmless(filter === "status" ? statusText(value) : value);
  const shown = cuttable("value", text);
  if (filter === "reference" && filterValue !== null) named(shown, `reference.${name}`, value);
  if (filter === "user_id") named(shown, "user", value);
  const contents = [...(name ? [cuttable("name", harmless(name)), " "] : []), shown];
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

/** A part of a chip. Only a long one is cut, so that a short one never loses its end to another. */
function cuttable(style, text) {
  const long = text.length > WHOLE_CHARACTERS ? " long" : "";
  return element("span", { class: `${style}${long}`, dir: "auto" }, text);
}

function filterButton(style, filter, value, text = harmless(value)) {
  const attributes = { type: "button", class: style, part: style, "data-filter": filter, "data-value": value };
  const shown = element("span", { dir: "auto" }, text);
  if (filter === "user_id") named(shown, "user", value);
  return element("button", { ...attributes, title: t("row.only", { value: text }) }, shown);
}
