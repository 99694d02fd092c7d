//! The comments of a file: whatever of its lines is outside of its tokens.

use std::collections::BTreeMap;

use proc_macro2::{LineColumn, Span, TokenStream, TokenTree};

/// A line of a comment, or its part behind code.
#[derive(Debug)]
pub(super) struct Comment {
    /// Counted from 1.
    pub(super) line: usize,
    /// The column in which the line ends, counted from 1.
    pub(super) columns: usize,
    /// `//`, `///` or `//!`.
    pub(super) marker: &'static str,
    /// True if code stands before it.
    pub(super) is_trailing: bool,
    /// The text behind the marker.
    pub(super) text: String,
}

impl Comment {
    /// Returns whether this line goes on with the comment of another one.
    pub(super) fn continues(&self, previous: &Self) -> bool {
        self.line == previous.line + 1 && self.marker == previous.marker && !self.is_trailing
    }
}

/// Finds all comments that begin with `//`.
///
/// # Panics
///
/// When the text is not Rust.
pub(super) fn comments(text: &str) -> Vec<Comment> {
    let tokens: TokenStream = text.parse().expect("the text is Rust");
    let mut code = CodeEnds::default();
    code.read(tokens);
    let lines = text.lines().enumerate();
    let comments = lines.filter_map(|(index, text)| {
        let line = index + 1;
        let end = code.0.get(&line).copied().unwrap_or_default();
        comment(line, text, end)
    });
    comments.collect()
}

fn comment(line: usize, text: &str, code_end: usize) -> Option<Comment> {
    let rest: String = text.chars().skip(code_end).collect();
    let rest = rest.trim_start();
    let marker = ["///", "//!", "//"];
    let marker = marker.into_iter().find(|marker| rest.starts_with(marker))?;
    Some(Comment {
        line,
        columns: text.chars().count(),
        marker,
        is_trailing: code_end > 0,
        text: rest[marker.len()..].to_owned(),
    })
}

/// For each line with code the column in which that ends, counted from 1.
#[derive(Default)]
struct CodeEnds(BTreeMap<usize, usize>);

impl CodeEnds {
    fn read(&mut self, tokens: TokenStream) {
        let mut trees = tokens.into_iter().peekable();
        while let Some(tree) = trees.next() {
            match &tree {
                TokenTree::Group(group) => {
                    self.add(group.span_open());
                    self.read(group.stream());
                    self.add(group.span_close());
                }
                TokenTree::Punct(mark) if is_doc_comment(mark.span()) => {
                    // The attribute that stands for the comment is where the comment is.
                    let start = mark.span().start();
                    while trees.next_if(|tree| tree.span().start() == start).is_some() {}
                }
                tree => self.add(tree.span()),
            }
        }
    }

    /// Adds a token. A literal may go over several lines.
    fn add(&mut self, span: Span) {
        let LineColumn { line: last, column } = span.end();
        for line in span.start().line..last {
            self.0.insert(line, usize::MAX);
        }
        let end = self.0.entry(last).or_default();
        *end = column.max(*end);
    }
}

/// Returns whether a mark is more than one column wide: the `#` of a doc comment is.
fn is_doc_comment(mark: Span) -> bool {
    let (start, end) = (mark.start(), mark.end());
    start.line != end.line || end.column > start.column + 1
}
