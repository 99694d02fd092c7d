// One activity as an `<article>`: a row of its own, or a step of a block.

import { Disclosure } from "./timeline-disclosure.js";
import { element } from "./timeline-dom.js";
import { factsOf } from "./timeline-facts.js";
import { icon } from "./timeline-icons.js";
import { toneOf } from "./timeline-outcome.js";
import { ageOf, chip, chipsOf, clockOf, detailsOf, labelOf, linked, referenceChips, userOf } from "./timeline-parts.js";
import { spanText } from "./timeline-spans.js";
import { harmless } from "./timeline-text.js";
import { t } from "./timeline-texts.js";

/**
 * `context` has `opened`, `now_ms`, and `addressOf(id)` where an activity has a page. `within` is
 * what the head above an activity says for it: `{ user, environment, status }`, which it does not
 * repeat, and for a step `isStep` and `after_ms`, the time since the one before it or `null`.
 */
export function rowOf(activity, context, within = {}) {
  const { id, type, status, user } = activity;
  const label = harmless(activity.label);
  const article = element("article", {
    class: "row",
    part: within.isStep ? "step" : "row",
    tabindex: "-1",
    "aria-label": user ? t("row.by", { label, user: harmless(user) }) : label,
    "data-key": id,
    "data-action-id": id,
    "data-action-type": type,
    "data-status": status,
    "data-tone": toneOf(status),
  });
  if (within.isStep) article.classList.add("step");
  const { opened } = context;
  const state = { isOpen: () => opened.has(id), open: () => opened.open(id), close: () => opened.close(id) };
  const disclosure = new Disclosure(article, t("row.details"), state, () => factsOf(activity));
  article.append(
    element(
      "div",
      { class: "head" },
      element("span", { class: "icon" }, icon(type)),
      labelOf(activity),
      element("div", { class: "content" }, detailsOf(activity.details), chipsOf(...chipsOfActivity(activity, within))),
      within.isStep ? gapOf(within.after_ms) : userOf(user === within.user ? null : user),
      linked(within.isStep ? clockOf(activity.time_ms) : ageOf(activity.time_ms, context.now_ms), context.addressOf?.(id)),
      disclosure.button,
    ),
  );
  disclosure.show();
  return article;
}

/** The time from one step to the next, or `null` where either has none. */
export function timeSince(before, { time_ms }) {
  return before && before.time_ms !== null && time_ms !== null ? time_ms - before.time_ms : null;
}

/** The time since the step before. */
export function gapOf(after_ms) {
  if (after_ms === null) return element("span", { class: "gap" });
  const text = `+${spanText(after_ms)}`;
  return element("span", { class: "gap", title: t("step.after", { span: spanText(after_ms) }) }, text);
}

function chipsOfActivity({ status, environment, request, user, references }, within) {
  const chips = [];
  if (status && status !== "success" && status !== within.status) chips.push(chip("status", null, status));
  if (within.isStep && user && user !== within.user) chips.push(chip("user_id", t("row.user"), user));
  if (environment && environment !== within.environment) chips.push(chip("environment", null, environment));
  if (request && !within.isStep) chips.push(chip("request_id", t("row.request"), request));
  return [...chips, ...referenceChips(references)];
}
