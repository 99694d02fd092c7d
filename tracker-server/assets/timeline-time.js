// Times in the viewer's locale and zone.

import { format, t } from "./timeline-texts.js";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

const CLOCK = { hour: "numeric", minute: "2-digit" };
const CLOCK_WITH_SECONDS = { hour: "numeric", minute: "2-digit", second: "2-digit" };
const EXACT = { dateStyle: "full", timeStyle: "long" };
const DAY_OF_THIS_YEAR = { weekday: "long", day: "numeric", month: "long" };
const DAY = { weekday: "short", day: "numeric", month: "short", year: "numeric" };
const MOMENT = { dateStyle: "medium", timeStyle: "short" };
const DATE = { dateStyle: "medium" };

/** The local day of a time as `2026-11-24`, which is also what a date input takes. */
export function dayKey(time_ms) {
  const local = new Date(time_ms);
  const year = String(local.getFullYear()).padStart(4, "0");
  return `${year}-${twoDigits(local.getMonth() + 1)}-${twoDigits(local.getDate())}`;
}

/** The local midnight that begins the day of a key, `days` later; `null` where the text is no day. */
export function startOfDay(key, days = 0) {
  const [, year, month, dayOfMonth] = /^(\d{4,6})-(\d\d)-(\d\d)$/.exec(key) ?? [];
  return year ? new Date(+year, month - 1, +dayOfMonth + days).getTime() : null;
}

/** The local day of a time as a number of days since 1970-01-01. */
export function dayNumber(time_ms) {
  const local = new Date(time_ms);
  return new Date(0).setUTCFullYear(local.getFullYear(), local.getMonth(), local.getDate()) / DAY_MS;
}

/** The local midnight that begins the day of a number; days have 23 or 25 hours, some of them. */
export function startOfDayNumber(day) {
  const date = new Date(day * DAY_MS);
  return new Date(2000, 0).setFullYear(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
}

export function dayHeading(time_ms, now_ms) {
  const key = dayKey(time_ms);
  const today = new Date(now_ms);
  if (key === dayKey(now_ms)) return t("time.today");
  if (key === dayKey(new Date(now_ms).setDate(today.getDate() - 1))) return t("time.yesterday");
  const isOfThisYear = new Date(time_ms).getFullYear() === today.getFullYear();
  return written(isOfThisYear ? DAY_OF_THIS_YEAR : DAY, time_ms);
}

/**
 * Returns the time since then. After a day it is the time of day, because the heading tells the
 * day.
 */
export function shortTime(time_ms, now_ms) {
  const age_ms = now_ms - time_ms;
  if (Math.abs(age_ms) < MINUTE_MS) return t("time.just-now");
  if (age_ms < 0 || age_ms >= DAY_MS) return written(CLOCK, time_ms);
  if (age_ms < HOUR_MS) return t("time.minutes-ago", { count: Math.floor(age_ms / MINUTE_MS) });
  return t("time.hours-ago", { count: Math.floor(age_ms / HOUR_MS) });
}

/** The time of day with its seconds. */
export function clockTime(time_ms) {
  return written(CLOCK_WITH_SECONDS, time_ms);
}

/** Two moments as one text, with their dates only where these differ. */
export function timeRange(from_ms, to_ms) {
  const options = dayKey(from_ms) === dayKey(to_ms) ? CLOCK : MOMENT;
  return format(Intl.DateTimeFormat, options).formatRange(from_ms, to_ms);
}

export function exactTime(time_ms) {
  return written(EXACT, time_ms);
}

/** A moment in few words: only the date where it is a local midnight. */
export function shortMoment(time_ms) {
  return written(startOfDay(dayKey(time_ms)) === time_ms ? DATE : MOMENT, time_ms);
}

/** A filter's time (RFC 3339, or milliseconds since the epoch), or `null`. */
export function parseTime(text) {
  const time_ms = /^-?\d+$/.test(text) ? Number(text) : Date.parse(text);
  return isTime(time_ms) ? time_ms : null;
}

export function isTime(value) {
  return typeof value === "number" && !Number.isNaN(new Date(value).getTime());
}

/** The name of the viewer's zone. */
export function timeZone() {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The viewer's offset from UTC now, as the API takes it: `+02:00`. */
export function utcOffset() {
  const minutes = -new Date().getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${twoDigits(Math.floor(size / 60))}:${twoDigits(size % 60)}`;
}

function written(options, time_ms) {
  return format(Intl.DateTimeFormat, options).format(time_ms);
}

function twoDigits(number) {
  return String(number).padStart(2, "0");
}
