//! The form of comments: of the crates' own, and of made-up ones.

use std::fs;

use tracker_tests::{
    examples::workspace,
    prose::{Fault, Rule, faults},
    sources::rust_files,
};

#[test]
fn comments_are_narrow_and_open_with_a_statement() {
    let files = rust_files(workspace());
    assert!(!files.is_empty());
    let mut found = Vec::new();
    for file in files {
        let text = fs::read_to_string(workspace().join(&file)).unwrap();
        let faults = faults(&text).into_iter();
        found.extend(
            faults.map(|fault| format!("{}:{}: {}", file.display(), fault.line, fault.rule)),
        );
    }
    assert!(
        found.is_empty(),
        "{} faults:\n{}",
        found.len(),
        found.join("\n")
    );
}

fn opening(line: usize, word: &str) -> Fault {
    let rule = Rule::Opening {
        word: word.to_owned(),
    };
    Fault { line, rule }
}

#[test]
fn a_comment_that_opens_with_a_question_is_found_in_each_form() {
    let comments = [
        ("// What it is.", 1, "What"),
        ("//! Whether it is.\n", 1, "Whether"),
        ("/// How it is.\nstruct S;", 1, "How"),
        ("struct S;\n\n    // Which it is.\n", 3, "Which"),
        ("struct S; // Where it is.", 1, "Where"),
        ("/// A struct.\n// Of its own.\nstruct S;", 2, "Of"),
        (
            "const S: &str = \"\n// No comment.\n\"; // What it is.",
            3,
            "What",
        ),
    ];
    for (text, line, word) in comments {
        assert_eq!(faults(text), [opening(line, word)], "{text}");
    }
}

#[test]
fn a_comment_that_states_something_is_left_alone() {
    let texts = [
        "// It is\n// What it is.",
        "/// Whatever it is.\nstruct S;",
        "//! The text.\n//!\n//! What follows is a later paragraph.\n",
        "const S: &str = \"// What is no comment.\";",
        "const S: &str = r\"\n// What is no comment either.\n\";",
        "/// What a command does.\n#[derive(Args)]\nstruct S {\n    /// How many.\n    n: u8,\n}",
        "#[doc = \"What a macro writes\"]\nstruct S;",
    ];
    for text in texts {
        assert_eq!(faults(text), [], "{text}");
    }
}

#[test]
fn a_comment_may_end_in_column_100_and_no_later() {
    let narrow = format!("// a {}", "ä".repeat(95));
    assert_eq!(faults(&narrow), []);
    let wide = format!("struct S;\n{narrow}ä");
    let rule = Rule::Width { columns: 101 };
    assert_eq!(faults(&wide), [Fault { line: 2, rule }]);
}

#[test]
fn lines_that_cannot_be_split_may_be_wider() {
    let word = "x".repeat(120);
    for text in [
        format!("// {word}"),
        format!("/// | a | {word} |\nstruct S;"),
    ] {
        assert_eq!(faults(&text), [], "{text}");
    }
}

#[test]
fn wide_code_is_no_wide_comment() {
    let text = format!("const S: &str = \"// {}\";", "a ".repeat(60));
    assert_eq!(faults(&text), []);
}
