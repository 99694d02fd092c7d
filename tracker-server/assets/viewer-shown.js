// The part of a project that a link for viewers shows, as a list of its filters.

import { element } from "./timeline-dom.js";
import { filterText } from "./timeline-filter-text.js";
import { harmless } from "./timeline-text.js";
import { t } from "./timeline-texts.js";

/** List items for the filters, or one that says that there are none. */
export function shownBy(filters) {
  const pairs = Object.entries(filters).flatMap(([name, values]) => [values].flat().map((value) => [name, value]));
  if (pairs.length === 0) return [element("li", {}, t("viewer.everything"))];
  return pairs.map(([name, value]) =>
    element("li", { class: "chip" }, element("span", { class: "name" }, t(`filter.${name}`)), " ", element("bdi", {}, harmless(filterText(name, value)))),
  );
}
