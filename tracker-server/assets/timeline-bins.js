// Bars of counts over time, without their elements. A bar has
// `{ starts_ms, ends_ms, total, failures, types, edge }`: `edge` is "before" or "after" if the bar
// has what is far from the others, else `null`.

import { sumOf } from "./timeline-counts.js";
import { HOUR_MS, dayNumber, startOfDayNumber } from "./timeline-zone.js";

const BARS_MIN = 14;
export const BARS_MAX = 90;

// Old days are an outlier if they have few of the activities, and most of the time.
const OUTLIERS_MAX = 2;
const OUTLIERS_SHARE_MAX = 0.02;
const OUTLIERS_SPAN_MIN = 4;

/**
 * Returns bars of equal length up to today, or tomorrow, for counts by the number of a day. A bar
 * has as many days as it takes for all to fit. What is far before the rest, or in the future, is in
 * a bar of its own at the edge.
 */
export function dayBins(entries, fitting) {
  const days = entries.filter(([day]) => day !== null).sort(([one], [other]) => one - other);
  if (days.length === 0) return [];
  const today = dayNumber(Date.now());
  const future = days.filter(([day]) => day > today + 1);
  const present = days.slice(0, days.length - future.length);
  const last = Math.max(today, present.at(-1)?.[0] ?? today);
  const old = present.slice(0, outliers(present, last));
  const usual = present.slice(old.length);
  const first = Math.min(last - BARS_MIN + 1, usual[0]?.[0] ?? last);
  const length = Math.ceil((last - first + 1) / Math.min(BARS_MAX, Math.max(BARS_MIN, fitting)));
  const bins = [];
  // Bars are counted back from the last day; the first one may begin before the first day.
  for (let to = last; to >= first; to -= length) bins.unshift(dayBin(to - length + 1, to));
  if (old.length > 0) bins.unshift(dayBin(old[0][0], old.at(-1)[0], "before"));
  if (future.length > 0) bins.push(dayBin(future[0][0], future.at(-1)[0], "after"));
  return filled(bins, days, startOfDayNumber);
}

/** Returns bars of equal length from hour to hour, for counts by the start of an hour. */
export function hourBins(entries, { from_ms, to_ms }, fitting) {
  const hours = Math.ceil((to_ms - from_ms) / HOUR_MS);
  const length_ms = HOUR_MS * Math.ceil(hours / Math.min(BARS_MAX, Math.max(BARS_MIN, fitting)));
  const bins = [];
  for (let starts_ms = from_ms; starts_ms < to_ms; starts_ms += length_ms) {
    bins.push(bin(starts_ms, Math.min(starts_ms + length_ms, to_ms)));
  }
  return filled(bins, entries, (hour_ms) => hour_ms);
}

/** Returns the number of first days that are far before the rest. */
function outliers(days, last) {
  const span = (from) => last - days[from][0] + 1;
  const total = days.reduce((sum, [, counts]) => sum + sumOf(counts)[0], 0);
  let passed = 0;
  for (let index = 1; index < days.length; index++) {
    passed += sumOf(days[index - 1][1])[0];
    if (passed > Math.max(OUTLIERS_MAX, total * OUTLIERS_SHARE_MAX) || passed > total - passed) return 0;
    const usual = Math.max(span(index), BARS_MAX);
    if (span(0) >= OUTLIERS_SPAN_MIN * usual) return index;
  }
  return 0;
}

function dayBin(from, to, edge = null) {
  return bin(startOfDayNumber(from), startOfDayNumber(to + 1), edge);
}

function bin(starts_ms, ends_ms, edge = null) {
  return { starts_ms, ends_ms, edge, total: 0, failures: 0, types: new Map() };
}

/** Adds counts to the last bar that begins no later than their bucket. */
function filled(bins, entries, startOf) {
  for (const [bucket, counts] of entries) {
    const at = bins.findLast(({ starts_ms }) => starts_ms <= startOf(bucket));
    if (!at) continue;
    for (const { label, count, failures } of counts) {
      at.total += count;
      at.failures += failures;
      at.types.set(label, (at.types.get(label) ?? 0) + count);
    }
  }
  return bins;
}
