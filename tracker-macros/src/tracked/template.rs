//! The text of `details`: a format string whose placeholders may reach fields.

use proc_macro2::{Ident, Span};
use quote::{ToTokens, quote_spanned};
use syn::{Error, Expr, Index, LitStr, ext::IdentExt, parse::Parser};

/// A part of the template.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A text, with single braces in place of doubled ones.
    Text(String),
    /// `{what:specification}`.
    Placeholder {
        what: Placeholder,
        /// The specification with its colon, or nothing.
        specification: String,
    },
}

/// The meaning of a placeholder.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Placeholder {
    /// `{}`: the next argument that is not named.
    Next,
    /// `{0}`.
    Position(usize),
    /// `{name}` or `{name.field.0}`, split into names.
    Path(Vec<String>),
}

/// Splits a template into its parts.
pub(super) fn parse(template: &LitStr) -> syn::Result<Vec<Part>> {
    let value = template.value();
    let error = |message: String| Error::new(template.span(), message);
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut rest = value.chars();
    while let Some(character) = rest.next() {
        match character {
            '{' | '}' if rest.as_str().starts_with(character) => {
                rest.next();
                text.push(character);
            }
            '{' => {
                let (inside, after) = rest.as_str().split_once('}').ok_or_else(|| {
                    error("`{` is not closed: add `}`, or write `{{` for a brace".into())
                })?;
                rest = after.chars();
                if !text.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut text)));
                }
                parts.push(placeholder(inside).map_err(error)?);
            }
            '}' => return Err(error("`}` closes nothing: write `}}` for a brace".into())),
            other => text.push(other),
        }
    }
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
    Ok(parts)
}

/// Parses the contents of the braces.
fn placeholder(inside: &str) -> Result<Part, String> {
    let (what, specification) = inside.split_at(inside.find(':').unwrap_or(inside.len()));
    if specification.contains(['$', '*']) {
        return Err(format!(
            "`{{{inside}}}` takes a width or a precision from an argument: write the number"
        ));
    }
    let what = what.trim();
    let what = if what.is_empty() {
        Placeholder::Next
    } else if let Ok(position) = what.parse() {
        Placeholder::Position(position)
    } else {
        let parts: Vec<_> = what.split('.').map(|part| part.trim().to_owned()).collect();
        let is_name = |part: &str| identifier(part, Span::call_site()).is_ok();
        let is_member = |part: &str| is_name(part) || part.parse::<u32>().is_ok();
        let (root, members) = parts.split_first().ok_or("empty")?;
        if !is_name(root) || !members.iter().all(|part| is_member(part)) {
            return Err(format!(
                "`{{{what}}}` is neither a name nor fields of one: put the expression behind the text, as in `details(\"{{}}\", expression)`"
            ));
        }
        Placeholder::Path(parts)
    };
    Ok(Part::Placeholder {
        what,
        specification: specification.to_owned(),
    })
}

/// Returns the expression of a placeholder's path: members of `root`, all with the template's span.
pub(super) fn path_expression(root: &Ident, members: &[String], span: Span) -> syn::Result<Expr> {
    let mut tokens = root.to_token_stream();
    for member in members {
        let member = match member.parse::<u32>() {
            Ok(index) => Index { index, span }.to_token_stream(),
            Err(_) => identifier(member, span)?.to_token_stream(),
        };
        tokens.extend(quote_spanned!(span=> .#member));
    }
    syn::parse2(tokens)
}

/// Returns a name with this span, as a format string means it: with or without the `r#` of a
/// keyword.
fn identifier(name: &str, span: Span) -> syn::Result<Ident> {
    const NEVER_RAW: [&str; 4] = ["self", "Self", "super", "crate"];
    let mut identifier = Ident::parse_any.parse_str(name)?;
    if syn::parse_str::<Ident>(name).is_err() && !NEVER_RAW.contains(&name) {
        identifier = Ident::new_raw(name, span);
    }
    identifier.set_span(span);
    Ok(identifier)
}

/// Returns the text with the braces of a format string doubled.
pub(super) fn escaped(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(template: &str) -> Result<Vec<Part>, String> {
        parse(&LitStr::new(template, Span::call_site())).map_err(|error| error.to_string())
    }

    fn path(parts: &[&str], specification: &str) -> Part {
        Part::Placeholder {
            what: Placeholder::Path(parts.iter().map(ToString::to_string).collect()),
            specification: specification.to_owned(),
        }
    }

    #[test]
    fn text_names_fields_and_specifications_are_told_apart() {
        assert_eq!(
            parsed("{{deployed}} {image} to { output.urls.0 :?}!").unwrap(),
            [
                Part::Text("{deployed} ".into()),
                path(&["image"], ""),
                Part::Text(" to ".into()),
                path(&["output", "urls", "0"], ":?"),
                Part::Text("!".into()),
            ]
        );
        assert_eq!(
            parsed("{}{1:>4}").unwrap(),
            [
                Part::Placeholder {
                    what: Placeholder::Next,
                    specification: String::new()
                },
                Part::Placeholder {
                    what: Placeholder::Position(1),
                    specification: ":>4".into()
                },
            ]
        );
        assert_eq!(parsed("").unwrap(), []);
    }

    #[test]
    fn mistakes_are_named() {
        for (template, message) in [
            ("{", "not closed"),
            ("{image", "not closed"),
            ("image}", "closes nothing"),
            ("{image.name()}", "neither a name"),
            ("{a b}", "neither a name"),
            ("{a..b}", "neither a name"),
            ("{a:>width$}", "from an argument"),
        ] {
            let error = parsed(template).unwrap_err();
            assert!(error.contains(message), "{template}: {error}");
        }
    }

    #[test]
    fn an_escaped_text_formats_to_itself() {
        assert_eq!(escaped("{a} }{"), "{{a}} }}{{");
    }
}
