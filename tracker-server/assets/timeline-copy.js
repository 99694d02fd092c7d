// Buttons that copy a value, and the clipboard.

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
  if (!(await copyText(copy))) return t("copy.failed", { name });
  button.dataset.copied = "";
  setTimeout(() => delete button.dataset.copied, COPIED_MS);
  return t("copy.done", { name });
}

/** Copies a text, and returns true if the browser has. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // There is no clipboard without HTTPS, nor in some frames.
    return copiedByCommand(text);
  }
}

/** Selects the text of a field and copies it, and returns true if the browser has. */
export async function copyField(field) {
  field.focus({ preventScroll: true });
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    return document.execCommand("copy");
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
