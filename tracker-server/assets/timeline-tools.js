// `<timeline-tools>`: what can be done with the timeline that is its property `timeline`: keep its
// filters under a name, download what it shows, and share its address.

import { element } from "./timeline-dom.js";
import { Export } from "./timeline-export.js";
import { closeMenus, menu } from "./timeline-menu.js";
import { shareMenu } from "./timeline-share.js";
import { style } from "./timeline-style.js";
import { chooseLanguage, t } from "./timeline-texts.js";
import { style as toolStyle } from "./timeline-tools-style.js";
import { SavedViews } from "./timeline-views.js";

export class TimelineTools extends HTMLElement {
  timeline = null;
  #announced = element("div", { class: "quiet", role: "status", "aria-live": "polite", part: "announcement" });
  #listening = null;

  connectedCallback() {
    // A page may load this module apart from that of its timeline.
    chooseLanguage(this.timeline?.isConnected ? this.timeline : this);
    if (!this.shadowRoot) this.#build();
    this.#listening = new AbortController();
    document.addEventListener("pointerdown", (event) => closeMenus(this.shadowRoot, event), this.#listening);
    // The panel shows the address of before.
    const closeShare = () => (this.shadowRoot.querySelector(".share-menu").open = false);
    window.addEventListener("popstate", closeShare, this.#listening);
    this.timeline?.addEventListener("filters-change", closeShare, this.#listening);
  }

  disconnectedCallback() {
    this.#listening.abort();
  }

  #build() {
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [style, toolStyle];
    const say = (text) => (this.#announced.textContent = text);
    const views = new SavedViews(this.timeline, say);
    const exported = new Export(this.timeline, say);
    root.append(
      menu("views", t("views.title"), views.element, () => views.show()),
      menu("export", t("export.title"), exported.element),
      shareMenu(() => this.timeline.zone, say),
      this.#announced,
    );
  }
}

customElements.define("timeline-tools", TimelineTools);
