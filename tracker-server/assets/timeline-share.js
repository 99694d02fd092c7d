// The address of what is shown. It is copied as soon as the panel opens, and by hand where the
// browser refuses.

import { copyField } from "./timeline-copy.js";
import { element } from "./timeline-dom.js";
import { menu } from "./timeline-menu.js";
import { t } from "./timeline-texts.js";

/**
 * Makes a menu that shares the address. `zoneNow()` is the zone of the times, and `say(text)` tells
 * a screen reader.
 */
export function shareMenu(zoneNow, say) {
  const share = new Share(zoneNow, say);
  return menu("share", t("share.title"), share.element, () => share.show());
}

class Share {
  element;
  #zoneNow;
  #say;
  #field = element("input", { type: "text", readonly: true, part: "address", dir: "ltr", "aria-label": t("share.address") });
  #said = element("p", { class: "said", part: "said" });

  constructor(zoneNow, say) {
    this.#zoneNow = zoneNow;
    this.#say = say;
    const copy = element("button", { type: "button", class: "solid" }, t("share.copy"));
    copy.addEventListener("click", () => this.#copy());
    const line = element("div", { class: "address" }, this.#field, copy);
    this.element = element("div", { class: "share" }, this.#said, line, element("p", {}, t("share.hint")), this.#sending());
  }

  /** Shows the address of now, and copies it. */
  show() {
    this.#field.value = addressIn(this.#zoneNow());
    return this.#copy();
  }

  async #copy() {
    const text = t((await copyField(this.#field)) ? "share.copied" : "share.failed");
    this.#said.textContent = text;
    this.#say(text);
  }

  /** A button for the system's own dialog, or `null` where it has none. */
  #sending() {
    if (!navigator.share) return null;
    const send = element("button", { type: "button", class: "choice" }, t("share.send"));
    send.addEventListener("click", () => {
      // A reader who closes the dialog has chosen to, and the field has the address all the same.
      navigator.share({ title: document.title, url: this.#field.value }).catch(() => {});
    });
    return send;
  }
}

/**
 * Returns the page's address with a zone, so that whoever opens it sees the same days. What is
 * behind the `#` is for this reader.
 */
function addressIn(zone) {
  const url = new URL(location.href);
  url.hash = "";
  url.searchParams.set("zone", zone);
  return url.href;
}
