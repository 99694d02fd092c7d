// All that is known of one activity, each value with a button that copies it.

import { copyButton } from "./timeline-copy.js";
import { element } from "./timeline-dom.js";
import { harmless } from "./timeline-text.js";
import { t } from "./timeline-texts.js";
import { exactTime } from "./timeline-time.js";

export function factsOf({ id, request, user, time_ms, references }) {
  const facts = [];
  if (time_ms !== null) facts.push([t("fact.time"), new Date(time_ms).toISOString(), exactTime(time_ms)]);
  facts.push([t("fact.activity"), id]);
  if (request !== null) facts.push([t("fact.request"), request]);
  if (user !== null) facts.push([t("fact.user"), user]);
  for (const { name, value } of references) facts.push([name, value]);
  return element("dl", { class: "facts inside", part: "facts" }, ...facts.map((fact) => factOf(...fact)));
}

function factOf(name, value, text = value) {
  const called = harmless(name);
  return element(
    "div",
    {},
    element("dt", { dir: "auto" }, called),
    element("dd", {}, element("span", { dir: "auto" }, harmless(text)), copyButton(called, value)),
  );
}
