//! The recorded values, and the time at which each is read: before or after the body.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Error, Expr, ext::IdentExt};

use super::parameters::{Access, Parameters};

/// The name that the attribute gives the success value.
pub(super) const OUTPUT: &str = "output";

/// The name that the attribute gives the value of `Err` in `error_details`.
pub(super) const ERROR: &str = "error";

/// The time at which a value is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// Before the body, because the body may move or change the source of the value.
    Entry,
    /// After the body, if the call succeeds.
    Exit,
}

/// An expression, and the time at which it is read.
#[derive(Clone)]
pub(super) struct Value {
    pub(super) expression: Expr,
    pub(super) when: When,
    /// True for a parameter whose type is spelled `&str`.
    pub(super) is_str: bool,
}

impl Value {
    /// Returns true if the value can be read only after the function has returned.
    pub(super) fn needs(&self, returned: &str) -> bool {
        let names = variables(self.expression.to_token_stream());
        names.iter().any(|name| name == returned)
    }
}

/// A column of the row, by the name of its variant of `Field`.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) value: Value,
    /// The `#[cfg(…)]`s of the parameter; empty for a value of the attribute.
    pub(super) cfg: Vec<Attribute>,
    /// True for a parameter that is only the fallback if the attribute's value for the column is
    /// `None`. Its type need not implement `Display`. The parameter then has no text.
    pub(super) stands_behind: bool,
}

/// Decides when `value` is read. `returned` is the name of the returned value, [`OUTPUT`] or
/// [`ERROR`].
///
/// # Errors
///
/// Returns an error if `value` needs both the returned value and a parameter that the body may have
/// moved or still borrow.
pub(super) fn when(value: &Expr, returned: &str, parameters: &Parameters) -> syn::Result<When> {
    let variables = variables(value.to_token_stream());
    let gone = |name: &&Ident| *name != returned && is_gone(name, parameters);
    if variables.iter().any(|name| name == returned) {
        return match variables.iter().find(gone) {
            None => Ok(When::Exit),
            Some(name) => Err(Error::new(
                name.span(),
                match parameters.find(&name.to_string()) {
                    Some(parameter) if parameter.access == Access::Exclusive => format!(
                        "the body holds `{name}`, so it can't be read together with `{returned}`: name the two in expressions of their own, where `{name}` is read before the body has changed it"
                    ),
                    _ => format!(
                        "the body may have moved `{name}` when there is an `{returned}`: name the two in expressions of their own, or take `{name}` by reference"
                    ),
                },
            )),
        };
    }
    let gone = variables.iter().any(|name| gone(&name));
    Ok(if is_place(value) && !gone {
        When::Exit
    } else {
        When::Entry
    })
}

/// Returns true if the body may have moved or still borrow the parameter of this name.
pub(super) fn is_gone(name: &Ident, parameters: &Parameters) -> bool {
    parameters
        .find(&name.to_string())
        .is_some_and(|parameter| parameter.access != Access::Copied)
}

/// Returns true if the expression only reads memory: a literal, a name, a field, or a reference to
/// one of these.
pub(super) fn is_place(value: &Expr) -> bool {
    root(value).is_some()
}

/// Returns true if the expression is a place in a variable, and so lasts as long as the variable or
/// what the variable refers to. Constants, which do not, are spelled with capitals.
pub(super) fn is_in_variable(value: &Expr) -> bool {
    let Some(Expr::Path(path)) = root(value) else {
        return false;
    };
    path.path.get_ident().is_some_and(|name| {
        let name = name.unraw().to_string();
        name.starts_with(|first: char| first.is_lowercase() || first == '_')
    })
}

/// Returns the literal or the name that a place begins with; `None` for what is no place.
fn root(value: &Expr) -> Option<&Expr> {
    match value {
        Expr::Lit(_) | Expr::Path(_) => Some(value),
        Expr::Field(field) => root(&field.base),
        Expr::Reference(reference) if reference.mutability.is_none() => root(&reference.expr),
        Expr::Paren(paren) => root(&paren.expr),
        Expr::Group(group) => root(&group.expr),
        _ => None,
    }
}

/// Returns the names in an expression that may be variables: those that are no field, no method and
/// no part of a longer path.
pub(super) fn variables(tokens: TokenStream) -> Vec<Ident> {
    let mut found = Vec::new();
    collect(tokens, &mut found);
    found
}

fn collect(tokens: TokenStream, found: &mut Vec<Ident>) {
    let mut before = Before::Nothing;
    for token in tokens {
        before = match token {
            TokenTree::Group(group) => {
                collect(group.stream(), found);
                Before::Nothing
            }
            TokenTree::Ident(ident) => {
                if !matches!(before, Before::Dot | Before::Colons) {
                    found.push(ident);
                }
                Before::Nothing
            }
            TokenTree::Punct(punct) => match (punct.as_char(), before) {
                // `a..b` is a range: its `b` is a variable.
                ('.', Before::Dot) => Before::Nothing,
                ('.', _) => Before::Dot,
                (':', Before::Colon) => Before::Colons,
                (':', _) => Before::Colon,
                _ => Before::Nothing,
            },
            TokenTree::Literal(_) => Before::Nothing,
        };
    }
}

/// The punctuation before a token.
#[derive(Clone, Copy)]
enum Before {
    Nothing,
    Dot,
    Colon,
    Colons,
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    fn parameters() -> Parameters {
        let signature = parse_quote! {
            async fn f(&self, job: &Job, image: Image, count: usize, tx: &mut Transaction)
        };
        Parameters::of(&signature)
    }

    fn when_of(value: &Expr) -> Option<When> {
        when(value, OUTPUT, &parameters()).ok()
    }

    #[test]
    fn a_place_behind_a_shared_reference_is_read_after_the_body() {
        for value in [
            parse_quote!(job.user_id),
            parse_quote!(&job.user.id),
            parse_quote!(self.user_id),
            parse_quote!(count),
            parse_quote!("development"),
            parse_quote!(config::ENVIRONMENT),
            parse_quote!(output.url),
            parse_quote!(output.files.len() + count),
        ] {
            assert_eq!(when_of(&value), Some(When::Exit));
        }
    }

    #[test]
    fn what_the_body_may_move_or_what_is_called_is_read_before_it() {
        for value in [
            parse_quote!(image),
            parse_quote!(image.tag),
            parse_quote!(tx.name),
            parse_quote!(job.user_id()),
            parse_quote!(current_user()),
        ] {
            assert_eq!(when_of(&value), Some(When::Entry));
        }
    }

    #[test]
    fn an_expression_with_the_output_and_a_moved_parameter_is_an_error() {
        assert_eq!(
            when_of(&parse_quote!(output.files.len() + image.layers)),
            None
        );
        assert_eq!(when_of(&parse_quote!(output.image)), Some(When::Exit));
    }

    #[test]
    fn fields_methods_and_path_segments_are_no_variables() {
        let names = |tokens: TokenStream| -> Vec<String> {
            variables(tokens).iter().map(ToString::to_string).collect()
        };
        assert_eq!(names(quote::quote!(a.b.c(d).e)), ["a", "d"]);
        assert_eq!(names(quote::quote!(a::b(c..d))), ["a", "c", "d"]);
    }
}
