//! The tables of docs/console.md, held to the modules of the component and to the page.

use std::{collections::BTreeSet, fs, path::Path};

use tracker_tests::{
    assets::{Literal, literals},
    browser::{Site, Timeline, realistic},
};

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const COMPONENT: &str = "activity-timeline.js";
const PAGE: &str = "/projects/proj_rooms";

/// The parts that are named by the keys of an object, which are no literals.
const KEYS: [&str; 2] = ["today", "yesterday"];

/// An expression with the names of all parts that are on the page.
const SHOWN: &str = "all('[part]').flatMap((node) => [...node.part])";

type Names = BTreeSet<String>;

fn file(path: &str) -> String {
    fs::read_to_string(Path::new(REPOSITORY).join(path)).unwrap()
}

fn asset(name: &str) -> String {
    file(&format!("tracker-server/assets/{name}"))
}

/// Returns the names in the first column of the table below a heading of the document.
fn documented(heading: &str) -> Names {
    let document = file("docs/console.md");
    let names: Names = document
        .lines()
        .skip_while(|line| *line != heading)
        .skip(1)
        .take_while(|line| !line.starts_with('#'))
        .filter_map(|line| line.strip_prefix("| `")?.split(" |").next())
        .flat_map(|cell| cell.split('`').step_by(2))
        .map(str::to_owned)
        .collect();
    assert!(!names.is_empty(), "there is no table below {heading}");
    names
}

/// Returns the component's modules: itself, and what it imports.
fn modules() -> Vec<String> {
    let mut modules = vec![COMPONENT.to_owned()];
    let mut read = 0;
    while let Some(module) = modules.get(read) {
        for literal in literals(&asset(module)) {
            let imported = literal.text.strip_prefix("./");
            if let Some(name) = imported.filter(|name| !modules.iter().any(|known| known == name)) {
                modules.push(name.to_owned());
            }
        }
        read += 1;
    }
    modules
}

/// Returns the names of the literals that a choice is true of.
fn chosen(found: &[Literal], choice: impl Fn(&Literal) -> bool) -> Names {
    let found = found.iter().filter(|literal| choice(literal));
    found.map(|literal| literal.text.clone()).collect()
}

/// Returns what stands between two texts, wherever it does.
fn between<'a>(text: &'a str, begin: &'a str, end: &'a str) -> impl Iterator<Item = String> + 'a {
    let rest = text.split(begin).skip(1);
    rest.filter_map(move |rest| Some(rest.split_once(end)?.0.to_owned()))
}

#[test]
fn the_attributes_of_the_component_are_those_of_its_page() {
    let observed = chosen(&literals(&asset(COMPONENT)), |literal| {
        literal.before.contains("observedAttributes = [")
    });
    let looks = asset("timeline-style.js");
    let styled = between(&looks, ":host([", "=");
    let attributes: Names = observed.into_iter().chain(styled).collect();
    assert_eq!(documented("### Attributes"), attributes);
}

#[test]
fn the_properties_of_the_component_are_those_of_its_page() {
    let module = asset(COMPONENT);
    let setters = between(&module, "\n  set ", "(");
    let fields = module.lines().filter_map(|line| {
        let (name, _) = line.strip_prefix("  ")?.split_once(" = ")?;
        let is_name = name.chars().all(|letter| letter.is_ascii_alphabetic());
        is_name.then(|| name.to_owned())
    });
    let properties: Names = setters.chain(fields).collect();
    assert_eq!(documented("### Properties"), properties);
}

#[test]
fn the_events_of_the_component_are_those_of_its_page() {
    let events = chosen(&literals(&asset(COMPONENT)), |literal| {
        literal.before.ends_with("#emit(")
    });
    assert_eq!(documented("### Events"), events);
}

#[test]
fn the_custom_properties_of_the_component_are_those_of_its_page() {
    let styles: String = modules().iter().map(|module| asset(module)).collect();
    let used = between(&styles, "var(--timeline-", ",").map(|name| format!("--timeline-{name}"));
    assert_eq!(documented("### Custom properties"), used.collect());
}

/// A name that the modules make at run time is one of their literals, or made of one.
#[test]
fn the_parts_of_the_component_are_those_of_its_page() {
    let found: Vec<Literal> = modules()
        .iter()
        .flat_map(|module| literals(&asset(module)))
        .collect();
    let literal = |text: &str| found.iter().any(|literal| literal.text == text);
    let written = chosen(&found, |literal| literal.before.ends_with("part: "));
    let (made, written): (Names, Names) = written
        .iter()
        .flat_map(|names| names.split(' ').map(str::to_owned))
        .partition(|name| name.contains("{}"));
    let endings: Vec<_> = made
        .iter()
        .map(|name| name.trim_start_matches("{}"))
        .collect();
    let parts = documented("### Parts");
    let missing: Vec<_> = written.difference(&parts).collect();
    assert!(missing.is_empty(), "these are not on the page: {missing:?}");
    for part in &parts {
        let is_made = endings
            .iter()
            .filter_map(|ending| part.strip_suffix(ending))
            .any(literal);
        let is_named = written.contains(part) || KEYS.contains(&&**part);
        assert!(is_named || is_made, "no module has the part {part}");
    }
}

#[test]
fn the_filters_of_an_address_are_those_of_the_page() {
    let filters = chosen(&literals(&asset("timeline-filters.js")), |literal| {
        literal.before.starts_with("const ")
    });
    let kept = [
        "page-opened.js",
        "page-place.js",
        "page-projects.js",
        "page-zone.js",
    ]
    .iter()
    .flat_map(|module| literals(&asset(module)))
    .filter(|literal| literal.before.ends_with(".getAll(") || literal.before.ends_with(".get("))
    .map(|literal| literal.text);
    let parameters: Names = filters.into_iter().chain(kept).collect();
    assert_eq!(documented("### Query parameters"), parameters);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_part_that_is_on_the_page_is_in_its_table() {
    let parts = documented("### Parts");
    let site = Site::with(realistic()).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    page.until("the bars", "all('.bar').length > 0").await;
    page.act("rows().forEach((row) => row.querySelector('.toggle[aria-expanded=false]')?.click())")
        .await;
    page.until("what is open", "all('.row[data-open]').length > 0")
        .await;
    let mut shown: Names = page.value(SHOWN).await;
    page.act("timeline.filters = { q: 'nothing like it' }")
        .await;
    page.until("no match", "state() === 'no-match'").await;
    shown.append(&mut page.value(SHOWN).await);
    for expected in ["block", "no-match", "facts"] {
        assert!(
            shown.contains(expected),
            "{expected} is not among {shown:?}"
        );
    }
    let missing: Vec<_> = shown.difference(&parts).collect();
    assert!(missing.is_empty(), "these are not on the page: {missing:?}");
    page.was_quiet().await;
}
