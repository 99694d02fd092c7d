// `<viewer-link>`: a button with a dialog that makes a link to what the timeline shows that is its
// property `timeline`. Whoever has the link needs no access of their own. The button is there where
// the server says that the reader may make links.

import { Client } from "./timeline-client.js";
import { AddressField } from "./timeline-copy.js";
import { element } from "./timeline-dom.js";
import { icon } from "./timeline-icons.js";
import { spanText } from "./timeline-spans.js";
import { failureText } from "./timeline-states.js";
import { style } from "./timeline-style.js";
import { harmless } from "./timeline-text.js";
import { format, t } from "./timeline-texts.js";
import { exactTime } from "./timeline-time.js";
import { timeZone } from "./timeline-zone.js";
import { style as linkStyle } from "./viewer-link-style.js";
import { shownBy } from "./viewer-shown.js";

const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;
/** The usual times until a link ends, in seconds, and the one that is chosen first. */
const USUAL_S = [HOUR_S, DAY_S, 7 * DAY_S, 30 * DAY_S, 90 * DAY_S];
const FIRST_S = 7 * DAY_S;

export class ViewerLink extends HTMLElement {
  #timeline = null;
  #listening = new AbortController();
  #asking = new AbortController();
  #button = element("button", { type: "button", class: "tool", part: "viewer-link", "aria-haspopup": "dialog" }, icon("link"), t("viewer.title"));
  #dialog = element("dialog", { closedby: "any", "aria-labelledby": "heading" });
  #said = element("p", { class: "said", role: "status" });
  // The number of links that were asked for. The last one alone is shown.
  #asked = 0;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [style, linkStyle];
    root.append(this.#button, this.#dialog);
  }

  get timeline() {
    return this.#timeline;
  }

  set timeline(timeline) {
    this.#listening.abort();
    this.#listening = new AbortController();
    this.#timeline = timeline;
    timeline.addEventListener("token-change", ({ detail }) => this.#ask(detail.token), this.#listening);
    this.#ask(timeline.token);
  }

  /** Asks which links the reader may make. Without an answer there is no button. */
  async #ask(token) {
    this.#asking.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    this.hidden = true;
    try {
      const { is_allowed, expires_in_s_max } = await this.#links(token).get("", new URLSearchParams(), signal);
      if (signal.aborted) return;
      this.#button.onclick = () => this.#open(expires_in_s_max);
      this.hidden = !is_allowed;
    } catch {
      // The timeline says what is the matter.
    }
  }

  #links(token) {
    const { src, project } = this.#timeline;
    return Client.ofProject(src, project, token, "/viewer-links");
  }

  #open(longest_s) {
    const { filters } = this.#timeline;
    const close = element("button", { type: "button", class: "close", title: t("viewer.close"), "aria-label": t("viewer.close") }, icon("remove"));
    close.addEventListener("click", () => this.#dialog.close());
    const lasts = element("select", { autofocus: true, part: "lasts" }, ...timesUpTo(longest_s).map(optionOf));
    const made = element("div", { class: "made" });
    const form = element(
      "form",
      {},
      element("label", {}, element("span", {}, t("viewer.lasts")), lasts),
      element("button", { type: "submit", class: "solid" }, t("viewer.make")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#make({ filters, expires_in_s: Number(lasts.value) }, made);
    });
    this.#said.textContent = "";
    this.#dialog.replaceChildren(
      element("div", { class: "title" }, element("h2", { id: "heading" }, t("viewer.heading")), close),
      element("p", {}, t("viewer.explains")),
      element("h3", { id: "shows" }, t("viewer.shows")),
      element("ul", { "aria-labelledby": "shows" }, ...shownBy(filters)),
      form,
      this.#said,
      made,
    );
    this.#dialog.showModal();
  }

  async #make(wanted, made) {
    const { src, token } = this.#timeline;
    const turn = ++this.#asked;
    made.replaceChildren();
    try {
      const link = await this.#links(token).post(wanted);
      if (turn !== this.#asked) return;
      const url = new URL(`${src.replace(/\/+$/, "")}${link.url}`, document.baseURI);
      // Whoever opens it sees the same days.
      url.searchParams.set("zone", timeZone());
      const tell = (isCopied) => (this.#said.textContent = t(isCopied ? "viewer.made" : "viewer.not-copied"));
      const address = new AddressField({ part: "link" }, t("viewer.link"), tell);
      address.value = url.href;
      const lines = [t("viewer.ends", { time: exactTime(link.expires_at) }), t("viewer.key", { key: harmless(link.key) })];
      if (isLoopback(url)) lines.push(t("viewer.loopback"));
      made.append(address.element, ...lines.map((line) => element("p", {}, line)));
      await address.copy();
    } catch (error) {
      if (turn === this.#asked) this.#said.textContent = failureText(error, src);
    }
  }
}

/** The usual times that a link may last, or the longest one where all of them are longer. */
function timesUpTo(longest_s) {
  const usual = USUAL_S.filter((time_s) => time_s <= longest_s);
  return usual.length > 0 ? usual : [longest_s];
}

function optionOf(time_s) {
  return element("option", { value: time_s, selected: time_s === FIRST_S }, timeText(time_s));
}

function timeText(time_s) {
  const [unit, unit_s] = time_s < DAY_S ? ["hour", HOUR_S] : ["day", DAY_S];
  if (time_s % unit_s !== 0) return spanText(time_s * 1_000);
  return format(Intl.NumberFormat, { style: "unit", unit, unitDisplay: "long" }).format(time_s / unit_s);
}

/** Returns true for an address that leads to the computer of whoever opens it. */
function isLoopback({ hostname }) {
  return /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

customElements.define("viewer-link", ViewerLink);
