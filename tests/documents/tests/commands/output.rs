//! What a page shows as the output of a command, held to the real one.

use regex::Regex;

/// Returns true if `shown` is the output. `…` stands for anything within a line, and a line `[…]`
/// for any lines.
pub(crate) fn agrees(shown: &str, output: &str) -> bool {
    let lines = shown.lines().map(|line| match line.trim_end() {
        "[…]" => "(.*\n)*".to_owned(),
        line => regex::escape(line).replace('…', ".*") + " *\n",
    });
    let pattern = format!("^{}$", lines.collect::<String>());
    let pattern = Regex::new(&pattern).expect("escaped text is a pattern");
    let mut output = output.trim_end().to_owned();
    if !output.is_empty() {
        output.push('\n');
    }
    pattern.is_match(&output)
}

#[test]
fn the_same_text_agrees_and_another_does_not() {
    assert!(agrees("a\nb.\n", "a\nb.  \n"));
    assert!(agrees("", ""));
    assert!(!agrees("a\nb.\n", "a\nbc\n"));
    assert!(!agrees("a\n", "a\nb\n"));
    assert!(!agrees("a\n", ""));
}

#[test]
fn an_ellipsis_stands_for_a_part_of_a_line_and_in_brackets_for_lines() {
    assert!(agrees("id …, done\n", "id 17, done\n"));
    assert!(!agrees("id …, done\n", "id 17\n, done\n"));
    assert!(agrees("a\n[…]\nd\n", "a\nb\nc\nd\n"));
    assert!(agrees("[…]\nd\n[…]\n", "d\n"));
    assert!(!agrees("[…]\ne\n[…]\n", "d\n"));
}
