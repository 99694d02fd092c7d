//! The uses that the files of a crate make of each other's items.

use std::{
    collections::BTreeMap,
    iter::successors,
    path::{Path, PathBuf},
};

use super::{
    imports::Import,
    resolve::Target,
    tree::{ReadFile, Tree},
};

/// The files of a crate, and the uses among them.
///
/// An import counts as a use, even of a trait without a name, since methods are not resolved. To
/// name a module is no use of it. A module that re-exports an item of a module of its own does
/// not use that item.
pub struct Crate {
    /// The root is the first.
    pub(super) files: Vec<PathBuf>,
    /// For each file the one that declares it by `mod`.
    pub(super) parents: Vec<Option<usize>>,
    pub(super) uses: Vec<Use>,
}

/// A file's use of an item that another file defines.
#[derive(Clone)]
pub(super) struct Use {
    pub(super) from: usize,
    pub(super) to: usize,
    /// The item's name in the file that defines it.
    pub(super) name: String,
    /// The line of the first mention, counted from 1.
    pub(super) line: usize,
}

impl Crate {
    /// Reads the crate whose root is at a path.
    ///
    /// # Panics
    ///
    /// When a file is missing or is not Rust.
    #[must_use]
    pub fn read(root: &Path, read: ReadFile<'_>) -> Self {
        let tree = Tree::read(root, read);
        let mut first_lines = BTreeMap::new();
        for module in 0..tree.modules.len() {
            let from = tree.modules[module].file;
            for (target, line) in targets(&tree, module) {
                if let Target::Item { file: to, name } = target
                    && from != to
                {
                    let first = first_lines.entry((from, to, name)).or_insert(line);
                    *first = line.min(*first);
                }
            }
        }
        let uses = first_lines.into_iter().map(|((from, to, name), line)| Use {
            from,
            to,
            name,
            line,
        });
        Self {
            uses: uses.collect(),
            parents: tree.files.iter().map(|file| file.parent).collect(),
            files: tree.files.into_iter().map(|file| file.path).collect(),
        }
    }
}

/// The targets of all paths in a module, each with its line.
fn targets(tree: &Tree, module: usize) -> impl Iterator<Item = (Target, usize)> {
    let here = &tree.modules[module];
    let imports = here.imports.iter().flat_map(move |import| {
        let targets = tree.resolve(module, &import.path).into_iter();
        targets
            .filter(|target| !is_handed_up(tree, here.file, import, target))
            .map(|target| (target, import.line))
    });
    let mentions = here.mentions.iter().flat_map(move |mention| {
        let targets = if mention.is_macro {
            tree.resolve_macro(module, &mention.path)
        } else {
            tree.resolve(module, &mention.path)
        };
        targets.into_iter().map(|target| (target, mention.line))
    });
    imports.chain(mentions)
}

/// Returns whether an import re-exports an item that a module beneath the file defines.
fn is_handed_up(tree: &Tree, file: usize, import: &Import, target: &Target) -> bool {
    let Target::Item { file: defining, .. } = target else {
        return false;
    };
    let mut above = successors(Some(*defining), |file| tree.files[*file].parent);
    import.is_reexport && above.any(|ancestor| ancestor == file)
}
