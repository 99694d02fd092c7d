// A run of equal neighbours as one `<article>`, which opens to show them.

import { Disclosure } from "./timeline-disclosure.js";
import { element } from "./timeline-dom.js";
import { icon } from "./timeline-icons.js";
import { toneOf } from "./timeline-outcome.js";
import { ageOf, chip, chipsOf, clockOf, labelOf, userOf } from "./timeline-parts.js";
import { gapOf, rowOf } from "./timeline-row.js";
import { harmless } from "./timeline-text.js";
import { t } from "./timeline-texts.js";
import { timeRange } from "./timeline-time.js";

/** More than the longest line has room for. */
const LATEST_CHARACTERS = 160;

/**
 * The key of a fold in `timeline-opened.js`: that of its oldest activity. A fold is open under the
 * key of each of them, as others may have been the oldest before.
 */
const keyOf = ({ id }) => `fold:${id}`;

/** `steps` is what the block's head says for each activity, where they are those of a block. */
export function foldOf(run, context, steps = null) {
  const oldest = steps ? run[0] : run.at(-1);
  const newest = steps ? run.at(-1) : run[0];
  const { type, status, user, environment } = newest;
  const text = foldText(run.length, toneOf(status), oldest.time_ms, newest.time_ms);
  const label = harmless(newest.label);
  const name = `${label}, ${text}`;
  const article = element("article", {
    class: "row fold",
    part: "fold",
    tabindex: "-1",
    "aria-label": user && !steps ? t("row.by", { label: name, user: harmless(user) }) : name,
    "data-key": keyOf(oldest),
    "data-count": run.length,
    "data-action-type": type,
    "data-status": status,
    "data-tone": toneOf(status),
  });
  if (steps) article.classList.add("step");
  const disclosure = new Disclosure(article, t("fold.activities"), stateOf(run, oldest, context.opened), () => {
    const rows = run.map((activity, index) => rowOf(activity, context, { ...steps?.[index], user, environment, status }));
    return element("div", { class: "steps inside", role: "group", "aria-label": t("fold.activities") }, ...rows);
  });
  const chips = [];
  if (status && status !== "success") chips.push(chip("status", null, status));
  if (environment && environment !== steps?.[0].environment) chips.push(chip("environment", null, environment));
  article.append(
    element(
      "div",
      { class: "head" },
      element("span", { class: "icon" }, icon(type)),
      labelOf(newest),
      element("div", { class: "content" }, timesOf(text, newest.details), chipsOf(...chips)),
      steps ? gapOf(steps[0].after_ms) : userOf(user),
      steps ? clockOf(oldest.time_ms) : ageOf(newest.time_ms, context.now_ms),
      disclosure.button,
    ),
  );
  disclosure.show();
  return article;
}

/** The number and the times, and the beginning of what the newest one says. */
function timesOf(text, details) {
  const latest = details && element("span", { class: "latest", dir: "auto" }, harmless(details.slice(0, LATEST_CHARACTERS)));
  return element("p", { class: "times", part: "details" }, icon("stack"), element("span", {}, text), latest || null);
}

/** An open row opens the fold that it is in. */
function stateOf(run, oldest, opened) {
  return {
    isOpen: () => run.some((activity) => opened.has(keyOf(activity)) || opened.has(activity.id)),
    open: () => opened.open(keyOf(oldest)),
    close: () => opened.close(keyOf(oldest), ...run.flatMap((activity) => [keyOf(activity), activity.id])),
  };
}

function foldText(count, tone, from_ms, to_ms) {
  const times = tone === "danger" ? t("fold.failed", { count }) : t("fold.times", { count });
  return from_ms === null || to_ms === null ? times : t("fold.times-range", { times, range: timeRange(from_ms, to_ms) });
}
