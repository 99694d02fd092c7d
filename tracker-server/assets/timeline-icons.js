// Line icons on a grid of 16. They are made by the DOM, because the page's policy allows no markup
// from strings.

const PATHS = {
  project: ["M2 12.5v-9h4l1.5 2H14v7z"],
  project_created: ["M2 12.5v-9h4l1.5 2H14v7z", "M8 7.5v3M6.5 9h3"],
  database_created: ["M3 4c0-2.4 10-2.4 10 0v8c0 2.4-10 2.4-10 0z", "M3 4c0 2.4 10 2.4 10 0M3 8c0 2.4 10 2.4 10 0"],
  endpoints_added: ["M5.5 2v3.5M10.5 2v3.5M3.5 5.5h9v2a4.5 4.5 0 0 1-9 0z", "M8 12v2.5"],
  queries_executed: ["M2 3h12v10H2z", "M4.5 6l2 2-2 2M8.5 10h3"],
  deployment: ["M8 10V2.5M5 5.5l3-3 3 3", "M2.5 9.5v4h11v-4"],
  github_push: ["M4.5 5v6M11.5 7c0 2.5-3 2.5-7 3", "M6.1 3.5a1.6 1.6 0 1 1-3.2 0a1.6 1.6 0 1 1 3.2 0M6.1 12.5a1.6 1.6 0 1 1-3.2 0a1.6 1.6 0 1 1 3.2 0M13.1 5.4a1.6 1.6 0 1 1-3.2 0a1.6 1.6 0 1 1 3.2 0"],
  activity: ["M1.5 8.5h3l2-5.5 3 10 2-4.5h3"],
  succeeded: ["M14 8a6 6 0 1 1-12 0a6 6 0 1 1 12 0", "M5.5 8.2l1.8 1.8 3.4-3.8"],
  failed: ["M14 8a6 6 0 1 1-12 0a6 6 0 1 1 12 0", "M6 6l4 4M10 6l-4 4"],
  stopped: ["M14 8a6 6 0 1 1-12 0a6 6 0 1 1 12 0", "M5.5 8h5"],
  stack: ["M8 2.5l6 3-6 3-6-3z", "M2 8.5l6 3 6-3M2 11.5l6 3 6-3"],
  copy: ["M6 6h7.5v7.5H6z", "M10 6V2.5H2.5V10H6"],
  check: ["M3 8.5l3.2 3.2L13 5"],
  share: ["M8 9.5V2M5 4.5L8 1.5l3 3", "M4.5 7H3v7h10V7h-1.5"],
  link: ["M6.3 9.7l3.4-3.4", "M7.4 4.8l1.4-1.4a2.7 2.7 0 0 1 3.8 3.8l-1.4 1.4", "M8.6 11.2l-1.4 1.4a2.7 2.7 0 0 1-3.8-3.8l1.4-1.4"],
  newer: ["M10 3.5L5.5 8l4.5 4.5"],
  older: ["M6 3.5L10.5 8 6 12.5"],
  search: ["M11 7a4 4 0 1 1-8 0a4 4 0 1 1 8 0", "M10 10l3.5 3.5"],
  chevron: ["M4.5 6.5L8 10l3.5-3.5"],
  remove: ["M4.5 4.5l7 7M11.5 4.5l-7 7"],
  open: ["M9 3h4v4M13 3L7.5 8.5", "M11 9.5V13H3V5h3.5"],
  up: ["M8 13V3.5M4 7l4-4 4 4"],
};

const drawn = new Map();

/** The icon of this name or action type; a generic one for an action type that is not built in. */
export function icon(name) {
  const known = Object.hasOwn(PATHS, name) ? name : "activity";
  if (!drawn.has(known)) drawn.set(known, draw(known));
  return drawn.get(known).cloneNode(true);
}

function draw(name) {
  const svg = svgElement("svg", { viewBox: "0 0 16 16", "aria-hidden": "true", focusable: "false", "data-icon": name });
  svg.append(...PATHS[name].map((d) => svgElement("path", { d })));
  return svg;
}

function svgElement(tag, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
