// The choice of a range of times: usual ones by a button, any other by its ends.

import { element } from "./timeline-dom.js";
import { closeMenuAround } from "./timeline-menu.js";
import { t } from "./timeline-texts.js";
import { parseTime } from "./timeline-time.js";
import { HOUR_MS, dayNumber, fieldText, startOfDayNumber, timeOfField } from "./timeline-zone.js";

/** Usual ranges: the time since when, and the time before which unless the range goes on. */
const USUAL = {
  "last-hour": (now_ms) => [now_ms - HOUR_MS],
  "last-24-hours": (now_ms) => [now_ms - 24 * HOUR_MS],
  today: (now_ms) => [midnight(now_ms, 0)],
  yesterday: (now_ms) => [midnight(now_ms, -1), midnight(now_ms, 0)],
  "last-7-days": (now_ms) => [midnight(now_ms, -6)],
  "last-30-days": (now_ms) => [midnight(now_ms, -29)],
};

export class Ranges {
  element;
  #changed;
  #from = element("input", { type: "datetime-local", part: "from" });
  #to = element("input", { type: "datetime-local", part: "to" });
  #sinceVisit = element("button", { type: "button", class: "plain", part: "since-visit", hidden: true }, t("filter.since-last-visit"));
  #visited_ms = null;

  /** `changed(range)` receives `{ created_after, created_before }`, texts or `null`. */
  constructor(changed) {
    this.#changed = changed;
    const usual = Object.entries(USUAL).map(([name, range]) => {
      const button = element("button", { type: "button", class: "plain", part: name }, t(`filter.${name}`));
      button.addEventListener("click", () => this.#chooseBy(button, ...range(Date.now())));
      return button;
    });
    this.#sinceVisit.addEventListener("click", () => this.#chooseBy(this.#sinceVisit, this.#visited_ms));
    for (const input of [this.#from, this.#to]) {
      input.addEventListener("change", () => this.#choose(timeOfField(this.#from.value), timeOfField(this.#to.value)));
    }
    this.element = element(
      "div",
      { class: "dates" },
      element("div", { class: "spans" }, ...usual, this.#sinceVisit),
      element("label", {}, element("span", {}, t("filter.date-from")), this.#from),
      element("label", {}, element("span", {}, t("filter.date-to")), this.#to),
    );
  }

  show({ created_after, created_before }) {
    this.#from.value = fieldOf(created_after);
    this.#to.value = fieldOf(created_before);
  }

  /** Offers the time since the last visit; `null` if there was none. */
  offerVisit(visited_ms) {
    this.#visited_ms = visited_ms;
    this.#sinceVisit.hidden = visited_ms === null;
  }

  /** Takes the range of a button, which is a whole choice. */
  #chooseBy(button, after_ms, before_ms = null) {
    closeMenuAround(button);
    this.#choose(after_ms, before_ms);
  }

  #choose(after_ms, before_ms) {
    const [created_after, created_before] = [after_ms, before_ms].map((time_ms) =>
      time_ms === null ? null : new Date(time_ms).toISOString(),
    );
    this.#changed({ created_after, created_before });
  }
}

/** The midnight at which a day begins, so many days after the present one. */
function midnight(now_ms, days) {
  return startOfDayNumber(dayNumber(now_ms) + days);
}

/** Returns the text of a field; it is empty for a time that the field can't show. */
function fieldOf(text) {
  const time_ms = parseTime(text);
  return time_ms === null ? "" : fieldText(time_ms);
}
