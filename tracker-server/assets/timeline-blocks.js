// The loaded activities as blocks: those of one request are one block, and an activity without a
// request is a block of its own. Pages and arrivals are merged, whatever comes first.
//
// A block stands where its newest activity belongs, and on the day of that:
//
//     { key, request, activities, newest, day, hasMore, version }
//
// `activities` are the oldest first, `hasMore` is true if the server has older ones, and `version`
// grows with each change.

import { compare } from "./timeline-activity.js";
import { firstIndexWhere } from "./timeline-search.js";
import { dayKey } from "./timeline-zone.js";

/** The day of activities without a time. */
export const WITHOUT_DATE = "none";

export class Blocks {
  /** The days, `{ key, blocks }`, with the newest day and the newest block first. */
  days = [];
  #blocks = new Map();
  #ofActivity = new Map();
  #complete = false;
  // The lowest place of a page's block. Nothing is known of what stands below it.
  #end = null;

  /** The number of activities. */
  get size() {
    return this.#ofActivity.size;
  }

  /** True if no older blocks are to come. */
  get isComplete() {
    return this.#complete;
  }

  has(id) {
    return this.#ofActivity.has(id);
  }

  hasRequest(request) {
    return this.#blocks.has(keyOf({ request }));
  }

  /** Returns the block of an activity, or `undefined`. */
  blockOf(id) {
    return this.#ofActivity.get(id);
  }

  /** Returns true if the activity belongs among the loaded ones, and not below their end. */
  covers(activity) {
    if (this.#complete || this.#blocks.has(keyOf(activity))) return true;
    return this.#end !== null && compare(activity, this.#end) < 0;
  }

  /** Returns true if its block leaves the activity out, until the reader wants the earlier steps. */
  leavesOut(activity) {
    const block = this.#blocks.get(keyOf(activity));
    return block !== undefined && block.hasMore && compare(activity, block.activities[0]) > 0;
  }

  /** Returns the requests of activities that are to be inserted, of which nothing is loaded yet. */
  requestsToComplete(activities) {
    const unknown = activities.filter((activity) => activity.request !== null && !this.#blocks.has(keyOf(activity)));
    return new Set(unknown.map(({ request }) => request));
  }

  /**
   * Adds a page of the server, `[{ activities, hasMore }]`. Returns the keys of the days that have
   * changed.
   */
  append(page, complete) {
    const changed = new Set();
    for (const { activities, hasMore } of page) {
      const [newest] = [...activities].sort(compare);
      if (newest && (this.#end === null || compare(newest, this.#end) > 0)) this.#end = newest;
      this.#merge(activities, changed, hasMore);
    }
    this.#complete = complete;
    return changed;
  }

  /** Adds activities to their blocks. Returns the keys of the days that have changed. */
  insert(activities) {
    const changed = new Set();
    for (const activity of activities) {
      this.#merge([activity], changed, this.#blocks.get(keyOf(activity))?.hasMore ?? false);
    }
    return changed;
  }

  /** Adds older activities of a loaded request. `hasMore` is true if yet older ones are to come. */
  complete(request, activities, hasMore) {
    const changed = new Set();
    const block = this.#blocks.get(keyOf({ request }));
    if (block) this.#merge(activities, changed, hasMore, block);
    return changed;
  }

  #merge(activities, changed, hasMore, known = this.#blocks.get(keyOf(activities[0]))) {
    const added = activities.filter(({ id }) => !this.has(id));
    if (added.length === 0 && hasMore === known?.hasMore) return;
    const block = known ?? newBlock(activities[0]);
    if (known) {
      changed.add(block.day);
      this.#takeOut(block);
    }
    block.activities = [...block.activities, ...added].sort((one, other) => compare(other, one));
    block.newest = block.activities.at(-1);
    block.day = dayOf(block.newest);
    block.hasMore = hasMore;
    block.version += 1;
    this.#blocks.set(block.key, block);
    for (const { id } of added) this.#ofActivity.set(id, block);
    this.#putIn(block);
    changed.add(block.day);
  }

  #takeOut(block) {
    const place = this.days.findIndex(({ key }) => key === block.day);
    const { blocks } = this.days[place];
    blocks.splice(placeIn(blocks, block), 1);
    if (blocks.length === 0) this.days.splice(place, 1);
  }

  #putIn(block) {
    let day = this.days.find(({ key }) => key === block.day);
    if (!day) {
      day = { key: block.day, blocks: [] };
      const place = firstIndexWhere(this.days, ({ blocks }) => compare(blocks[0].newest, block.newest) > 0);
      this.days.splice(place, 0, day);
    }
    day.blocks.splice(placeIn(day.blocks, block), 0, block);
  }
}

/** The local day of an activity, as `dayKey` tells it. */
export function dayOf({ time_ms }) {
  return time_ms === null ? WITHOUT_DATE : dayKey(time_ms);
}

function newBlock(activity) {
  return { key: keyOf(activity), request: activity.request, activities: [], newest: null, day: null, hasMore: false, version: 0 };
}

function keyOf({ request, id }) {
  return request === null ? `activity ${id}` : `request ${request}`;
}

/** Returns the index of a block, or the one that it would have. */
function placeIn(blocks, { newest }) {
  return firstIndexWhere(blocks, (other) => compare(other.newest, newest) >= 0);
}
