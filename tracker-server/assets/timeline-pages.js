// The pages of the list, loaded one after the other from the newest on.

import { activityFrom } from "./timeline-activity.js";
import { Problem } from "./timeline-client.js";
import { t } from "./timeline-texts.js";

export class Pages {
  #client;
  #parameters;
  #signal;
  #cursor = null;
  hasMore = true;

  constructor(client, parameters, signal) {
    this.#client = client;
    this.#parameters = parameters;
    this.#signal = signal;
  }

  /** Loads the next activities. After a failure the same page can be asked for again. */
  async next(limit) {
    const parameters = new URLSearchParams(this.#parameters);
    parameters.set("limit", limit);
    if (this.#cursor !== null) parameters.set("cursor", this.#cursor);
    const page = await this.#client.get("", parameters, this.#signal);
    if (!Array.isArray(page?.data)) throw new Problem(t("failure.unreadable"), 200);
    this.#cursor = page.next_cursor ?? null;
    this.hasMore = page.has_more === true && this.#cursor !== null;
    return page.data.map(activityFrom).filter(Boolean);
  }
}
