// Runs of equal neighbours, folded into one: the same action type, user, status and environment on
// the same day. The details may differ.

import { dayOf } from "./timeline-blocks.js";

/** The length from which a run is folded. */
const RUN_MIN = 3;

/**
 * Returns what a day shows for its blocks, in their order: `{ activity }` for a row, `{ block }`
 * for several activities of a request, and `{ run }` for activities that are folded.
 */
export function entriesOf(blocks) {
  const entries = [];
  let run = [];
  const end = () => {
    entries.push(...folded(run));
    run = [];
  };
  for (const block of blocks) {
    if (block.activities.length === 1 && !block.hasMore) {
      run.push(block.newest);
    } else {
      end();
      entries.push({ block });
    }
  }
  end();
  return entries;
}

/** Returns activities, in their order, as `{ activity }`, or `{ run }` where some are folded. */
export function folded(activities) {
  const entries = [];
  for (let from = 0, to = 0; from < activities.length; from = to) {
    while (to < activities.length && areEqual(activities[from], activities[to])) to += 1;
    const run = activities.slice(from, to);
    if (run.length >= RUN_MIN) entries.push({ run });
    else entries.push(...run.map((activity) => ({ activity })));
  }
  return entries;
}

function areEqual(one, other) {
  const same = ["type", "user", "status", "environment"].every((name) => one[name] === other[name]);
  return same && dayOf(one) === dayOf(other);
}
