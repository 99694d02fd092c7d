//! The messages of docs/guide/troubleshooting.md: each one is in the source.

use std::fs;

use tracker_tests::{examples::workspace, sources::rust_files};

#[test]
fn each_message_of_the_guide_is_in_the_source() {
    let page = fs::read_to_string(workspace().join("docs/guide/troubleshooting.md")).unwrap();
    let source = source();
    let messages = messages(&page);
    assert!(messages.len() > 50, "{messages:?}");
    // An ellipsis stands for what differs from time to time.
    let missing: Vec<_> = messages
        .into_iter()
        .filter(|message| !message.split('…').all(|part| source.contains(part.trim())))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Returns the codes in the first column of each table of messages.
fn messages(page: &str) -> Vec<&str> {
    let mut messages = Vec::new();
    let mut is_of_messages = false;
    for line in page.lines() {
        let Some(row) = line.strip_prefix("| ") else {
            is_of_messages = false;
            continue;
        };
        is_of_messages |= row.starts_with("message |");
        if is_of_messages {
            let (cell, _) = row.split_once(" |").unwrap_or((row, ""));
            messages.extend(cell.split('`').skip(1).step_by(2));
        }
    }
    messages
}

/// Returns the source of the crates as a single text, with texts that go on in another line joined.
fn source() -> String {
    let files = rust_files(workspace()).into_iter().filter(|file| {
        file.components()
            .next()
            .is_some_and(|folder| folder.as_os_str() != "tests")
    });
    let read = |file| fs::read_to_string(workspace().join(file)).unwrap();
    let source = files.map(read).collect::<Vec<_>>().join("\n");
    let mut parts = source.split("\\\n");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |joined, part| joined + part.trim_start())
}
