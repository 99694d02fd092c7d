// The zone of all times on the page: the viewer's own, UTC, or one that an address names. The
// choice between the first two is kept in the browser.

import { keep, kept } from "./timeline-kept.js";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

const KEY = "tracker-utc";
const UTC = "UTC";
const UTC_NAMES = /^(Etc\/)?(UTC|UCT|GMT|Universal|Zulu)$/;
const TIME_MS_MAX = 8_640_000_000_000_000;

/** The name of the viewer's own zone. */
const own = nameOf(undefined);
let zone = keptZone();
/** The last zone that an address has named, or `null`. */
let named = null;
let offsets = null;

export function isUtc() {
  return zone === UTC;
}

export function isOwnZone() {
  return zone === own;
}

/** True if the zone is an offset from UTC, which has no clock changes and no IANA name. */
export function isOffset() {
  return /^[+-]/.test(zone);
}

/** The name of the zone. */
export function timeZone() {
  return zone;
}

/** Returns true if the browser knows a zone of this name. */
export function isZone(name) {
  return nameOf(name) !== null;
}

/**
 * The zone that the viewer can change to, or `null` where there is no other: in turn the one of the
 * address, the viewer's own and UTC.
 */
export function otherZone() {
  const zones = [...new Set([named ?? own, own, UTC])];
  if (zones.length === 1) return null;
  return zones[(zones.indexOf(zone) + 1) % zones.length];
}

/**
 * Shows the times of a zone; without a name, or with one that the browser does not know, of the
 * zone that is kept. Returns true if it is another than before.
 */
export function showZone(name) {
  const before = zone;
  const known = name ? nameOf(name) : null;
  if (known !== null) named = known;
  show(known ?? keptZone());
  return zone !== before;
}

/** Chooses a zone; the browser keeps the viewer's own and UTC. */
export function chooseZone(name) {
  if (name === own || name === UTC) keep(KEY, name === UTC && own !== UTC);
  show(name);
}

function show(name) {
  zone = name;
  offsets = null;
}

/** Options of `Intl.DateTimeFormat`, in the zone. */
export function inZone(options) {
  return { ...options, timeZone: zone };
}

/** The offset from UTC now, as the API takes it: `+02:00`. */
export function utcOffset() {
  const minutes = Math.round(offset_ms(Date.now()) / MINUTE_MS);
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${twoDigits(Math.floor(size / 60))}:${twoDigits(size % 60)}`;
}

/** The day of a time as `2026-11-24`. */
export function dayKey(time_ms) {
  return new Date(dayNumber(time_ms) * DAY_MS).toISOString().replace(/T.*$/, "");
}

/** The day of a time as a number of days since 1970-01-01. */
export function dayNumber(time_ms) {
  return Math.floor((time_ms + offset_ms(time_ms)) / DAY_MS);
}

/** The midnight that begins the day of a number; days have 23 or 25 hours, some of them. */
export function startOfDayNumber(day) {
  return timeOfClock(day * DAY_MS);
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
  const clock_ms = Date.parse(`${text}Z`);
  return Number.isNaN(clock_ms) ? null : timeOfClock(clock_ms);
}

/**
 * The first time at which clocks of the zone show what clocks of UTC show at `clock_ms`. Where
 * clocks are put forward past that, it is as long after the change as they would have shown it.
 */
function timeOfClock(clock_ms) {
  const [before_ms, behind_ms] = [-DAY_MS, DAY_MS].map((away_ms) => clock_ms - offset_ms(clock_ms + away_ms));
  const shows = (time_ms) => time_ms + offset_ms(time_ms) === clock_ms;
  const [first_ms, second_ms] = [Math.min(before_ms, behind_ms), Math.max(before_ms, behind_ms)];
  if (shows(first_ms)) return first_ms;
  return shows(second_ms) ? second_ms : before_ms;
}

/** The time by which clocks of the zone are ahead of UTC. */
function offset_ms(time_ms) {
  if (zone === UTC) return 0;
  const known_ms = Math.min(TIME_MS_MAX, Math.max(-TIME_MS_MAX, time_ms));
  // The viewer's own zone is twenty times as fast.
  if (zone === own) return -new Date(known_ms).getTimezoneOffset() * MINUTE_MS;
  offsets ??= new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" });
  const { value } = offsets.formatToParts(known_ms).find(({ type }) => type === "timeZoneName");
  const [, sign = "+", hours = 0, minutes = 0, seconds = 0] = /([+-])(\d+):(\d+)(?::(\d+))?/.exec(value) ?? [];
  const size_ms = hours * HOUR_MS + minutes * MINUTE_MS + seconds * 1_000;
  return sign === "-" ? -size_ms : size_ms;
}

function keptZone() {
  return kept(KEY) === true ? UTC : own;
}

/** The browser's name of a zone, which is the viewer's own without one; `null` if it knows none. */
function nameOf(zone) {
  try {
    const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions();
    return UTC_NAMES.test(timeZone) ? UTC : timeZone;
  } catch {
    return null;
  }
}

function twoDigits(number) {
  return String(number).padStart(2, "0");
}
