// The pages of a list, loaded one after the other from the newest on.

import { activityFrom } from "./timeline-activity.js";
import { Problem } from "./timeline-client.js";
import { t } from "./timeline-texts.js";

export class Pages {
  #client;
  #parameters;
  #signal;
  #read;
  #cursor = null;
  hasMore = true;

  /** Pages of activities. */
  static ofActivities(client, parameters, signal) {
    return new Pages(client, parameters, signal, ({ data }) => data?.map(activityFrom).filter(Boolean));
  }

  /** Pages of blocks, `{ activities, hasMore }`, each of one request. */
  static ofBlocks(client, parameters, signal) {
    const grouped = new URLSearchParams(parameters);
    grouped.set("group", "request");
    return new Pages(client, grouped, signal, ({ blocks }) => blocks?.map(blockFrom));
  }

  constructor(client, parameters, signal, read) {
    this.#client = client;
    this.#parameters = parameters;
    this.#signal = signal;
    this.#read = read;
  }

  /** Loads the next page. After a failure the same page can be asked for again. */
  async next(limit) {
    const parameters = new URLSearchParams(this.#parameters);
    parameters.set("limit", limit);
    if (this.#cursor !== null) parameters.set("cursor", this.#cursor);
    const page = await this.#client.get("", parameters, this.#signal);
    const items = page && this.#read(page);
    if (!Array.isArray(items)) throw new Problem(t("failure.unreadable"), 200);
    this.#cursor = page.next_cursor ?? null;
    this.hasMore = this.#cursor !== null;
    return items;
  }
}

function blockFrom({ activities, has_more }) {
  return { activities: activities.map(activityFrom).filter(Boolean), hasMore: has_more === true };
}
