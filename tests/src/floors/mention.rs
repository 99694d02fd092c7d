//! A path that a piece of code mentions.

use syn::{Path, spanned::Spanned as _};

/// A path in the code of a module.
#[derive(Debug)]
pub(super) struct Mention {
    pub(super) path: Vec<String>,
    /// True if `!` follows.
    pub(super) is_macro: bool,
    /// Counted from 1.
    pub(super) line: usize,
}

impl Mention {
    /// `None` for a path that begins with `::`: it is in another crate.
    pub(super) fn new(path: &Path, is_macro: bool) -> Option<Self> {
        let segments = path.segments.iter();
        path.leading_colon.is_none().then(|| Self {
            path: segments.map(|segment| segment.ident.to_string()).collect(),
            is_macro,
            line: path.span().start().line,
        })
    }

    /// The name that the path consists of, if it has one segment.
    pub(super) fn single(&self) -> Option<&str> {
        match &self.path[..] {
            [name] => Some(name),
            _ => None,
        }
    }

    pub(super) fn begins_with_a_capital(&self) -> bool {
        self.path[0].starts_with(char::is_uppercase)
    }
}
