//! Resolves a path to the file that defines the item, through every import and re-export.

use std::collections::BTreeSet;

use super::{
    imports::Binding,
    tree::{Named, Tree},
};

/// The end of a path within its own crate.
#[derive(Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Target {
    Module(usize),
    Item { file: usize, name: String },
}

type Targets = BTreeSet<Target>;

/// The names that are being looked up, each in its module. Imports may lead in a circle.
type Pending = BTreeSet<(usize, String)>;

impl Tree {
    /// Resolves a path in a module. A path into another crate has no target; a path whose last
    /// name has several meanings, as a function and a module, has several.
    pub(super) fn resolve(&self, module: usize, path: &[String]) -> Targets {
        self.follow(module, path, &mut Pending::new())
    }

    /// Resolves the path of a macro. A name alone may be that of rules in an outer module.
    pub(super) fn resolve_macro(&self, module: usize, path: &[String]) -> Targets {
        let found = self.resolve(module, path);
        match (path, self.modules[module].parent) {
            ([_], Some(parent)) if found.is_empty() => self.resolve_macro(parent, path),
            _ => found,
        }
    }

    fn follow(&self, module: usize, path: &[String], pending: &mut Pending) -> Targets {
        let [first, rest @ ..] = path else {
            return Targets::new();
        };
        let mut targets = match first.as_str() {
            "crate" => Targets::from([Target::Module(0)]),
            "self" => Targets::from([Target::Module(module)]),
            "super" => self.parent(module),
            name => self.look_up(module, name, pending),
        };
        for segment in rest {
            targets = self.step(targets, segment, pending);
        }
        targets
    }

    fn parent(&self, module: usize) -> Targets {
        let parent = self.modules[module].parent;
        parent.map(Target::Module).into_iter().collect()
    }

    /// Goes on by one segment. An item keeps its own: a variant, a method, an associated constant.
    fn step(&self, targets: Targets, segment: &str, pending: &mut Pending) -> Targets {
        let modules = targets.iter().filter_map(|target| match target {
            Target::Module(module) => Some(*module),
            Target::Item { .. } => None,
        });
        let modules: Vec<usize> = modules.collect();
        if modules.is_empty() {
            return targets;
        }
        let members = modules.into_iter().flat_map(|module| match segment {
            "super" => self.parent(module),
            name => self.member(module, name, pending),
        });
        members.collect()
    }

    /// The item of a name in a module. An item that nothing there names is defined by a macro.
    fn member(&self, module: usize, name: &str, pending: &mut Pending) -> Targets {
        if pending.contains(&(module, name.to_owned())) {
            return Targets::new();
        }
        let found = self.look_up(module, name, pending);
        let is_named = self.modules[module].names.contains_key(name);
        if !found.is_empty() || is_named || self.has_foreign_glob(module, pending) {
            return found;
        }
        Targets::from([Target::Item {
            file: self.modules[module].file,
            name: name.to_owned(),
        }])
    }

    /// The meanings of a name in a module. Globs count for a name that nothing else gives.
    fn look_up(&self, module: usize, name: &str, pending: &mut Pending) -> Targets {
        let key = (module, name.to_owned());
        if !pending.insert(key.clone()) {
            return Targets::new();
        }
        let mut found = Targets::new();
        if let Some(meanings) = self.modules[module].names.get(name) {
            for meaning in meanings {
                match meaning {
                    Named::Module(child) => found.extend([Target::Module(*child)]),
                    Named::Item(file) => found.extend([Target::Item {
                        file: *file,
                        name: name.to_owned(),
                    }]),
                    Named::Import(path) => found.extend(self.follow(module, path, pending)),
                }
            }
        } else {
            for path in self.globs(module) {
                for target in self.follow(module, path, pending) {
                    if let Target::Module(other) = target {
                        found.extend(self.look_up(other, name, pending));
                    }
                }
            }
        }
        pending.remove(&key);
        found
    }

    fn globs(&self, module: usize) -> impl Iterator<Item = &[String]> {
        let imports = self.modules[module].imports.iter();
        let globs = imports.filter(|import| matches!(import.binding, Binding::Glob));
        globs.map(|import| &import.path[..])
    }

    fn has_foreign_glob(&self, module: usize, pending: &mut Pending) -> bool {
        self.globs(module)
            .any(|path| self.follow(module, path, pending).is_empty())
    }
}
