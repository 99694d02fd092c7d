//! A `use` as the paths that it imports.

use proc_macro2::Ident;
use syn::{ItemUse, UseTree, Visibility, spanned::Spanned as _};

/// One path of a `use`.
#[derive(Debug)]
pub(super) struct Import {
    /// The path to the item, or before `::*` to the module.
    pub(super) path: Vec<String>,
    pub(super) binding: Binding,
    /// True if other modules can see the name here: the `use` has a visibility.
    pub(super) is_reexport: bool,
    /// Counted from 1.
    pub(super) line: usize,
}

/// The names that an import binds in its module.
#[derive(Debug)]
pub(super) enum Binding {
    Name(String),
    /// None: the import ends in `as _`.
    Unnamed,
    /// Each name of the module at the path.
    Glob,
}

/// Takes a `use` apart. A path that begins with `::` is in another crate and is left out.
pub(super) fn imports(item: &ItemUse) -> Vec<Import> {
    let mut found = Vec::new();
    if item.leading_colon.is_none() {
        let is_reexport = !matches!(item.vis, Visibility::Inherited);
        collect(&item.tree, &[], is_reexport, &mut found);
    }
    found
}

fn collect(tree: &UseTree, before: &[String], is_reexport: bool, found: &mut Vec<Import>) {
    let (path, binding) = match tree {
        UseTree::Path(path) => {
            return collect(&path.tree, &joined(before, &path.ident), is_reexport, found);
        }
        UseTree::Group(group) => {
            for tree in &group.items {
                collect(tree, before, is_reexport, found);
            }
            return;
        }
        UseTree::Name(name) => {
            let path = joined(before, &name.ident);
            let name = path.last().cloned().unwrap_or_default();
            (path, Binding::Name(name))
        }
        UseTree::Rename(rename) => {
            let binding = if rename.rename == "_" {
                Binding::Unnamed
            } else {
                Binding::Name(rename.rename.to_string())
            };
            (joined(before, &rename.ident), binding)
        }
        UseTree::Glob(_) => (before.to_vec(), Binding::Glob),
    };
    found.push(Import {
        path,
        binding,
        is_reexport,
        line: tree.span().start().line,
    });
}

/// Appends a segment. `self` in braces stands for the path before them.
fn joined(before: &[String], segment: &Ident) -> Vec<String> {
    if segment == "self" && !before.is_empty() {
        before.to_vec()
    } else {
        [before, &[segment.to_string()]].concat()
    }
}
