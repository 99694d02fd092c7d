// The elements that stand in place of rows.

import { Problem } from "./timeline-client.js";
import { element } from "./timeline-dom.js";
import { icon } from "./timeline-icons.js";
import { harmless } from "./timeline-text.js";
import { t } from "./timeline-texts.js";
import { isViewerToken } from "./viewer-token.js";

const SKELETON_ROWS = 8;

export function skeleton() {
  const row = () => element("div", { class: "row head" }, ...Array.from({ length: 5 }, () => element("i")));
  const rows = Array.from({ length: SKELETON_ROWS }, row);
  return element("div", { class: "skeleton", "aria-hidden": "true", "data-state": "loading" }, ...rows);
}

/** Says that a project has nothing, and leads to the list of projects if that has an address. */
export function nothingYet(project, projectsAddress) {
  const link = projectsAddress && element("a", { class: "solid", href: projectsAddress, part: "projects" }, t("state.to-projects"));
  return state("empty", t("state.empty"), t("state.empty-hint", { project: harmless(project) }), link);
}

/** `isSearch` is true if a text is searched for, which the reader may have meant for an ID. */
export function nothingMatches(isSearch, clear) {
  const action = button(t("state.clear-filters"), clear, "clear-filters");
  const hint = isSearch ? t("state.no-match-search", { records: t("filter.records") }) : t("state.no-match-hint");
  return state("no-match", t("state.no-match"), hint, action);
}

/** Says that there is nothing, in the words of a page. */
export function nothing(name, title, text, action = null) {
  return state(name, title, text, action);
}

export function failed(message, retry, title = t("state.error")) {
  return state("error", title, message, button(t("state.retry"), retry, "retry"));
}

/** Says that the server takes no such value of a filter, with a button that removes the filter. */
export function wrongFilter(filter, remove) {
  const text = t("state.wrong-filter", { name: t(`filter.${filter}`) });
  return state("error", t("state.error"), text, button(t("state.remove-filter"), remove, "clear-filters"));
}

/** Says below rows why the next ones are missing, with a button that asks for them again. */
export function endFailed(message, retry) {
  return [element("span", { role: "alert" }, message), button(t("state.retry"), retry, "retry", "plain")];
}

/** Offers the next rows below the others, where the reader has to ask for them. */
export function moreOffered(load, text = t("state.more")) {
  return button(text, load, "more", "plain");
}

/**
 * Tells that the project can't be seen. Where a token was given already, another one can be:
 * `given` is `null` where none was.
 */
export function denied(message, retry, given) {
  const form = given && tokenForm(t("state.other-token"), given);
  return state("error", t("state.error"), message, button(t("state.retry"), retry, "retry"), form);
}

/**
 * Leads to the login that the server at `src` names, or asks for a token where it names none.
 * `token` is the one that the server has refused, or `null`. Whoever has the token of a link has no
 * other one, and reads why the server refuses it.
 */
export function accessWanted(error, src, token, given) {
  const login = loginWanted(error.login, src);
  if (login) return login;
  if (isViewerToken(token)) return state("unauthorized", t("state.link"), error.message);
  return tokenWanted(token !== null, given);
}

function tokenWanted(refused, given) {
  const text = t(refused ? "state.token-refused" : "state.token-wanted");
  return state("unauthorized", t("state.unauthorized"), text, tokenForm(t("state.token"), given));
}

function loginWanted(login, src) {
  const server = addressOf(src);
  if (!login || !URL.canParse(login, server)) return null;
  const url = new URL(login, server);
  if (!/^https?:$/.test(url.protocol)) return null;
  const link = element("a", { class: "solid", href: url, target: "_top", part: "login" }, t("state.log-in"));
  return state("unauthorized", t("state.login"), t("state.login-hint"), link);
}

/**
 * The reason why the server at `src` gives nothing: its own words, or why there is no answer, for a
 * page that is not of the server's origin too.
 */
export function failureText(error, src) {
  if (error instanceof Problem) return error.message;
  if (addressOf(src).origin === location.origin) return t("failure.unreachable");
  return t("failure.other-origin", { origin: location.origin });
}

/** The address of a server; that of this page where `src` is none. */
function addressOf(src) {
  return new URL(URL.canParse(src, document.baseURI) ? src : "", document.baseURI);
}

function tokenForm(label, given) {
  const input = element("input", { type: "password", autocomplete: "off", required: true, part: "token-input" });
  const form = element(
    "form",
    { class: "token", part: "token-form" },
    element("label", {}, label, input),
    element("button", { type: "submit", class: "solid" }, t("state.continue")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (input.value.trim()) given(input.value.trim());
  });
  return form;
}

function state(name, title, text, ...actions) {
  const attributes = { class: "state", part: `state ${name}`, "data-state": name };
  const urgent = name === "error" || name === "unauthorized";
  const lines = [element("p", { class: "title" }, title), element("p", { dir: "auto" }, text)];
  const said = element("div", { role: urgent ? "alert" : null }, ...lines);
  return element("div", attributes, icon(), said, ...actions);
}

function button(text, action, part, style = "solid") {
  const made = element("button", { type: "button", class: style, part }, text);
  made.addEventListener("click", action);
  return made;
}
