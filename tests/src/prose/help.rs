//! The doc comments that clap shows to the users of a command.

use std::ops::RangeInclusive;

use proc_macro2::TokenTree;
use syn::{
    Attribute, Item, Meta,
    spanned::Spanned as _,
    visit::{self, Visit},
};

/// The derives whose doc comments are help.
const DERIVES: [&str; 4] = ["Args", "Parser", "Subcommand", "ValueEnum"];

/// Returns the lines, counted from 1, of each type that clap makes arguments of.
///
/// # Panics
///
/// When the text is not Rust.
pub(super) fn lines_of_arguments(text: &str) -> Vec<RangeInclusive<usize>> {
    let mut arguments = Arguments::default();
    arguments.visit_file(&syn::parse_file(text).expect("the text is Rust"));
    arguments.0
}

#[derive(Default)]
struct Arguments(Vec<RangeInclusive<usize>>);

impl<'ast> Visit<'ast> for Arguments {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes = match item {
            Item::Enum(item) => &item.attrs[..],
            Item::Struct(item) => &item.attrs,
            _ => &[],
        };
        if attributes.iter().any(derives_arguments) {
            let span = item.span();
            self.0.push(span.start().line..=span.end().line);
        }
        visit::visit_item(self, item);
    }
}

fn derives_arguments(attribute: &Attribute) -> bool {
    let Meta::List(list) = &attribute.meta else {
        return false;
    };
    let mut tokens = list.tokens.clone().into_iter();
    list.path.is_ident("derive")
        && tokens.any(|token| match token {
            TokenTree::Ident(name) => DERIVES.iter().any(|derive| name == derive),
            _ => false,
        })
}
