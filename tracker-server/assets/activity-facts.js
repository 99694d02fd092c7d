// The fields of an activity: each with its value, a button that copies it, and a link to all
// activities with the same.

import { copyButton } from "./timeline-copy.js";
import { element } from "./timeline-dom.js";
import { icon } from "./timeline-icons.js";
import { named } from "./timeline-names.js";
import { toneOf } from "./timeline-outcome.js";
import { harmless } from "./timeline-text.js";
import { statusText, t } from "./timeline-texts.js";
import { exactTime } from "./timeline-time.js";

/** `timelineOf(filters)` is the address of the timeline with filters. */
export function allFactsOf(activity, timelineOf) {
  const { id, type, label, status, user, request, environment, time_ms, references } = activity;
  const fact = (name, value, filters, shown = plain(value)) => factOf(name, value, shown, filters && timelineOf(filters));
  const facts = [];
  if (type) facts.push(fact(t("fact.action"), type, { action_type: type }, actionOf(label, type)));
  if (status) facts.push(fact(t("filter.status"), status, { status }, statusOf(status)));
  if (user) facts.push(fact(t("fact.user"), user, { user_id: user }, named(plain(user), "user", user)));
  if (time_ms !== null) {
    const utc = new Date(time_ms).toISOString();
    facts.push(fact(t("fact.time"), exactTime(time_ms), null, element("time", { datetime: utc }, exactTime(time_ms))));
    facts.push(fact(t("fact.time-utc"), utc));
  }
  if (request) facts.push(fact(t("fact.request"), request, { request_id: request }));
  if (environment) facts.push(fact(t("filter.environment"), environment, { environment }));
  facts.push(fact(t("fact.activity"), id));
  for (const { name, value, filter } of references) {
    const shown = filter ? named(plain(value), `reference.${name}`, value) : plain(value);
    facts.push(fact(harmless(name), value, filter && { reference: [filter] }, shown));
  }
  return element("section", { class: "card" }, element("h2", { class: "quiet" }, t("activity.fields")), element("dl", { class: "fields", part: "facts" }, ...facts));
}

function factOf(name, value, shown, href) {
  const label = t("activity.all-with", { name, value: harmless(value) });
  const all = href && element("a", { class: "all", href, title: label, "aria-label": label }, icon("search"));
  return element("div", {}, element("dt", {}, element("bdi", {}, name)), element("dd", {}, shown, copyButton(name, value), all));
}

function plain(value) {
  return element("span", { class: "value", dir: "auto" }, harmless(value));
}

function actionOf(label, type) {
  const code = label === type ? null : element("span", { class: "code" }, harmless(type));
  return element("span", { class: "value" }, element("bdi", {}, harmless(label)), " ", code);
}

function statusOf(status) {
  return element("span", { class: "chip status", "data-tone": toneOf(status), "data-status": status }, harmless(statusText(status)));
}
