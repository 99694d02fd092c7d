// The texts that a person sees, in the language of the page: `t("key", { name: value })`.
//
// A text is a string in which `{name}` stands for a value, or an object with such a string for each
// plural category that the language has for the value `count`. Numbers are written as the language
// writes them. All timelines of a page speak one language.

import { texts as de } from "./texts-de.js";
import { texts as en } from "./texts-en.js";

const LANGUAGES = { en, de };

let language = "en";
let locale = "en";
let formats = new Map();

chooseLanguage(document.documentElement);

/**
 * Chooses the language for a node: that of the nearest `lang`, if the application set any, else the
 * first that the browser's user reads. Returns true if it is another than before.
 */
export function chooseLanguage(node) {
  const before = locale;
  choose(languageSetFor(node) ?? navigator.languages.find(isKnown));
  return locale !== before;
}

/** The text of a key; the key itself where there is none. */
export function t(key, values = {}) {
  const text = LANGUAGES[language][key] ?? key;
  const chosen = typeof text === "string" ? text : (text[plural(values.count)] ?? text.other);
  return chosen.replace(/\{(\w+)\}/g, (hole, name) => shown(values[name] ?? hole));
}

/** The label of an action type: in the language of the page where it is the one that is built in. */
export function actionLabel(type, label) {
  const key = `action.${type}`;
  return en[key] === label ? t(key) : label;
}

/** A status in words, if it is a known one. */
export function statusText(status) {
  const key = `status.${status}`;
  return Object.hasOwn(en, key) ? t(key) : status;
}

/** The language of the texts: "en" or "de". */
export function currentLanguage() {
  return language;
}

/** A format of `Intl` for the reader: `format(Intl.DateTimeFormat, { hour: "numeric" })`. */
export function format(Format, options = {}) {
  const name = `${Format.name} ${JSON.stringify(options)}`;
  if (!formats.has(name)) formats.set(name, new Format(locale, options));
  return formats.get(name);
}

/** A number as the language writes it. */
export function numberText(number) {
  return format(Intl.NumberFormat).format(number);
}

function choose(tag = "en") {
  const chosen = isKnown(tag) ? primary(tag) : "en";
  // Dates and numbers are written as where the reader lives, if the reader has the language.
  const next = navigator.languages.find((own) => primary(own) === chosen) ?? chosen;
  if (next !== locale) formats = new Map();
  [language, locale] = [chosen, next];
}

function languageSetFor(node) {
  for (let at = node; at; at = at.parentElement ?? at.getRootNode().host) {
    if (at.lang) return at.lang;
  }
  return null;
}

function isKnown(tag) {
  return Object.hasOwn(LANGUAGES, primary(tag));
}

function primary(tag) {
  return tag.toLowerCase().split("-", 1)[0];
}

function plural(count) {
  return format(Intl.PluralRules).select(count);
}

function shown(value) {
  return typeof value === "number" ? numberText(value) : value;
}
