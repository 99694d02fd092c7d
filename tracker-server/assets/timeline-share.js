// The address of what is shown. It is copied as soon as the panel opens, and by hand where the
// browser refuses.

import { AddressField } from "./timeline-copy.js";
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
  #address = new AddressField({ part: "address" }, t("share.address"), (isCopied) => this.#tell(isCopied));
  #said = element("p", { class: "said", part: "said" });

  constructor(zoneNow, say) {
    this.#zoneNow = zoneNow;
    this.#say = say;
    const hint = element("p", {}, t("share.hint"));
    this.element = element("div", { class: "share" }, this.#said, this.#address.element, hint, this.#sending());
  }

  /** Shows the address of now, and copies it. */
  show() {
    this.#address.value = addressIn(this.#zoneNow());
    this.#address.copy();
  }

  #tell(isCopied) {
    const text = t(isCopied ? "share.copied" : "share.failed");
    this.#said.textContent = text;
    this.#say(text);
  }

  /** A button for the system's own dialog, or `null` where it has none. */
  #sending() {
    if (!navigator.share) return null;
    const send = element("button", { type: "button", class: "choice" }, t("share.send"));
    send.addEventListener("click", () => {
      // A reader who closes the dialog has chosen to, and the field has the address all the same.
      navigator.share({ title: document.title, url: this.#address.value }).catch(() => {});
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
