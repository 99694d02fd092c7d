// Buttons and fields that copy what they have, and the clipboard.

import { element } from "./timeline-dom.js";
import { icon } from "./timeline-icons.js";
import { t } from "./timeline-texts.js";

const COPIED_MS = 1_500;

/** A button that copies `value`, which is called `name`. */
export function copyButton(name, value) {
  const label = t("copy.label", { name });
  const attributes = { type: "button", class: "copy", part: "copy", title: label, "aria-label": label };
  return element("button", { ...attributes, "data-copy": value, "data-name": name }, icon("copy"), icon("check"));
}

/** Copies the value of a button, and returns what is to be said of that. */
export async function copyBy(button) {
  const { copy, name } = button.dataset;
  if (!(await copyText(copy, () => copiedByCommand(copy)))) return t("copy.failed", { name });
  button.dataset.copied = "";
  setTimeout(() => delete button.dataset.copied, COPIED_MS);
  return t("copy.done", { name });
}

/** A field with an address that is to be copied, and a button that does so. */
export class AddressField {
  element;
  #field;
  #tried;

  /**
   * `attributes` are further ones of the field, and `label` is its name. `tried(isCopied)` is
   * called after each try to copy.
   */
  constructor(attributes, label, tried) {
    this.#tried = tried;
    this.#field = element("input", { type: "text", readonly: true, dir: "ltr", "aria-label": label, ...attributes });
    const button = element("button", { type: "button", class: "solid" }, t("copy.address"));
    button.addEventListener("click", () => this.copy());
    this.element = element("div", { class: "address" }, this.#field, button);
  }

  get value() {
    return this.#field.value;
  }

  set value(address) {
    this.#field.value = address;
  }

  /** Selects the address, for a reader who has to copy it by hand, and copies it. */
  async copy() {
    this.#field.focus({ preventScroll: true });
    this.#field.select();
    this.#tried(await copyText(this.value, () => document.execCommand("copy")));
  }
}

/** Copies a text, by the command where there is no clipboard. Returns true if the browser has. */
async function copyText(text, byCommand) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // There is no clipboard without HTTPS, nor in some frames.
    return byCommand();
  }
}

function copiedByCommand(text) {
  const focused = document.activeElement?.shadowRoot?.activeElement ?? document.activeElement;
  const field = element("textarea", { readonly: true, "aria-hidden": "true" });
  field.value = text;
  // The page's policy allows style by script, and not by attribute.
  Object.assign(field.style, { position: "fixed", top: "0", opacity: "0" });
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  focused?.focus({ preventScroll: true });
  return isCopied;
}
