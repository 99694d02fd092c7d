// The zone of all times on the page: the viewer's own, or UTC. The choice is kept in the browser.

import { keep, kept } from "./timeline-kept.js";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

const KEY = "tracker-utc";

let utc = kept(KEY) === true;

export function isUtc() {
  return utc;
}

/** Chooses UTC, or the viewer's own zone. */
export function chooseUtc(chosen) {
  utc = chosen;
  keep(KEY, chosen);
}

/** The name of the zone. */
export function timeZone() {
  return utc ? "UTC" : ownZone();
}

/** The name of the viewer's own zone. */
export function ownZone() {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Options of `Intl.DateTimeFormat`, in the zone. */
export function inZone(options) {
  return utc ? { ...options, timeZone: "UTC" } : options;
}

/** The offset from UTC now, as the API takes it: `+02:00`. */
export function utcOffset() {
  const minutes = offset_ms(Date.now()) / MINUTE_MS;
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${twoDigits(Math.floor(size / 60))}:${twoDigits(size % 60)}`;
}

/** The day of a time as `2026-11-24`. */
export function dayKey(time_ms) {
  return new Date(startOfLocal(time_ms)).toISOString().replace(/T.*$/, "");
}

/** The day of a time as a number of days since 1970-01-01. */
export function dayNumber(time_ms) {
  return Math.floor(startOfLocal(time_ms) / DAY_MS);
}

/** The midnight that begins the day of a number; days have 23 or 25 hours, some of them. */
export function startOfDayNumber(day) {
  if (utc) return day * DAY_MS;
  const date = new Date(day * DAY_MS);
  return new Date(2000, 0).setFullYear(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
}

/** The time at which the hour of a time begins. */
export function startOfHour(time_ms) {
  const ahead_ms = offset_ms(time_ms);
  return Math.floor((time_ms + ahead_ms) / HOUR_MS) * HOUR_MS - ahead_ms;
}

/** A time as a field of date and time takes it: `2026-11-24T17:30`. */
export function fieldText(time_ms) {
  const [day, time] = new Date(time_ms + offset_ms(time_ms)).toISOString().split("T");
  return `${day.replace(/^\+0*/, "")}T${time.slice(0, 5)}`;
}

/** The time that such a field has, or `null`. */
export function timeOfField(text) {
  const time_ms = Date.parse(utc ? `${text}Z` : text);
  return Number.isNaN(time_ms) ? null : time_ms;
}

/** The midnight before a time, as if the date were one of UTC. */
function startOfLocal(time_ms) {
  if (utc) return Math.floor(time_ms / DAY_MS) * DAY_MS;
  const local = new Date(time_ms);
  return new Date(0).setUTCFullYear(local.getFullYear(), local.getMonth(), local.getDate());
}

function offset_ms(time_ms) {
  return utc ? 0 : -new Date(time_ms).getTimezoneOffset() * MINUTE_MS;
}

function twoDigits(number) {
  return String(number).padStart(2, "0");
}
