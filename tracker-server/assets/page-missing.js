// The page at an address that leads nowhere. It leads to the list of projects.

import { projectsAddress } from "./page-address.js";
import { showPage, wayFromProjects } from "./page.js";
import { element } from "./timeline-dom.js";
import { t } from "./timeline-texts.js";

const projects = element("a", { href: projectsAddress() }, t("state.to-projects"));

showPage({
  title: t("missing.title"),
  heading: t("missing.heading"),
  way: wayFromProjects(),
  content: element("p", {}, t("missing.hint"), " ", projects),
});
