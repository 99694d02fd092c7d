// The token of a link for viewers, which is behind the `#` of the page's address.

import { filtersFromQuery } from "./timeline-filters.js";

const VIEWER = /^#viewer=([\w.-]+)$/;
/** The first characters of all tokens of links. */
const VERSION = /^tv1\./;

/** Returns true for the token of a link, even one that has lost its end. */
export function isViewerToken(token) {
  return VERSION.test(token ?? "");
}

/**
 * Returns what a link says that it shows, `{ filters, end_ms }`, or `null` for any other token. The
 * server alone decides what it grants.
 */
export function claimsOf(token) {
  if (!isViewerToken(token)) return null;
  const [, , claims = ""] = token.split(".");
  try {
    const { f, e } = JSON.parse(atob(claims.replaceAll("-", "+").replaceAll("_", "/")));
    return { filters: filtersFromQuery(f), end_ms: e * 1_000 };
  } catch {
    return null;
  }
}

/**
 * Calls `taken(token)` if the page was opened by a link, and whenever another link is opened in its
 * place. The address loses the token at once, so that it gets into no history and no bookmark.
 */
export function onViewerToken(taken) {
  take(taken);
  addEventListener("hashchange", () => take(taken));
}

function take(taken) {
  const token = VIEWER.exec(location.hash)?.[1];
  if (!token) return;
  history.replaceState(history.state, "", `${location.pathname}${location.search}`);
  taken(token);
}
