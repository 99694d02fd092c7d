// Spans of time, as the reader's language writes them.

import { format } from "./timeline-texts.js";

const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
];

/** A span in one unit or two: `340ms`, `1.2s`, `3m 20s`, `2h 5m`. */
export function spanText(span_ms) {
  const size_ms = Math.abs(span_ms);
  if (size_ms < 1_000) return unitText(Math.floor(size_ms), "millisecond");
  if (size_ms < 60_000) return unitText(tenths(size_ms / 1_000), "second");
  const largest = UNITS.findIndex(([, unit_ms]) => size_ms >= unit_ms);
  const [[unit, unit_ms], [part, part_ms]] = UNITS.slice(largest, largest + 2);
  const whole = unitText(Math.floor(size_ms / unit_ms), unit);
  const rest = Math.floor((size_ms % unit_ms) / part_ms);
  return rest === 0 ? whole : `${whole} ${unitText(rest, part)}`;
}

/** Rounded down, as all of them: no second is shown as sixty, and no hour as sixty minutes. */
function tenths(seconds) {
  return seconds < 10 ? Math.floor(seconds * 10) / 10 : Math.floor(seconds);
}

function unitText(number, unit) {
  return format(Intl.NumberFormat, { style: "unit", unit, unitDisplay: "narrow" }).format(number);
}
