//! Paths among the tokens of a macro or an attribute, which follow no grammar of Rust's.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

use super::mention::Mention;

/// Finds the paths among the arguments of a macro or in its rules.
///
/// A single identifier counts as a path if it is called or begins with a capital.
pub(super) fn paths_of_macro(tokens: TokenStream) -> Vec<Mention> {
    let mut found = Vec::new();
    collect(tokens, &mut found);
    found.retain(|path| path.is_called || path.mention.begins_with_a_capital() || path.is_long());
    found.into_iter().map(|path| path.mention).collect()
}

/// Finds the paths of two and more segments among the arguments of an attribute.
pub(super) fn paths_of_attribute(tokens: TokenStream) -> Vec<Mention> {
    let mut found = Vec::new();
    collect(tokens, &mut found);
    found.retain(Found::is_long);
    found.into_iter().map(|path| path.mention).collect()
}

struct Found {
    mention: Mention,
    is_called: bool,
}

impl Found {
    fn is_long(&self) -> bool {
        self.mention.path.len() > 1
    }
}

fn collect(tokens: TokenStream, found: &mut Vec<Found>) {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let mut next = 0;
    while let Some(tree) = trees.get(next) {
        let before = &trees[..next];
        next += 1;
        if let TokenTree::Group(group) = tree {
            collect(group.stream(), found);
        }
        let TokenTree::Ident(first) = tree else {
            continue;
        };
        let mut path = vec![first.to_string()];
        while let Some(segment) = next_segment(&trees[next..]) {
            path.push(segment);
            next += 3;
        }
        if begins_path(before, &path[0]) {
            let is_macro = is_macro_call(&trees[next..]);
            found.push(Found {
                is_called: is_macro || is_function_call(&trees[next..]),
                mention: Mention {
                    path,
                    is_macro,
                    line: first.span().start().line,
                },
            });
        }
    }
}

/// The identifier after `::`, if these tokens begin with both.
fn next_segment(trees: &[TokenTree]) -> Option<String> {
    match trees {
        [
            TokenTree::Punct(first),
            TokenTree::Punct(second),
            TokenTree::Ident(segment),
            ..,
        ] if first.as_char() == ':'
            && first.spacing() == Spacing::Joint
            && second.as_char() == ':' =>
        {
            Some(segment.to_string())
        }
        _ => None,
    }
}

/// Returns whether a path can begin after these tokens: no method, field, lifetime, new name or
/// variable of a macro does, and no segment after `::`.
fn begins_path(before: &[TokenTree], first: &str) -> bool {
    let marks = |tree: Option<&TokenTree>| match tree {
        Some(TokenTree::Punct(mark)) => Some(mark.as_char()),
        _ => None,
    };
    match before {
        [.., TokenTree::Ident(word)] => {
            let defining = [
                "enum", "fn", "let", "mod", "struct", "trait", "type", "union",
            ];
            !defining.iter().any(|keyword| word == keyword)
        }
        [earlier @ .., last @ TokenTree::Punct(_)] => {
            let previous = marks(earlier.last());
            match marks(Some(last)) {
                Some('.') => previous == Some('.'),
                Some(':') => previous != Some(':'),
                Some('$') => first == "crate",
                Some('\'') => false,
                _ => true,
            }
        }
        _ => true,
    }
}

fn is_function_call(trees: &[TokenTree]) -> bool {
    matches!(trees.first(), Some(TokenTree::Group(group))
        if group.delimiter() == Delimiter::Parenthesis)
}

fn is_macro_call(trees: &[TokenTree]) -> bool {
    matches!(trees, [TokenTree::Punct(mark), TokenTree::Group(_), ..] if mark.as_char() == '!')
}
