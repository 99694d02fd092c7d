// The outcome of several activities: the statuses that they have ended with, and the one activity
// that tells most.

import { harmless } from "./timeline-text.js";
import { t } from "./timeline-texts.js";

/** The statuses of activities that failed, the worst one first. */
const TONES = { failure: "danger", panicked: "danger", cancelled: "warning" };
const WORST_FIRST = Object.keys(TONES);

/** Returns true for a status of an activity that failed. */
export function isFailure(status) {
  return Object.hasOwn(TONES, status);
}

/** The tone of a status: "danger", "warning", "neutral" if it is unknown, `null` for success. */
export function toneOf(status) {
  if (status === null || status === "success") return null;
  return isFailure(status) ? TONES[status] : "neutral";
}

/**
 * The outcome of activities, the oldest first: `{ tone, icon, text, failures, telling }`. `telling`
 * is the newest of those that failed, else the newest.
 */
export function outcomeOf(activities) {
  const counts = new Map();
  for (const { status } of activities) counts.set(status, (counts.get(status) ?? 0) + 1);
  const worst = WORST_FIRST.find((status) => counts.has(status)) ?? null;
  const failures = WORST_FIRST.reduce((sum, status) => sum + (counts.get(status) ?? 0), 0);
  const telling = activities.findLast(({ status }) => status === worst && worst !== null) ?? activities.at(-1);
  const tone = toneOf(worst);
  return { tone, icon: iconOf(tone), text: textOf(counts), failures, telling };
}

function iconOf(tone) {
  return { danger: "failed", warning: "stopped" }[tone] ?? "succeeded";
}

function textOf(counts) {
  const isKnown = (status) => status === null || status === "success" || isFailure(status);
  const unknown = [...counts.keys()].filter((status) => !isKnown(status));
  const inOrder = [...WORST_FIRST, ...unknown, "success"].filter((status) => counts.has(status));
  const texts = inOrder.map((status) => {
    const count = counts.get(status);
    return isKnown(status) ? t(`outcome.${status}`, { count }) : t("outcome.other", { count, status: harmless(status) });
  });
  return texts.length > 0 ? texts.join(", ") : t("outcome.none", { count: counts.get(null) ?? 0 });
}
