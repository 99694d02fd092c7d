// The addresses of the pages. The server's routes may be mounted below another path, which the
// address of this file tells.

/** The path that all of the server's routes have before them; "" at the root of the origin. */
export const base = new URL("..", import.meta.url).pathname.replace(/\/$/, "");

const [, , project = "", , activity = ""] = location.pathname.slice(base.length).split("/").map(decoded);

/** The project and the activity that this page's address names; "" for one that it does not. */
export const here = { project, activity };

export function projectsAddress() {
  return `${base}/projects`;
}

/** `query` is a query string or `URLSearchParams`, and so it is below. */
export function projectAddress(project, query = "") {
  return withQuery(`${base}/projects/${encodeURIComponent(project)}`, query);
}

export function activityAddress(project, activity, query = "") {
  return withQuery(`${base}/projects/${encodeURIComponent(project)}/activities/${encodeURIComponent(activity)}`, query);
}

/** This page with another query. */
export function hereWith(query) {
  return withQuery(location.pathname, query);
}

function withQuery(path, query) {
  const text = String(query).replace(/^\?/, "");
  return text ? `${path}?${text}` : path;
}

function decoded(segment) {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
