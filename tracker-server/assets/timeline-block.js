// The activities of one request as an `<article>`: a head with who, what and the outcome, which
// opens to show the steps, the oldest first. A block with a failure opens by itself.

import { copyButton } from "./timeline-copy.js";
import { Disclosure } from "./timeline-disclosure.js";
import { element } from "./timeline-dom.js";
import { foldOf } from "./timeline-fold.js";
import { folded } from "./timeline-folds.js";
import { icon } from "./timeline-icons.js";
import { outcomeOf } from "./timeline-outcome.js";
import { ageOf, chip, chipsOf, detailsOf, labelOf, userOf } from "./timeline-parts.js";
import { rowOf, timeSince } from "./timeline-row.js";
import { spanText } from "./timeline-spans.js";
import { harmless } from "./timeline-text.js";
import { t } from "./timeline-texts.js";
import { timeRange } from "./timeline-time.js";

const ENVIRONMENTS_SHOWN = 3;

/**
 * `block` is one of `timeline-blocks.js`, and `context` that of `timeline-row.js` with
 * `opensRequests`, which is true if every block opens by itself.
 */
export function blockOf(block, context) {
  const { request, activities, newest } = block;
  const outcome = outcomeOf(activities);
  if (block.hasMore) outcome.text = t("outcome.of-newest", { outcome: outcome.text, count: activities.length });
  const { telling } = outcome;
  const others = othersText(block);
  const label = t("block.label", { label: harmless(telling.label), others, outcome: outcome.text });
  const article = element("article", {
    class: "row block",
    part: "block",
    tabindex: "-1",
    "aria-label": telling.user ? t("row.by", { label, user: harmless(telling.user) }) : label,
    "data-key": request,
    "data-request-id": request,
    "data-count": activities.length,
    "data-tone": outcome.tone,
  });
  const { opened } = context;
  const state = {
    isOpen: () => opened.has(request, outcome.failures > 0 || context.opensRequests),
    open: () => opened.open(request),
    close: () => opened.close(request),
  };
  const disclosure = new Disclosure(article, t("block.steps"), state, () => stepsOf(block, telling, context));
  article.append(
    element(
      "div",
      { class: "head" },
      element("span", { class: "icon outcome" }, icon(outcome.icon)),
      element("div", { class: "what" }, labelOf(telling), element("span", { class: "others" }, others)),
      element("div", { class: "content" }, detailsOf(telling.details), chipsOf(...chipsOfBlock(block, outcome))),
      usersOf(activities, telling.user),
      ageOf(newest.time_ms, context.now_ms),
      disclosure.button,
    ),
  );
  disclosure.show();
  return article;
}

function othersText({ activities, hasMore }) {
  const count = activities.length - 1;
  return hasMore ? t("block.others-at-least", { count }) : t("block.others", { count });
}

function usersOf(activities, telling) {
  const others = new Set(activities.map(({ user }) => user).filter((user) => user !== null && user !== telling));
  if (others.size === 0) return userOf(telling);
  return userOf(telling, element("span", { class: "others" }, t("block.users", { count: others.size })));
}

function chipsOfBlock({ request, activities }, outcome) {
  const environments = new Set(activities.map(({ environment }) => environment).filter(Boolean));
  return [
    element("span", { class: "chip outcome", part: "outcome", "data-tone": outcome.tone }, icon(outcome.icon), element("bdi", {}, outcome.text)),
    ...spanOf(activities),
    ...[...environments].slice(0, ENVIRONMENTS_SHOWN).map((environment) => chip("environment", null, environment)),
    element("span", { class: "copied" }, chip("request_id", t("row.request"), request), copyButton(t("fact.request"), request)),
  ];
}

/** From when to when, and how long that is. */
function spanOf(activities) {
  const dated = activities.filter(({ time_ms }) => time_ms !== null);
  if (dated.length < 2) return [];
  const [from_ms, to_ms] = [dated[0].time_ms, dated.at(-1).time_ms];
  return [element("span", { class: "span", part: "span" }, t("block.span", { range: timeRange(from_ms, to_ms), span: spanText(to_ms - from_ms) }))];
}

function stepsOf({ request, activities, hasMore }, telling, context) {
  const said = { isStep: true, user: telling.user, environment: sharedEnvironment(activities) };
  const steps = new Map(activities.map((activity, index) => [activity, { ...said, after_ms: timeSince(activities[index - 1], activity) }]));
  const articles = folded(activities).map(({ activity, run }) =>
    activity ? rowOf(activity, context, steps.get(activity)) : foldOf(run, context, run.map((step) => steps.get(step))),
  );
  const order = element("p", { class: "order", part: "order" }, t("block.order"));
  const earlier = hasMore && element("button", { type: "button", class: "more", part: "earlier", "data-earlier": request }, t("block.earlier"));
  return element("div", { class: "steps inside", role: "group", "aria-label": t("block.steps") }, order, earlier || null, ...articles);
}

/** The environment that the head tells for all steps, or `null` where they differ. */
function sharedEnvironment(activities) {
  const [{ environment }] = activities;
  return activities.every((activity) => activity.environment === environment) ? environment : null;
}
