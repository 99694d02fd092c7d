//! The form of the documents: the book has each page, quoted code exists, and so do the tests that
//! prove the guarantees.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use regex::Regex;
use tracker_documents::block::{Block, blocks};
use tracker_tests::examples::workspace;
use walkdir::WalkDir;

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(workspace().join(path)).expect("the file can be read")
}

/// Returns the files of a kind beneath a folder, without those that a build leaves there.
fn files(folder: impl AsRef<Path>, extension: &str) -> Vec<PathBuf> {
    let entries = WalkDir::new(workspace().join(folder)).into_iter();
    let entries = entries.filter_entry(|entry| entry.file_name() != "target");
    let paths = entries.map(|entry| entry.expect("a folder can be read").into_path());
    let paths = paths.filter(|path| path.extension() == Some(OsStr::new(extension)));
    paths.collect()
}

/// Returns the README and the pages of the guide with their blocks.
fn pages() -> impl Iterator<Item = (PathBuf, Vec<Block>)> {
    let pages = files("docs/guide", "md").into_iter();
    pages.chain([workspace().join("README.md")]).map(|page| {
        let blocks = blocks(&read(&page));
        (page, blocks)
    })
}

#[test]
fn the_book_has_each_page() {
    let summary = read("docs/SUMMARY.md");
    let docs = workspace().join("docs");
    for page in files("docs", "md") {
        let path = page.strip_prefix(&docs).expect("a page of docs/").display();
        let is_summary = path.to_string() == "SUMMARY.md";
        assert!(
            is_summary || summary.contains(&format!("({path})")),
            "docs/SUMMARY.md lacks {path}"
        );
    }
}

#[test]
fn no_code_of_the_guide_is_left_out_of_the_doctests() {
    for (page, blocks) in pages() {
        let left_out = blocks
            .iter()
            .any(|block| block.language == "rust" && block.has("ignore"));
        assert!(!left_out, "{}", page.display());
    }
}

/// A block `rs,service` has lines of one file of a service, in their order. Lines of an ellipsis
/// stand for those that are left out.
#[test]
fn quoted_code_is_in_a_service() {
    let sources: Vec<String> = ["tests/beside/service", "examples/axum-sqlx/src"]
        .iter()
        .flat_map(|folder| files(folder, "rs"))
        .map(read)
        .collect();
    for (page, blocks) in pages() {
        for block in blocks.iter().filter(|block| block.has("service")) {
            let is_quoted = sources.iter().any(|source| {
                let mut lines = source.lines().map(str::trim);
                let mut quoted = block.text.lines().map(str::trim);
                quoted.all(|line| {
                    line.is_empty() || line.contains('…') || lines.any(|other| other == line)
                })
            });
            assert!(is_quoted, "{}:\n{}", page.display(), block.text);
        }
    }
}

#[test]
fn each_test_that_proves_a_guarantee_exists() {
    let mut sources = String::new();
    let folders = ["tests", "tracker-core", "tracker-server", "tracker-cli"];
    for file in folders.iter().flat_map(|folder| files(folder, "rs")) {
        sources += &read(file);
    }
    let guarantees = read("docs/guarantees.md");
    let name = Regex::new("`([a-z0-9]+(?:_[a-z0-9]+){3,})`").expect("a pattern");
    let names: Vec<&str> = name
        .captures_iter(&guarantees)
        .map(|found| found.extract::<1>().1[0])
        .collect();
    assert!(!names.is_empty());
    let missing: Vec<&&str> = names
        .iter()
        .filter(|name| !sources.contains(&format!("fn {name}(")))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}
