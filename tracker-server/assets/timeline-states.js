// The elements that stand in place of rows.

import { element } from "./timeline-dom.js";
import { icon } from "./timeline-icons.js";
import { t } from "./timeline-texts.js";

const SKELETON_ROWS = 8;

export function skeleton() {
  const row = () => element("div", { class: "row" }, ...Array.from({ length: 5 }, () => element("i")));
  const rows = Array.from({ length: SKELETON_ROWS }, row);
  return element("div", { class: "skeleton", "aria-hidden": "true", "data-state": "loading" }, ...rows);
}

export function nothingYet() {
  return state("empty", t("state.empty"), t("state.empty-hint"));
}

export function nothingMatches(clear) {
  const action = button(t("state.clear-filters"), clear, "clear-filters");
  return state("no-match", t("state.no-match"), t("state.no-match-hint"), action);
}

/** Says that there is nothing, in the words of a page. */
export function nothing(name, title, text) {
  return state(name, title, text);
}

export function failed(message, retry, title = t("state.error")) {
  return state("error", title, message, button(t("state.retry"), retry, "retry"));
}

/** Asks for a token. `refused` is true if one was given already. */
export function tokenWanted(refused, given) {
  const input = element("input", { type: "password", autocomplete: "off", required: true, part: "token-input" });
  const form = element(
    "form",
    { class: "token", part: "token-form" },
    element("label", {}, t("state.token"), input),
    element("button", { type: "submit", class: "solid" }, t("state.continue")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (input.value.trim()) given(input.value.trim());
  });
  const text = t(refused ? "state.token-refused" : "state.token-wanted");
  return state("unauthorized", t("state.unauthorized"), text, form);
}

function state(name, title, text, action = null) {
  const attributes = { class: "state", part: `state ${name}`, "data-state": name };
  const urgent = name === "error" || name === "unauthorized";
  const lines = [element("p", { class: "title" }, title), element("p", { dir: "auto" }, text)];
  const said = element("div", { role: urgent ? "alert" : null }, ...lines);
  return element("div", attributes, icon(), said, action);
}

function button(text, action, part) {
  const made = element("button", { type: "button", class: "solid", part }, text);
  made.addEventListener("click", action);
  return made;
}
