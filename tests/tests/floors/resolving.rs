//! Paths of all forms lead to the file that defines the item.

use super::made_up::circles;

/// The file `a.rs` defines `A`, and these lines; `b.rs` defines `B` and uses `A`.
fn between_a_and_b(lib: &str, a: &str) -> Vec<String> {
    let lib = format!("mod a;\nmod b;\n{lib}");
    let a = format!("pub struct A;\n{a}");
    let b = "use crate::a::A;\npub struct B(A);\npub fn make() {}";
    circles(&[("lib.rs", &lib), ("a.rs", &a), ("b.rs", b)])
}

/// The circle in which `a.rs` uses this of `b.rs` in this line.
fn circle(line: usize, name: &str) -> [String; 1] {
    [format!(
        "a → b → a in lib.rs\n    a.rs:{line} uses {name} of b.rs\n    b.rs:1 uses A of a.rs"
    )]
}

#[test]
fn a_use_is_found_in_each_form() {
    let forms = [
        "use crate::b::B;",
        "use super::b::B;",
        "use crate::{b::{self, B}};",
        "use crate::b::{B as Other};",
        "use crate::b::B as _;",
        "use crate::b as other; struct S(other::B);",
        "use crate::b::{self as other}; struct S(other::B);",
        "use crate::b::*; struct S(B);",
        "use super::*; struct S(b::B);",
        "use self::super::b::B;",
        "pub use crate::b::B;",
        "struct S(crate::b::B);",
        "fn f(_: Vec<Option<super::b::B>>) {}",
        "fn f() { use crate::b::B; }",
        "fn f() { <crate::b::B as Clone>::clone; }",
        "impl Iterator for crate::b::B {}",
        "mod inner { use super::super::b::B; }",
        "mod inner { struct S(crate::b::B); }",
        "#[arg(value_parser = crate::b::B)] struct S;",
    ];
    for form in forms {
        assert_eq!(between_a_and_b("", form), circle(2, "B"), "{form}");
    }
}

#[test]
fn a_name_is_seen_through_reexports_to_the_file_that_defines_it() {
    let reexports = [
        ("pub use self::b::B;", "use crate::B;"),
        ("pub(crate) use self::b::*;", "use crate::B;"),
        ("pub use b::B as Renamed;", "use super::Renamed;"),
        ("pub use b as other;", "use crate::other::B;"),
        ("mod c { pub use crate::b::B; }", "use crate::c::B;"),
        (
            "mod c { pub use super::b::*; } pub use c::*;",
            "use crate::B;",
        ),
        ("pub use self::b::B;", "use super::*; struct S(B);"),
    ];
    for (lib, a) in reexports {
        assert_eq!(between_a_and_b(lib, a), circle(2, "B"), "{lib} {a}");
    }
}

#[test]
fn paths_among_the_tokens_of_macros_are_found() {
    let calls = [
        ("fn f() { assert!(crate::b::make() == ()); }", "make"),
        (
            "use crate::b; fn f() { vec![b::make(), b::make()]; }",
            "make",
        ),
        ("fn f() { one!(two!({ super::b::B })); }", "B"),
        ("macro_rules! rules { () => { $crate::b::B } }", "B"),
        ("use crate::b::*; fn f() { one!(a.make(make())); }", "make"),
        ("use crate::b::*; any! { struct S(B); }", "B"),
    ];
    for (a, name) in calls {
        assert_eq!(between_a_and_b("", a), circle(2, name), "{a}");
    }
}

#[test]
fn a_macro_of_another_file_is_an_item_of_it() {
    let rules = "use crate::a::A;\nmacro_rules! rules { () => { A } }\npub(crate) use rules;";
    let exported = "use crate::a::A;\n#[macro_export]\nmacro_rules! rules { () => {} }";
    let outer = "use crate::b::a::A;\nmacro_rules! rules { () => {} }\npub mod a;";
    let expected = "a → b → a in lib.rs\n    a.rs:1 uses rules of b.rs\n    b.rs:1 uses A of a.rs";
    let calls = [
        (rules, "pub struct A; crate::b::rules!();"),
        (exported, "pub struct A; crate::rules!();"),
    ];
    for (b, a) in calls {
        let files = [("lib.rs", "mod a;\nmod b;"), ("a.rs", a), ("b.rs", b)];
        assert_eq!(circles(&files), [expected], "{b}");
    }
    let files = [
        ("lib.rs", "mod b;"),
        ("b.rs", outer),
        ("b/a.rs", "pub struct A;\nrules!();"),
    ];
    let expected =
        "b → a → b in b.rs\n    b.rs:1 uses A of b/a.rs\n    b/a.rs:2 uses rules of b.rs";
    assert_eq!(circles(&files), [expected]);
}

#[test]
fn an_item_that_a_macro_defines_is_in_the_file_of_its_module() {
    let lib = "mod a;\nmod b;";
    let a = "pub struct A; use crate::b::Generated;";
    let b = "use crate::a::A;\nitems! {}";
    let expected =
        "a → b → a in lib.rs\n    a.rs:1 uses Generated of b.rs\n    b.rs:1 uses A of a.rs";
    assert_eq!(
        circles(&[("lib.rs", lib), ("a.rs", a), ("b.rs", b)]),
        [expected]
    );
}

#[test]
fn code_that_is_no_use_of_another_file_makes_no_circle() {
    let codes = [
        "",
        "use crate::b;",
        "use ::b::B;",
        "use b::B;",
        "use std::b::B;",
        "pub struct B; struct S(B);",
        "// crate::b::B",
        "/// [`crate::b::B`]\nstruct S;",
        r#"const TEXT: &str = "crate::b::B";"#,
        "use super::*; fn f(make: fn()) { make(); one!(make()); }",
        "use crate::b::*; fn f() { one!(a.make(), 'make (), fn make()); }",
        "#[cfg(test)] use crate::b::B;",
        "#[cfg(all(test, unix))] mod checks { use crate::b::B; }",
        "#[cfg(test)] mod checks { use crate::b::B; }",
        "mod tests { use crate::b::B; }",
        "#[test] fn f() { crate::b::make(); }",
        "use self::c::B; mod c { pub use self::d::B; mod d { pub use super::B; } }",
    ];
    for code in codes {
        assert_eq!(between_a_and_b("", code), [""; 0], "{code}");
    }
}

#[test]
fn code_for_more_than_tests_counts() {
    let code = "#[cfg(any(test, unix))] use crate::b::B;";
    assert_eq!(between_a_and_b("", code), circle(2, "B"));
}

#[test]
fn modules_are_found_at_the_paths_of_their_files() {
    let places = [
        ("mod b;", "b.rs"),
        ("mod b;", "b/mod.rs"),
        ("#[path = \"other/place.rs\"] mod b;", "other/place.rs"),
    ];
    for (declared, path) in places {
        let lib = format!("mod a;\n{declared}");
        let files = [
            ("lib.rs", &lib[..]),
            ("a.rs", "use crate::b::B; pub struct A;"),
            (path, "use crate::a::A; pub struct B;"),
        ];
        let found = circles(&files);
        assert_eq!(found.len(), 1, "{path}: {found:?}");
        assert!(
            found[0].contains(&format!("a.rs:1 uses B of {path}")),
            "{found:?}"
        );
    }
}
