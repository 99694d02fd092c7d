//! The paths that an item's code mentions, and the imports within its functions.

use std::{collections::BTreeSet, mem};

use syn::{
    Attribute, ImplItemFn, Item, ItemFn, ItemUse, Macro, Meta, PatIdent, Path, TraitItemFn,
    visit::{self, Visit},
};

use super::{
    imports::{Import, imports},
    mention::Mention,
    test_only::is_test_only,
    tokens::{paths_of_attribute, paths_of_macro},
};

/// The code of an item.
#[derive(Default)]
pub(super) struct Body {
    pub(super) mentions: Vec<Mention>,
    pub(super) imports: Vec<Import>,
    /// The parameters and variables of the function at hand. None of them is an item.
    variables: BTreeSet<String>,
}

impl Body {
    /// Reads an item.
    pub(super) fn read(item: &Item) -> Self {
        let mut body = Self::default();
        visit::visit_item(&mut body, item);
        body
    }

    /// Reads a function with variables of its own.
    fn function(&mut self, visit: impl FnOnce(&mut Self)) {
        let outer = mem::take(&mut self.variables);
        let before = mem::take(&mut self.mentions);
        visit(self);
        let variables = mem::replace(&mut self.variables, outer);
        let mentions = mem::replace(&mut self.mentions, before);
        let is_item = |mention: &Mention| {
            let name = mention.single();
            mention.is_macro || name.is_none_or(|name| !variables.contains(name))
        };
        self.mentions.extend(mentions.into_iter().filter(is_item));
    }
}

impl<'ast> Visit<'ast> for Body {
    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        if !is_test_only(&function.attrs) {
            self.function(|body| visit::visit_item_fn(body, function));
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        if !is_test_only(&function.attrs) {
            self.function(|body| visit::visit_impl_item_fn(body, function));
        }
    }

    fn visit_trait_item_fn(&mut self, function: &'ast TraitItemFn) {
        self.function(|body| visit::visit_trait_item_fn(body, function));
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.imports.extend(imports(item));
    }

    fn visit_path(&mut self, path: &'ast Path) {
        self.mentions.extend(Mention::new(path, false));
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.mentions.extend(Mention::new(&call.path, true));
        self.mentions.extend(paths_of_macro(call.tokens.clone()));
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        match &attribute.meta {
            Meta::List(list) => self
                .mentions
                .extend(paths_of_attribute(list.tokens.clone())),
            _ => visit::visit_attribute(self, attribute),
        }
    }

    fn visit_pat_ident(&mut self, pattern: &'ast PatIdent) {
        self.variables.insert(pattern.ident.to_string());
        visit::visit_pat_ident(self, pattern);
    }
}
