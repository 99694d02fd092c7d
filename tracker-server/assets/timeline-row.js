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
 * `context` has `opened`, `now_ms`, and `addressOf(id)` if an activity has a page. A step has `step`: `{ after_ms, user, environment }`, the
 * time since the one before it or `null`, and what the block's head says for all of them.
 */
export function rowOf(activity, context, step = null) {
  const { id, type, status, user } = activity;
  const label = harmless(activity.label);
  const article = element("article", {
    class: "row",
    part: step ? "step" : "row",
    tabindex: "-1",
    "aria-label": user ? t("row.by", { label, user: harmless(user) }) : label,
    "data-key": id,
    "data-action-id": id,
    "data-action-type": type,
    "data-status": status,
    "data-tone": toneOf(status),
  });
  if (step) article.classList.add("step");
  const { opened } = context;
  const state = { isOpen: () => opened.has(id), open: () => opened.open(id), close: () => opened.close(id) };
  const disclosure = new Disclosure(article, t("row.details"), state, () => factsOf(activity));
  article.append(
    element(
      "div",
      { class: "head" },
      element("span", { class: "icon" }, icon(type)),
      labelOf(activity),
      element("div", { class: "content" }, detailsOf(activity.details), chipsOf(...chipsOfActivity(activity, step))),
      step ? gapOf(step.after_ms) : userOf(user),
      linked(step ? clockOf(activity.time_ms) : ageOf(activity.time_ms, context.now_ms), context.addressOf?.(id)),
      disclosure.button,
    ),
  );
  disclosure.show();
  return article;
}

/** The time since the step before. */
export function gapOf(after_ms) {
  if (after_ms === null) return element("span", { class: "gap" });
  const text = `+${spanText(after_ms)}`;
  return element("span", { class: "gap", title: t("step.after", { span: spanText(after_ms) }) }, text);
}

function chipsOfActivity({ status, environment, request, user, references }, step) {
  const chips = [];
  if (status && status !== "success") chips.push(chip("status", null, status));
  if (step && user && user !== step.user) chips.push(chip("user_id", t("row.user"), user));
  if (environment && environment !== step?.environment) chips.push(chip("environment", null, environment));
  if (request && !step) chips.push(chip("request_id", t("row.request"), request));
  return [...chips, ...referenceChips(references)];
}
