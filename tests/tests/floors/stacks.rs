//! Modules that stand on each other, with and without a circle.

use proptest::prelude::*;

use super::made_up::circles;

#[test]
fn a_shortest_circle_is_named_with_its_files_and_items() {
    let files = [
        ("lib.rs", "mod a;\nmod b;\nmod c;"),
        ("a.rs", "use crate::b::{B, other};\npub struct A;"),
        ("b.rs", "use crate::c::C;\npub struct B;\npub fn other() {}"),
        ("c.rs", "use crate::a::A;\npub struct C;"),
    ];
    let expected = "a → b → c → a in lib.rs\n    \
        a.rs:1 uses B, other of b.rs\n    \
        b.rs:1 uses C of c.rs\n    \
        c.rs:1 uses A of a.rs";
    assert_eq!(circles(&files), [expected]);
}

#[test]
fn a_parent_that_declares_and_reexports_is_in_no_circle() {
    let files = [
        ("lib.rs", "mod a;\npub use a::{B, C};"),
        ("a/mod.rs", "mod b;\nmod c;\npub use self::{b::B, c::C};"),
        ("a/b.rs", "pub struct B;"),
        (
            "a/c.rs",
            "use super::B;\nuse crate::B as Same;\npub struct C;",
        ),
    ];
    assert_eq!(circles(&files), [""; 0]);
}

#[test]
fn a_child_needs_a_parent_that_needs_it() {
    let files = [
        ("lib.rs", "mod a;"),
        ("a.rs", "mod b;\nuse self::b::B;\npub struct A(B);"),
        ("a/b.rs", "use super::A;\npub struct B;"),
    ];
    let expected = "a → b → a in a.rs\n    a.rs:2 uses B of a/b.rs\n    a/b.rs:1 uses A of a.rs";
    assert_eq!(circles(&files), [expected]);
}

#[test]
fn a_folder_is_one_module_with_its_file() {
    let files = [
        ("lib.rs", "mod a;\nmod b;"),
        ("a.rs", "mod inner;\npub struct A;"),
        ("a/inner.rs", "use crate::b::B;"),
        ("b.rs", "use crate::a::A;\npub struct B;"),
    ];
    let expected =
        "a → b → a in lib.rs\n    a/inner.rs:1 uses B of b.rs\n    b.rs:1 uses A of a.rs";
    assert_eq!(circles(&files), [expected]);
}

#[test]
fn circles_apart_are_named_apart() {
    let files = [
        ("lib.rs", "mod a;\nmod b;\nmod c;\nmod d;"),
        ("a.rs", "use crate::b::B;\npub struct A;"),
        ("b.rs", "use crate::{a::A, c::C};\npub struct B;"),
        ("c.rs", "use crate::d::D;\npub struct C;"),
        ("d.rs", "use crate::c::C;\npub struct D;"),
    ];
    let found = circles(&files);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("a → b → a in lib.rs\n"), "{found:?}");
    assert!(found[1].starts_with("c → d → c in lib.rs\n"), "{found:?}");
}

/// The most modules of a crate.
const MODULES_MAX: usize = 7;

/// A `use` of the item `I` of the module `m`, with a number, in one of some forms.
fn use_of(module: usize, form: usize) -> String {
    match form % 6 {
        0 => format!("use crate::m{module}::I{module};\n"),
        1 => format!("use super::{{m{module}::{{self, I{module} as J}}}};\n"),
        2 => format!("use crate::I{module};\n"),
        3 => format!("mod inner {{ use crate::m{module}::*; struct S(I{module}); }}\n"),
        4 => format!("fn f() {{ assert!(super::m{module}::I{module}.is_some()); }}\n"),
        _ => format!("use crate::facade::I{module};\n"),
    }
}

/// A crate in which each module uses those that its numbers are paired with.
fn crate_with(uses: &[(usize, usize, usize)]) -> Vec<(String, String)> {
    let modules = 0..MODULES_MAX;
    let declared = modules
        .clone()
        .map(|module| format!("mod m{module};\npub use self::m{module}::*;\n"));
    let lib = format!("mod facade;\n{}", declared.collect::<String>());
    let handed_on = modules
        .clone()
        .map(|module| format!("pub use crate::m{module}::I{module};\n"));
    let facade = handed_on.collect();
    let mut files = vec![("lib.rs".to_owned(), lib), ("facade.rs".to_owned(), facade)];
    for module in modules {
        let uses = uses.iter().filter(|(from, ..)| *from == module);
        let uses: String = uses.map(|(_, to, form)| use_of(*to, *form)).collect();
        files.push((
            format!("m{module}.rs"),
            format!("pub struct I{module};\n{uses}"),
        ));
    }
    files
}

fn circles_with(uses: &[(usize, usize, usize)]) -> Vec<String> {
    let files = crate_with(uses);
    let files = files.iter().map(|(path, text)| (&path[..], &text[..]));
    circles(&files.collect::<Vec<_>>())
}

proptest! {
    /// Modules that use only those with smaller numbers are in no circle, until one of them uses
    /// a greater one that stands on it.
    #[test]
    fn modules_are_in_a_circle_exactly_if_one_stands_on_itself(
        pairs in prop::collection::vec((0..MODULES_MAX, 0..MODULES_MAX, 0_usize..6), 0..20),
        back in (0..MODULES_MAX, 1..MODULES_MAX, 0_usize..6),
    ) {
        let mut uses: Vec<_> = pairs
            .into_iter()
            .filter(|(from, to, _)| from != to)
            .map(|(from, to, form)| (from.max(to), from.min(to), form))
            .collect();
        prop_assert_eq!(circles_with(&uses), Vec::<String>::new());

        let (low, distance, form) = back;
        let high = (low + distance) % MODULES_MAX;
        let (low, high) = (low.min(high), low.max(high));
        uses.push((high, low, form));
        uses.push((low, high, form));
        let found = circles_with(&uses);
        prop_assert_eq!(found.len(), 1, "{:?}", &found);
        let shortest = format!("m{low} → m{high} → m{low} in lib.rs");
        prop_assert!(found[0].starts_with(&shortest), "{:?}", &found);
        let low_uses_high = format!("uses I{high} of m{high}.rs");
        prop_assert!(found[0].contains(&low_uses_high), "{:?}", &found);
    }
}
