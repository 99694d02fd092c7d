// The page at an address that leads nowhere. It has the way to the list of projects.

import { showPage, wayFromProjects } from "./page.js";
import { element } from "./timeline-dom.js";
import { t } from "./timeline-texts.js";

showPage({
  title: t("missing.title"),
  heading: t("missing.heading"),
  way: wayFromProjects(),
  content: element("p", {}, t("missing.hint")),
});
