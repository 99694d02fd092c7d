// The zone of the times, as a button that changes between the viewer's own, UTC and that of the
// address.

import { element } from "./timeline-dom.js";
import { t } from "./timeline-texts.js";
import { chooseZone, otherZone, timeZone } from "./timeline-zone.js";

/**
 * Makes the button, or a text where there is no other zone. `changed()` is called when another zone
 * is chosen.
 */
export function zoneSwitch(changed) {
  const [zone, other] = [timeZone(), otherZone()];
  if (other === null) return element("span", { class: "zone", part: "zone", title: t("zone.only", { zone }) }, zone);
  const title = t("zone.change", { zone, other });
  const button = element("button", { type: "button", class: "zone", part: "zone", title, "aria-label": title }, zone);
  button.addEventListener("click", () => {
    chooseZone(other);
    changed();
  });
  return button;
}
