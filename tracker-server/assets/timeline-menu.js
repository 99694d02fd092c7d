// A button with a panel below it.

import { element } from "./timeline-dom.js";
import { icon } from "./timeline-icons.js";

/**
 * `name` is for styles, `title` is the button's text, and `content` stands in the panel. `opened()`
 * is called whenever the panel has opened.
 */
export function menu(name, title, content, opened = () => {}) {
  const details = element(
    "details",
    { class: `menu ${name}-menu`, part: `${name}-menu` },
    element("summary", { class: "field" }, element("span", {}, title), icon("chevron")),
    element("div", { class: "panel" }, content),
  );
  details.addEventListener("toggle", () => details.open && opened());
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    event.preventDefault();
    details.open = false;
    details.firstElementChild.focus();
  });
  details.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !details.contains(relatedTarget)) details.open = false;
  });
  return details;
}

/** Closes the menu around a node, and moves the focus to the menu's button. */
export function closeMenuAround(node) {
  const details = node.closest(".menu");
  details.open = false;
  details.firstElementChild.focus({ preventScroll: true });
}

/** Closes the open menus below a node that a press anywhere in the document is outside of. */
export function closeMenus(node, event) {
  for (const details of node.querySelectorAll("details[open]")) {
    if (!event.composedPath().includes(details)) details.open = false;
  }
}
