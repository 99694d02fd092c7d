// Downloads of all activities that the present filters let through. The browser's own downloads
// send no token, so that the page reads the answer and hands it over as a file.

import { Client, Problem } from "./timeline-client.js";
import { element } from "./timeline-dom.js";
import { filtersToQuery } from "./timeline-filters.js";
import { format, t } from "./timeline-texts.js";

const FORMATS = ["csv", "jsonl"];
/** A file is in the browser's memory until it is whole. */
const BYTES_MAX = 512 * 1024 * 1024;
const URL_KEPT_MS = 60_000;

export class Export {
  element;
  #timeline;
  #say;
  #choices;
  #progress = element("div", { class: "progress", hidden: true });
  #controller = null;

  /** `say(text)` tells a screen reader. */
  constructor(timeline, say) {
    this.#timeline = timeline;
    this.#say = say;
    this.#choices = FORMATS.map((name) => {
      const hint = element("span", {}, t(`export.${name}-hint`));
      const button = element("button", { type: "button", class: "choice", "data-format": name }, t(`export.${name}`), hint);
      button.addEventListener("click", () => this.#download(name));
      return button;
    });
    this.element = element("div", {}, element("p", {}, t("export.hint")), ...this.#choices, this.#progress);
  }

  async #download(name) {
    if (this.#controller) return;
    const { signal } = (this.#controller = new AbortController());
    this.#begin();
    try {
      const file = await this.#read(name, signal);
      save(file, `${this.#timeline.project}-activities.${name}`);
      this.#end(t("export.done", { size: sizeText(file.size) }));
    } catch (error) {
      if (signal.aborted) this.#end(t("export.stopped"));
      else this.#end(error instanceof Problem ? error.message : t("export.failed"));
    }
  }

  async #read(name, signal) {
    const { src, project, token, filters } = this.#timeline;
    const parameters = filtersToQuery(filters);
    parameters.set("format", name);
    const response = await Client.ofProject(src, project, token).open("/export", parameters, {}, signal);
    const parts = [];
    let bytes = 0;
    for (const reader = response.body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      bytes += value.byteLength;
      if (bytes > BYTES_MAX) {
        reader.cancel().catch(() => {});
        throw new Problem(t("export.too-large", { size: sizeText(BYTES_MAX) }), 200);
      }
      this.#showProgress(bytes);
    }
    return new Blob(parts, { type: response.headers.get("Content-Type") ?? "" });
  }

  #begin() {
    const stop = element("button", { type: "button", class: "plain" }, t("export.stop"));
    stop.addEventListener("click", () => this.#controller?.abort());
    this.#progress.replaceChildren(element("span"), stop);
    this.#progress.hidden = false;
    this.#showProgress(0);
    for (const choice of this.#choices) choice.disabled = true;
    this.#say(t("export.begun"));
  }

  #showProgress(bytes) {
    this.#progress.firstElementChild.textContent = t("export.progress", { size: sizeText(bytes) });
  }

  #end(text) {
    this.#controller = null;
    this.#progress.replaceChildren(element("span", {}, text));
    for (const choice of this.#choices) choice.disabled = false;
    this.#say(text);
  }
}

function save(file, name) {
  const href = URL.createObjectURL(file);
  element("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), URL_KEPT_MS);
}

function sizeText(bytes) {
  const [unit, size] = bytes < 1_000_000 ? ["kilobyte", bytes / 1_000] : ["megabyte", bytes / 1_000_000];
  return format(Intl.NumberFormat, { style: "unit", unit, maximumFractionDigits: 1 }).format(size);
}
