// The page of the projects. It keeps the search in the address.

import { base, hereWith, projectAddress } from "./page-address.js";
import { keepToken, showPage } from "./page.js";
import { recent } from "./page-recent.js";
import "./project-list.js";
import { element } from "./timeline-dom.js";
import { t } from "./timeline-texts.js";

const list = element("project-list", { src: base });
list.addressOf = (project) => projectAddress(project);
list.recent = recent();
list.search = new URLSearchParams(location.search).get("search") ?? "";

list.addEventListener("search-change", ({ detail: { search } }) => {
  history.replaceState(null, "", hereWith(search ? new URLSearchParams({ search }) : ""));
});

keepToken(list);
showPage({ title: t("projects.title"), heading: t("page.projects"), content: list });
