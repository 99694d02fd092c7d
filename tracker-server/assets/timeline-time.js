// Times in the viewer's locale, in the zone that is chosen.

import { format, t } from "./timeline-texts.js";
import { DAY_MS, HOUR_MS, MINUTE_MS, dayNumber, inZone, startOfDayNumber } from "./timeline-zone.js";

const CLOCK = { hour: "numeric", minute: "2-digit" };
const CLOCK_WITH_SECONDS = { hour: "numeric", minute: "2-digit", second: "2-digit" };
const EXACT = { dateStyle: "full", timeStyle: "long" };
const DAY_OF_THIS_YEAR = { weekday: "long", day: "numeric", month: "long" };
const DAY = { weekday: "short", day: "numeric", month: "short", year: "numeric" };
const DATE_OF_DAY = { day: "numeric", month: "short", year: "numeric" };
const MOMENT = { dateStyle: "medium", timeStyle: "short" };
const DATE = { dateStyle: "medium" };

/** The heading of a day, which says so if the day is still to come. */
export function dayHeading(time_ms, now_ms) {
  const [day, today] = [dayNumber(time_ms), dayNumber(now_ms)];
  if (day === today) return t("time.today");
  if (day === today - 1) return t("time.yesterday");
  const isOfThisYear = yearOf(time_ms) === yearOf(now_ms);
  const heading = written(isOfThisYear ? DAY_OF_THIS_YEAR : DAY, time_ms);
  return day > today ? t("time.future-day", { day: heading }) : heading;
}

/**
 * Returns the time since then, or until then. From an hour on it is the time of day, because the
 * heading tells the day.
 */
export function shortTime(time_ms, now_ms) {
  const age_ms = now_ms - time_ms;
  const size_ms = Math.abs(age_ms);
  if (size_ms < MINUTE_MS) return t("time.just-now");
  if (size_ms >= HOUR_MS) return written(CLOCK, time_ms);
  const direction = age_ms < 0 ? "to-come" : "ago";
  return t(`time.minutes-${direction}`, { count: Math.floor(size_ms / MINUTE_MS) });
}

/** The time of day with its seconds. */
export function clockTime(time_ms) {
  return written(CLOCK_WITH_SECONDS, time_ms);
}

/** Two moments as one text, with their dates only where these differ. */
export function timeRange(from_ms, to_ms) {
  return rangeText(dayNumber(from_ms) === dayNumber(to_ms) ? CLOCK : MOMENT, from_ms, to_ms);
}

export function exactTime(time_ms) {
  return written(EXACT, time_ms);
}

/** A moment in few words: only the date where it is a midnight. */
export function shortMoment(time_ms) {
  return written(isMidnight(time_ms) ? DATE : MOMENT, time_ms);
}

/** The dates of a stretch of time that ends at a midnight. */
export function datesText(starts_ms, ends_ms) {
  const [first, last] = [starts_ms, ends_ms - 1].map((time_ms) => written(DATE_OF_DAY, time_ms));
  return first === last ? first : `${first} – ${last}`;
}

/** Two moments as one text, with their dates, and with these alone for whole days. */
export function momentsText(from_ms, to_ms) {
  if (from_ms < to_ms && isMidnight(from_ms) && isMidnight(to_ms)) return datesText(from_ms, to_ms);
  return rangeText(MOMENT, from_ms, to_ms);
}

/** A filter's time (RFC 3339, or milliseconds since the epoch); `null` for another text or none. */
export function parseTime(text = "") {
  const time_ms = /^-?\d+$/.test(text) ? Number(text) : Date.parse(text);
  return isTime(time_ms) ? time_ms : null;
}

export function isTime(value) {
  return typeof value === "number" && !Number.isNaN(new Date(value).getTime());
}

function isMidnight(time_ms) {
  return startOfDayNumber(dayNumber(time_ms)) === time_ms;
}

function written(options, time_ms) {
  return format(Intl.DateTimeFormat, inZone(options)).format(time_ms);
}

function rangeText(options, from_ms, to_ms) {
  return format(Intl.DateTimeFormat, inZone(options)).formatRange(from_ms, to_ms);
}

function yearOf(time_ms) {
  return new Date(dayNumber(time_ms) * DAY_MS).getUTCFullYear();
}
