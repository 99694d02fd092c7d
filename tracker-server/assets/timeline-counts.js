// Counts over time: what the statistics have counted, and what has arrived since.
//
// The statistics and the stream overlap: what arrives while they are made comes in both. So each
// count also says how many of its activities the stream does not bring, because they came before
// its beginning. These and what the stream brings are all there are, once it has brought what the
// statistics have seen; until then the statistics know more. The greater one is shown: never too
// many, and all as soon as the stream has caught up.

import { isFailure } from "./timeline-outcome.js";

export class Counts {
  // Buckets of time, each with its counts by action type. The bucket `null` has what has no date.
  #buckets = new Map();

  /** Begins anew with what the stream brings. */
  follow() {
    for (const { brought } of this.#all()) brought.fill(0);
  }

  /** Takes the statistics' `action_types` of each bucket: `[[bucket, action_types], …]`. */
  load(buckets, labelOf) {
    for (const count of this.#all()) count.seen = count.before = [0, 0];
    for (const [bucket, types] of buckets) {
      for (const type of types) {
        const count = this.#count(bucket, type.action_type, labelOf(type));
        count.seen = [type.count, type.failures ?? 0];
        count.before = [type.count_before ?? 0, type.failures_before ?? 0];
      }
    }
  }

  /** Counts an activity that the stream has brought. */
  add(bucket, { type, label, status }) {
    const { brought } = this.#count(bucket, type, label);
    brought[0] += 1;
    if (isFailure(status)) brought[1] += 1;
  }

  /** The buckets with their counts, `{ type, label, count, failures }`, of these types or all. */
  entries(types = []) {
    const entries = [];
    for (const [bucket, counts] of this.#buckets) {
      const kept = [];
      for (const [type, { label, seen, before, brought }] of counts) {
        if (types.length > 0 && !types.includes(type)) continue;
        const [count, failures] = [0, 1].map((at) => Math.max(seen[at], before[at] + brought[at]));
        if (count > 0) kept.push({ type, label, count, failures });
      }
      if (kept.length > 0) entries.push([bucket, kept]);
    }
    return entries;
  }

  *#all() {
    for (const counts of this.#buckets.values()) yield* counts.values();
  }

  #count(bucket, type, label) {
    if (!this.#buckets.has(bucket)) this.#buckets.set(bucket, new Map());
    const counts = this.#buckets.get(bucket);
    if (!counts.has(type)) counts.set(type, { label, seen: [0, 0], before: [0, 0], brought: [0, 0] });
    return counts.get(type);
  }
}

/** The sum of counts: `[count, failures]`. */
export function sumOf(counts) {
  return counts.reduce(([all, failed], { count, failures }) => [all + count, failed + failures], [0, 0]);
}
