// `<page-share>`: a button with a panel that shares the address of the page.

import { element } from "./timeline-dom.js";
import { closeMenus, menu } from "./timeline-menu.js";
import { Share } from "./timeline-share.js";
import { style } from "./timeline-style.js";
import { t } from "./timeline-texts.js";
import { style as toolStyle } from "./timeline-tools-style.js";

export class PageShare extends HTMLElement {
  #announced = element("div", { class: "quiet", role: "status", "aria-live": "polite" });
  #listening = null;

  connectedCallback() {
    if (!this.shadowRoot) this.#build();
    this.#listening = new AbortController();
    document.addEventListener("pointerdown", (event) => closeMenus(this.shadowRoot, event), this.#listening);
  }

  disconnectedCallback() {
    this.#listening.abort();
  }

  #build() {
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [style, toolStyle];
    const share = new Share(addressNow, (text) => (this.#announced.textContent = text));
    const panel = menu("share", t("share.title"), share.element);
    panel.addEventListener("toggle", () => panel.open && share.show());
    root.append(panel, this.#announced);
  }
}

/** The address, without what is behind the `#`, which is for this reader alone. */
function addressNow() {
  return location.href.replace(/#.*$/, "");
}

customElements.define("page-share", PageShare);
