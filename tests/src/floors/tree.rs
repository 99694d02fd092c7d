//! A crate as it is written: its files, its modules, and the names and mentions in each of them.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use syn::{Attribute, Expr, ExprLit, Item, ItemMod, Lit, Meta};

use super::{
    body::Body,
    imports::{Binding, Import, imports},
    item::{attributes, defined_name},
    mention::Mention,
    test_only::is_test_only,
};

/// Returns the text of the file at a path, `None` if there is no such file.
pub type ReadFile<'a> = &'a dyn Fn(&Path) -> Option<String>;

/// The files and modules of a crate. Index 0 of both is the root.
#[derive(Default)]
pub(super) struct Tree {
    pub(super) files: Vec<File>,
    pub(super) modules: Vec<Module>,
}

/// A file of a crate.
pub(super) struct File {
    pub(super) path: PathBuf,
    /// The file that declares this one by `mod`; `None` for the root.
    pub(super) parent: Option<usize>,
}

/// A module, in a file of its own or inline.
pub(super) struct Module {
    pub(super) file: usize,
    pub(super) parent: Option<usize>,
    pub(super) names: BTreeMap<String, Vec<Named>>,
    pub(super) imports: Vec<Import>,
    pub(super) mentions: Vec<Mention>,
    /// The directory in which its modules have their files.
    directory: PathBuf,
}

/// A meaning of a name.
pub(super) enum Named {
    Module(usize),
    /// An item that this file defines.
    Item(usize),
    /// An import of the item at this path.
    Import(Vec<String>),
}

impl Tree {
    /// Reads the crate whose root is at a path.
    ///
    /// # Panics
    ///
    /// When a file is missing or is not Rust.
    pub(super) fn read(root: &Path, read: ReadFile<'_>) -> Self {
        let mut tree = Self::default();
        tree.add_file(root.to_owned(), None, parent(root), read);
        tree
    }

    fn add_file(
        &mut self,
        path: PathBuf,
        declared_in: Option<usize>,
        directory: PathBuf,
        read: ReadFile<'_>,
    ) -> usize {
        let text = read(&path).unwrap_or_else(|| panic!("{} is missing", path.display()));
        let code = syn::parse_file(&text)
            .unwrap_or_else(|error| panic!("{} is not Rust: {error}", path.display()));
        let file = self.files.len();
        self.files.push(File {
            path,
            parent: declared_in.map(|module| self.modules[module].file),
        });
        self.add_module(file, declared_in, directory, &code.items, read)
    }

    fn add_module(
        &mut self,
        file: usize,
        parent: Option<usize>,
        directory: PathBuf,
        items: &[Item],
        read: ReadFile<'_>,
    ) -> usize {
        let module = self.modules.len();
        self.modules.push(Module {
            file,
            parent,
            names: BTreeMap::new(),
            imports: Vec::new(),
            mentions: Vec::new(),
            directory,
        });
        for item in items {
            if !is_test_only(attributes(item)) {
                self.add_item(module, item, read);
            }
        }
        module
    }

    fn add_item(&mut self, module: usize, item: &Item, read: ReadFile<'_>) {
        match item {
            Item::Mod(item) if item.ident == "tests" => {}
            Item::Mod(item) => {
                let child = self.add_child(module, item, read);
                self.add_name(module, item.ident.to_string(), Named::Module(child));
            }
            Item::Use(item) => self.add_imports(module, imports(item)),
            item => {
                self.define(module, item);
                let body = Body::read(item);
                self.add_imports(module, body.imports);
                self.modules[module].mentions.extend(body.mentions);
            }
        }
    }

    /// Gives an item's name its meaning. A macro with `#[macro_export]` is in the root as well.
    fn define(&mut self, module: usize, item: &Item) {
        let Some(name) = defined_name(item) else {
            return;
        };
        let file = self.modules[module].file;
        self.add_name(module, name.to_string(), Named::Item(file));
        let is_exported = |attribute: &Attribute| attribute.path().is_ident("macro_export");
        if module != 0 && attributes(item).iter().any(is_exported) {
            self.add_name(0, name.to_string(), Named::Item(file));
        }
    }

    fn add_child(&mut self, module: usize, item: &ItemMod, read: ReadFile<'_>) -> usize {
        let name = item.ident.to_string();
        let outer = &self.modules[module];
        let directory = outer.directory.join(name.trim_start_matches("r#"));
        if let Some((_, items)) = &item.content {
            return self.add_module(outer.file, Some(module), directory, items, read);
        }
        if let Some(path) = path_attribute(&item.attrs) {
            let path = parent(&self.files[outer.file].path).join(path);
            let directory = parent(&path);
            return self.add_file(path, Some(module), directory, read);
        }
        let beside = directory.with_extension("rs");
        let path = match read(&beside) {
            Some(_) => beside,
            None => directory.join("mod.rs"),
        };
        self.add_file(path, Some(module), directory, read)
    }

    fn add_name(&mut self, module: usize, name: String, meaning: Named) {
        let names = &mut self.modules[module].names;
        names.entry(name).or_default().push(meaning);
    }

    fn add_imports(&mut self, module: usize, imports: Vec<Import>) {
        for import in imports {
            if let Binding::Name(name) = &import.binding {
                let path = import.path.clone();
                self.add_name(module, name.clone(), Named::Import(path));
            }
            self.modules[module].imports.push(import);
        }
    }
}

fn parent(path: &Path) -> PathBuf {
    path.parent().map(Path::to_owned).unwrap_or_default()
}

/// The path in `#[path = "…"]`.
fn path_attribute(attributes: &[Attribute]) -> Option<String> {
    attributes
        .iter()
        .find_map(|attribute| match &attribute.meta {
            Meta::NameValue(meta) if meta.path.is_ident("path") => match &meta.value {
                Expr::Lit(ExprLit {
                    lit: Lit::Str(path),
                    ..
                }) => Some(path.value()),
                _ => None,
            },
            _ => None,
        })
}
