// Earlier activities of requests: those of a request whose first one to be seen was an arrival, and
// those that a block has left out.

import { filtersToQuery, normalized } from "./timeline-filters.js";
import { Pages } from "./timeline-pages.js";

const WANTED_MAX = 100;
const RETRY_MS = 5_000;
const STEPS_PAGE = 200;

export class Requests {
  #client;
  #filters;
  #signal;
  #feed;
  // The requests to be completed, one after the other.
  #wanted = new Set();
  #completing = false;
  #earlier = new Map();

  constructor(client, filters, signal, feed) {
    this.#client = client;
    this.#filters = filters;
    this.#signal = signal;
    this.#feed = feed;
  }

  /** Loads the blocks of these requests. Of very many, the newest are loaded. */
  complete(requests) {
    for (const request of requests) {
      this.#wanted.add(request);
      if (this.#wanted.size > WANTED_MAX) this.#wanted.delete(this.#wanted.values().next().value);
    }
    if (!this.#completing) this.#completeAll();
  }

  /** Loads the steps of a request before those that are loaded. */
  async loadEarlier(request) {
    const pages = this.#earlier.get(request) ?? Pages.ofActivities(this.#client, this.#parametersOf(request), this.#signal);
    this.#earlier.set(request, pages);
    // The first pages may have been loaded with the block.
    let activities;
    do activities = await pages.next(STEPS_PAGE);
    while (pages.hasMore && activities.every(({ id }) => this.#feed.blocks.has(id)));
    this.#feed.complete(request, activities, pages.hasMore);
  }

  async #completeAll() {
    this.#completing = true;
    while (this.#wanted.size > 0 && !this.#signal.aborted) {
      const [request] = this.#wanted;
      try {
        // The newest activity of the request is the first row, so that one row brings the block.
        const blocks = await Pages.ofBlocks(this.#client, this.#parametersOf(request), this.#signal).next(1);
        this.#wanted.delete(request);
        for (const { activities, hasMore } of blocks) this.#feed.complete(request, activities, hasMore);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    this.#completing = false;
  }

  #parametersOf(request) {
    return filtersToQuery(normalized({ ...this.#filters, request_id: request }));
  }
}
