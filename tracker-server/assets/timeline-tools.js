// `<timeline-tools>`: what can be done with the timeline that is its property `timeline`: keep its
// filters under a name, download what it shows, and share its address.

import { copyText } from "./timeline-copy.js";
import { element } from "./timeline-dom.js";
import { Export } from "./timeline-export.js";
import { icon } from "./timeline-icons.js";
import { closeMenus, menu } from "./timeline-menu.js";
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
    const viewsMenu = menu("views", t("views.title"), views.element);
    viewsMenu.addEventListener("toggle", () => viewsMenu.open && views.show());
    const share = element("button", { type: "button", class: "tool", part: "share" }, icon("share"), t("share.title"));
    share.addEventListener("click", () => shareAddress(say));
    root.append(viewsMenu, menu("export", t("export.title"), exported.element), share, this.#announced);
  }
}

/** Shares the address as the system does it, or copies it where the system has no such thing. */
async function shareAddress(say) {
  const url = location.href;
  if (navigator.share) {
    try {
      return await navigator.share({ title: document.title, url });
    } catch (error) {
      // The reader has closed the system's dialog.
      if (error.name === "AbortError") return;
    }
  }
  say((await copyText(url)) ? t("share.copied") : t("share.failed"));
}

customElements.define("timeline-tools", TimelineTools);
