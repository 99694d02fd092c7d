// The lines below the heading for whoever looks by a link: it shows a part, until a time.

import { element } from "./timeline-dom.js";
import { t } from "./timeline-texts.js";
import { exactTime } from "./timeline-time.js";
import { shownBy } from "./viewer-shown.js";
import { claimsOf } from "./viewer-token.js";

/**
 * Shows the lines for as long as the content of the page has the token of a link. `loaded` is the
 * event by which the content tells that it shows something.
 */
export function showViewerNote(content, loaded) {
  const note = element("div", { class: "viewer", hidden: true });
  document.querySelector("header").append(note);
  // Something is shown anew with each other token, and with each other zone.
  content.addEventListener(loaded, () => {
    const claims = claimsOf(content.token);
    note.hidden = claims === null;
    if (claims === null) return;
    const isPart = Object.keys(claims.filters).length > 0;
    const text = t(isPart ? "page.viewer-part" : "page.viewer-all", { time: exactTime(claims.end_ms) });
    note.replaceChildren(element("p", {}, text), ...(isPart ? [element("ul", {}, ...shownBy(claims.filters))] : []));
  });
}
