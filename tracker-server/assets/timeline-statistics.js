// The counts of a project over time: by day, those of the chosen range apart, and by hour where the
// range is short. They are loaded from the server, and go on with what the stream brings.

import { labelOf } from "./timeline-activity.js";
import { Problem } from "./timeline-client.js";
import { Counts } from "./timeline-counts.js";
import { filtersToQuery } from "./timeline-filters.js";
import { t } from "./timeline-texts.js";
import { parseTime } from "./timeline-time.js";
import { DAY_MS, HOUR_MS, dayNumber, isOffset, isUtc, startOfDayNumber, startOfHour, timeZone, utcOffset } from "./timeline-zone.js";

const HOURS_RANGE_MS_MAX = 3 * DAY_MS + HOUR_MS;
/** The days of the years 0 to 9999, which alone have a date. */
const DAY_MIN = -719_528;
const DAY_MAX = 2_932_896;

export class Statistics {
  days = new Counts();
  /** What is in the chosen range, by day; `null` without one. */
  chosen = null;
  /** The hours of a short range, or `null`. */
  hours = null;
  /** The days in which these hours are, `{ from_ms, to_ms }`. */
  window = null;
  /** True once the server has counted. */
  loaded = false;
  #client;
  #filters;
  #range;
  #bounds_ms;
  #signal;
  #changed;
  #place = null;
  #loads = 0;
  #newest = 0;

  /**
   * `changed(loaded)` is called when the counts have been loaded, or could not be.
   */
  constructor(client, filters, signal, changed) {
    // The range and the action types are left out: the bars and the menu show what else there is.
    const { action_type, created_after, created_before, ...others } = filters;
    this.#client = client;
    this.#filters = others;
    this.#range = { created_after, created_before };
    this.#bounds_ms = [parseTime(created_after), parseTime(created_before)];
    this.#signal = signal;
    this.#changed = changed;
    if (created_after !== undefined || created_before !== undefined) this.chosen = new Counts();
    this.window = hoursOf(created_after, created_before);
    if (this.window) this.hours = new Counts();
  }

  /** Counts from the place on at which a stream begins. */
  follow(place) {
    this.#place = place;
    this.days.follow();
    this.chosen?.follow();
    this.hours?.follow();
    return this.load();
  }

  /** Counts an activity that the stream has brought. */
  add(activity) {
    const { time_ms } = activity;
    const day = time_ms === null ? null : dayNumber(time_ms);
    const bucket = day >= DAY_MIN && day <= DAY_MAX ? day : null;
    this.days.add(bucket, activity);
    if (time_ms === null) return;
    if (isWithin(time_ms, ...this.#bounds_ms)) this.chosen?.add(bucket, activity);
    if (this.window && isWithin(time_ms, this.window.from_ms, this.window.to_ms)) this.hours.add(startOfHour(time_ms), activity);
  }

  /** Loads the counts. An answer that comes after that of a later load is not shown. */
  async load() {
    const load = ++this.#loads;
    const ask = (bucket) => this.#ask(bucket).catch(() => null);
    const [days, chosen, hours] = await Promise.all([ask({}), this.chosen && ask(this.#range), this.window && ask(this.#hours())]);
    if (this.#signal.aborted || load < this.#newest) return;
    this.#newest = load;
    this.loaded = days !== null && (chosen !== null || this.chosen === null);
    if (days) this.days.load(byDay(days), labelled);
    if (chosen) this.chosen.load(byDay(chosen), labelled);
    if (hours) this.hours.load(hours.hours.map(({ start, action_types }) => [start, action_types]), labelled);
    this.#changed(this.loaded);
  }

  #hours() {
    const { from_ms, to_ms } = this.window;
    return { bucket: "hour", created_after: from_ms, created_before: to_ms };
  }

  /**
   * Asks for what the server knows: it may not know the zone, which the present offset stands for
   * then, right for half of the year; and it may no longer know the place.
   */
  async #ask(bucket) {
    const byOffset = { utc_offset: isUtc() ? "Z" : utcOffset() };
    const zones = isUtc() || isOffset() ? [byOffset] : [{ time_zone: timeZone() }, byOffset];
    const places = this.#place === null ? [{}] : [{ place: this.#place }, {}];
    const wishes = places.flatMap((place) => zones.map((zone) => ({ ...bucket, ...zone, ...place })));
    for (const wish of wishes) {
      const parameters = filtersToQuery(this.#filters);
      for (const [name, value] of Object.entries(wish)) if (value !== undefined) parameters.set(name, value);
      try {
        return await this.#client.get("/stats", parameters, this.#signal);
      } catch (error) {
        const isOther = !(error instanceof Problem && error.status === 400);
        if (isOther || wish === wishes.at(-1)) throw error;
      }
    }
  }
}

/** Returns true for a time from `after_ms` on and before `before_ms`; `null` is no limit. */
function isWithin(time_ms, after_ms, before_ms) {
  return time_ms >= (after_ms ?? -Infinity) && time_ms < (before_ms ?? Infinity);
}

/** Returns the days that a short range is in, or `null`. */
function hoursOf(after, before) {
  const after_ms = parseTime(after);
  const before_ms = before === undefined ? Date.now() : parseTime(before);
  if (after_ms === null || before_ms === null) return null;
  if (!(before_ms > after_ms && before_ms - after_ms <= HOURS_RANGE_MS_MAX)) return null;
  return {
    from_ms: startOfDayNumber(dayNumber(after_ms)),
    to_ms: startOfDayNumber(dayNumber(before_ms - 1) + 1),
  };
}

function* byDay({ days, undated }) {
  for (const { date, action_types } of days) {
    const day = Date.parse(`${date}T00:00:00Z`) / DAY_MS;
    if (Number.isFinite(day)) yield [day, action_types];
  }
  if (undated) yield [null, undated.action_types];
}

function labelled(type) {
  return labelOf(type, t("histogram.other"));
}
