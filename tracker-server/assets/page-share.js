// `<page-share>`: a button with a panel that shares the address of the page.

import { element } from "./timeline-dom.js";
import { closeMenus } from "./timeline-menu.js";
import { shareMenu } from "./timeline-share.js";
import { style } from "./timeline-style.js";
import { style as toolStyle } from "./timeline-tools-style.js";
import { timeZone } from "./timeline-zone.js";

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
    const say = (text) => (this.#announced.textContent = text);
    root.append(shareMenu(timeZone, say), this.#announced);
  }
}

customElements.define("page-share", PageShare);
