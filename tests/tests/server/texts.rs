//! The texts of the page, which are written in files of their own for each language.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use tracker_tests::assets::{Literal, literals};

const ASSETS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tracker-server/assets");

const ENGLISH: &str = "texts-en.js";
const GERMAN: &str = "texts-de.js";

/// The module that is CSS in one literal.
const STYLE: &str = "style.js";

/// Names of protocols and of keys, which nobody reads.
const NAMES: &[&str] = &[
    "AbortError",
    "ArrowDown",
    "ArrowLeft",
    "ArrowRight",
    "ArrowUp",
    "Bearer {}",
    "Content-Type",
    "End",
    "Enter",
    "Escape",
    "Home",
    "Last-Event-ID",
    "Problem",
    "Retry-After",
    "Tab",
    "TIME",
];

/// Attributes with several words that nobody reads.
const LISTS: [&str; 3] = ["class: ", "part: ", "rel: "];

/// Calls that take a CSS selector.
const SELECTING: [&str; 2] = ["querySelector(", "querySelectorAll("];

fn asset(name: &str) -> String {
    fs::read_to_string(Path::new(ASSETS).join(name)).unwrap()
}

/// Returns the literals of all modules that have no texts of their own, with the modules' names.
fn modules() -> Vec<(String, Vec<Literal>)> {
    let files = fs::read_dir(ASSETS).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let modules = names.filter(|name| {
        let is_module = Path::new(name)
            .extension()
            .is_some_and(|ending| ending == "js");
        is_module && !name.starts_with("texts-")
    });
    let modules = modules.map(|name| (literals(&asset(&name)), name));
    modules.map(|(found, name)| (name, found)).collect()
}

/// Returns the holes of each text of a language, by its key and plural category.
fn texts(file: &str) -> BTreeMap<(String, String), BTreeSet<String>> {
    let mut key = String::new();
    let mut texts = BTreeMap::new();
    for literal in literals(&asset(file)) {
        if literal.before.trim().is_empty() {
            key = literal.text;
            continue;
        }
        let category = ["zero", "one", "two", "few", "many", "other"]
            .into_iter()
            .find(|name| literal.before.ends_with(&format!("{name}: ")));
        let holes = literal.text.split('{').skip(1);
        let holes = holes.filter_map(|hole| hole.split_once('}'));
        let holes = holes.map(|(name, _)| name.to_owned()).collect();
        let place = (key.clone(), category.unwrap_or_default().to_owned());
        let former = texts.insert(place, holes);
        assert_eq!(former, None, "{file} has {key} twice");
    }
    texts
}

fn keys(file: &str) -> BTreeSet<String> {
    texts(file).into_keys().map(|(key, _)| key).collect()
}

#[test]
fn both_languages_have_the_same_texts_with_the_same_values() {
    let english = texts(ENGLISH);
    assert!(english.len() > 50, "too few texts are found");
    assert_eq!(english, texts(GERMAN));
}

#[test]
fn each_text_is_used_and_each_one_used_is_there() {
    let keys = keys(ENGLISH);
    let mut used = BTreeSet::new();
    for (module, literals) in modules() {
        for Literal { line, before, text } in literals {
            let asked = before.ends_with(" t(") || before.ends_with("(t(");
            let pattern = text.split_once("{}");
            let meant: BTreeSet<_> = keys
                .iter()
                .filter(|key| match pattern {
                    Some((start, end)) => {
                        start.ends_with(['.', '-']) && key.starts_with(start) && key.ends_with(end)
                    }
                    None => **key == text,
                })
                .cloned()
                .collect();
            assert!(
                !asked || !meant.is_empty(),
                "{module}:{line} asks for {text}"
            );
            used.extend(meant);
        }
    }
    let unused: Vec<_> = keys.difference(&used).collect();
    assert!(unused.is_empty(), "nobody asks for {unused:?}");
}

#[test]
fn no_module_has_a_text_of_its_own() {
    let mut own = Vec::new();
    for (module, literals) in modules() {
        if module.ends_with(STYLE) {
            continue;
        }
        let read = literals.into_iter().filter(|literal| {
            let value = literal.before.rsplit([',', '{']).next().unwrap_or_default();
            let is_list = LISTS
                .iter()
                .any(|name| value.trim_start().starts_with(name));
            let is_selector = SELECTING.iter().any(|call| literal.before.ends_with(call));
            !is_list && !is_selector && is_readable(&literal.text)
        });
        own.extend(read.map(|literal| format!("{module}:{}: {}", literal.line, literal.text)));
    }
    assert!(own.is_empty(), "these belong to {ENGLISH}: {own:#?}");
}

#[test]
fn the_page_says_before_its_script_runs_only_that_there_is_none() {
    let page = asset("index.html");
    let (_, mut body) = page.split_once("<body>").unwrap();
    let mut others = String::new();
    for (start, end) in [
        ("<noscript>", "</noscript>"),
        ("<div class=\"late\">", "</div>"),
    ] {
        let (before, rest) = body.split_once(start).unwrap();
        let (without_script, after) = rest.split_once(end).unwrap();
        for language in ["en", "de"] {
            assert!(without_script.contains(&format!("lang=\"{language}\"")));
        }
        others += before;
        body = after;
    }
    others += body;
    let texts = others.split('<');
    let texts = texts.filter_map(|tag| Some(tag.split_once('>')?.1.trim()));
    let texts: Vec<_> = texts.filter(|text| !text.is_empty()).collect();
    assert_eq!(texts, [""; 0]);
}

/// Returns whether a text looks like words for a person: it has two in a row, or begins like a
/// sentence.
fn is_readable(text: &str) -> bool {
    let is_word = |word: &&str| {
        let letters = word.trim_end_matches(|c: char| ".,:!?…".contains(c));
        letters.chars().count() > 1
            && letters
                .chars()
                .all(|c| c.is_alphabetic() || "’'-".contains(c))
    };
    let words = text.split(' ').filter(is_word).count();
    let mut letters = text.trim_start().chars();
    let is_capital = letters.next().is_some_and(char::is_uppercase)
        && letters.next().is_some_and(char::is_lowercase);
    !NAMES.contains(&text) && (words > 1 || is_capital && words > 0)
}

#[test]
fn readable_texts_are_told_from_names() {
    for text in [
        "Live",
        "Nothing is recorded for this project yet",
        "{} more of them",
        "Show all",
        "can't be",
    ] {
        assert!(is_readable(text), "{text}");
    }
    for text in [
        "ArrowDown",
        "filter.q",
        "[data-filter]",
        "M2 12.5v-9h4",
        "1200px 0px",
        "a > b",
        "",
    ] {
        assert!(!is_readable(text), "{text}");
    }
}
