//! The texts that an operator of the command can read: they name no type, method or argument of
//! Rust.

use std::{collections::BTreeSet, fs, path::Path};

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Attribute, File, ItemMod, LitStr, Macro, Meta,
    visit::{self, Visit},
};
use tracker_tests::{examples::workspace, sources::rust_files};

/// The sources whose texts reach the command: its own, those of the server that it is, and what it
/// does to stores, journals and relays.
const ROOMS: [&str; 5] = [
    "tracker-cli/src",
    "tracker-server/src",
    "tracker-core/src/store",
    "tracker-core/src/journal",
    "tracker-core/src/relay",
];

/// The ends of the names of types. Products have names of several capitals, too.
const TYPES: [&str; 9] = [
    "Builder", "Duration", "Error", "Filter", "Limits", "Options", "Query", "Settings", "Store",
];

/// Words that only the user of a library knows a meaning of.
const WORDS: [&str; 4] = ["builder", "builder's", "crate", "trait"];

#[test]
fn no_text_for_operators_names_what_is_of_rust() {
    let mut found = Vec::new();
    let mut texts_read = 0;
    for file in rust_files(workspace()) {
        if !is_for_operators(&file) {
            continue;
        }
        let source = fs::read_to_string(workspace().join(&file)).unwrap();
        for text in texts(&source) {
            texts_read += 1;
            let names = rust_names(&text);
            if !names.is_empty() {
                found.push(format!("{}: {names:?} in {text:?}", file.display()));
            }
        }
    }
    assert!(texts_read > 500, "{texts_read}");
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn what_is_of_rust_is_found_in_any_form_and_what_is_not_is_left_alone() {
    for (text, names) in [
        ("use `PostgresStore::new` instead", "PostgresStore::new"),
        ("call `store.migrate()` first", "store.migrate()"),
        ("see the docs of ConnectionOptions", "ConnectionOptions"),
        ("it is the builder's", "builder's"),
    ] {
        assert_eq!(rust_names(text), [names]);
    }
    for text in [
        "SQLite, JetStream and PgBouncer (of any version)",
        "set `connect_timeout=5`, or --store postgres://[::1]/app",
        "{:?} took {after:?}",
    ] {
        assert_eq!(rust_names(text), [""; 0]);
    }
    let source = r#"
        //! A `Builder` of docs, and `it::is`.
        #[error("an error of `Store::x`")]
        struct S;
        fn f() { format!("a text of {}", "no"); "another text" }
        #[cfg(test)]
        mod tests { const T: &str = "a text of a test"; }
    "#;
    let found = texts(source);
    let expected = ["an error of `Store::x`", "a text of {}", "another text"];
    assert_eq!(found, expected.map(str::to_owned).into());
}

fn is_for_operators(file: &Path) -> bool {
    let is_test = file.components().any(|part| {
        let name = part.as_os_str().to_string_lossy();
        name == "tests" || name == "tests.rs"
    });
    !is_test && ROOMS.iter().any(|room| file.starts_with(room))
}

/// Returns the literals of a source that can be sentences, without those of docs and of tests.
fn texts(source: &str) -> BTreeSet<String> {
    let file: File = syn::parse_file(source).unwrap();
    let mut texts = Texts::default();
    texts.visit_file(&file);
    texts.0
}

#[derive(Default)]
struct Texts(BTreeSet<String>);

impl Texts {
    fn take(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.take(group.stream()),
                TokenTree::Literal(literal) => {
                    if let Ok(text) = syn::parse2::<LitStr>(TokenTree::from(literal).into()) {
                        self.visit_lit_str(&text);
                    }
                }
                _ => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Texts {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        let is_of_tests = module.attrs.iter().any(|attribute| {
            let predicate = attribute.parse_args::<syn::Ident>();
            attribute.path().is_ident("cfg") && predicate.is_ok_and(|name| name == "test")
        });
        if !is_of_tests {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        let is_told = ["error", "cfg_attr"]
            .iter()
            .any(|name| attribute.path().is_ident(name));
        if let (true, Meta::List(list)) = (is_told, &attribute.meta) {
            self.take(list.tokens.clone());
        }
    }

    fn visit_macro(&mut self, called: &'ast Macro) {
        self.take(called.tokens.clone());
    }

    fn visit_lit_str(&mut self, text: &'ast LitStr) {
        let text = text.value();
        if text.contains(' ') {
            self.0.insert(text);
        }
    }
}

/// Returns the words of a text that are names of Rust's.
fn rust_names(text: &str) -> Vec<&str> {
    let is_of_word = |letter: char| letter.is_alphanumeric() || "_:.()'".contains(letter);
    let words = text.split(|letter| !is_of_word(letter));
    let words = words.map(|word| word.trim_matches(['.', ':', '\'']));
    words.filter(|word| is_of_rust(word)).collect()
}

fn is_of_rust(word: &str) -> bool {
    let is_path = word
        .split_once("::")
        .is_some_and(|(before, behind)| !before.is_empty() && !behind.is_empty());
    let is_call = word
        .strip_suffix("()")
        .is_some_and(|name| name.ends_with(|letter: char| letter.is_alphanumeric()));
    let is_type = TYPES.iter().any(|end| {
        let begin = word.strip_suffix(end);
        begin.is_some_and(|begin| begin.contains(|letter: char| letter.is_lowercase()))
    });
    is_path || is_call || is_type || WORDS.contains(&word)
}
