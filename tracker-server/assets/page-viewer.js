// The line below the heading for whoever looks by a link: it shows a part, until a time.

import { element } from "./timeline-dom.js";
import { t } from "./timeline-texts.js";
import { exactTime } from "./timeline-time.js";
import { claimsOf } from "./viewer-token.js";

/** Shows the line below the heading for as long as the timeline has the token of a link. */
export function showViewerNote(timeline) {
  const note = element("p", { class: "viewer", hidden: true });
  document.querySelector("header").append(note);
  // Rows come with each other token, and with each other zone.
  timeline.addEventListener("activities-load", () => {
    const claims = claimsOf(timeline.token);
    note.hidden = claims === null;
    if (claims === null) return;
    const text = claims.isPart ? "page.viewer-part" : "page.viewer-all";
    note.textContent = t(text, { time: exactTime(claims.end_ms) });
  });
}
