//! `client = …`: access to the caller's client after the body, and the outcome if it refuses a row.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Error, Expr, Member, UnOp};

use super::{
    checks::Checks,
    function::Body,
    parameters::{Access, Parameters, mentions},
    value::variables,
};

/// The caller's client.
pub(super) struct Client {
    pub(super) expression: Expr,
    pub(super) borrow: Borrow,
    /// The `&mut` parameters that the body gets reborrows of, so that they are left for recording.
    pub(super) reborrowed: Vec<Ident>,
    pub(super) refusal: Refusal,
}

/// The way in which a reference to the client is made from its expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Borrow {
    /// `&mut *tx`, of a `&mut` parameter.
    Parameter,
    /// `&mut expr`, of a place behind a `&mut` parameter, or of a value that the expression makes.
    Exclusive,
    /// `&expr`, of a place that can only be shared.
    Shared,
}

/// The handling of an activity that the client refuses.
#[derive(Clone)]
pub(super) enum Refusal {
    Lose,
    /// `or_journal`
    Journal,
    /// `required`, the word itself.
    Return(Ident),
}

impl Refusal {
    pub(super) fn of(
        required: Option<Ident>,
        or_journal: Option<Ident>,
        client: Option<&Expr>,
    ) -> syn::Result<Self> {
        let word = required.as_ref().or(or_journal.as_ref());
        if let (Some(word), None) = (word, client) {
            let instead = if required.is_some() {
                "to fail where an activity is not durable, call `Tracker::try_record_durable`"
            } else {
                "without one an activity goes through the journal in any case"
            };
            return Err(Error::new(
                word.span(),
                format!(
                    "`{word}` says what becomes of an activity that the caller's client refuses, and there is no `client`: name one, or remove `{word}`; {instead}"
                ),
            ));
        }
        match (required, or_journal) {
            (Some(_), Some(or_journal)) => Err(Error::new(
                or_journal.span(),
                "`required` makes the function fail without its activity, and `or_journal` records it all the same: remove one of both",
            )),
            (Some(required), None) => Ok(Self::Return(required)),
            (None, Some(_)) => Ok(Self::Journal),
            (None, None) => Ok(Self::Lose),
        }
    }
}

impl Client {
    /// Decides how the recording reaches the client after the body.
    ///
    /// # Errors
    ///
    /// Returns an error if the body takes the client, or the function is not async.
    pub(super) fn of(expression: Expr, refusal: Refusal, checks: &Checks<'_>) -> syn::Result<Self> {
        refuse_control_flow(&expression)?;
        if let Body::Sync(_) = checks.body {
            return Err(Error::new_spanned(
                expression,
                "recording on a client awaits it, and this function is not `async`: remove `client`, or call `Tracker::record_in` where there is an `await`",
            ));
        }
        let mut reborrowed: Vec<Ident> = Vec::new();
        for name in variables(expression.to_token_stream()) {
            let Some(parameter) = checks.parameters.find(&name.to_string()) else {
                continue;
            };
            match parameter.access {
                Access::Copied => {}
                Access::Exclusive if name == "self" && matches!(checks.body, Body::Future(_)) => {
                    return Err(Error::new(
                        name.span(),
                        "the future takes `self`, and the activity is recorded after it: take the client as a parameter of its own; without `#[async_trait]`, an `async fn` leaves `self`",
                    ));
                }
                Access::Exclusive if name == "self" && moves_self(checks.body.tokens()) => {
                    return Err(Error::new(
                        name.span(),
                        "a block in the body moves `self`, and the activity is recorded after it: put `#[tracked]` above the attribute that made that block, such as `#[instrument]`, or take the client as a parameter of its own",
                    ));
                }
                Access::Exclusive if matches!(checks.body, Body::Boxed(_)) => {
                    return Err(Error::new(
                        name.span(),
                        format!(
                            "the future that is returned takes `{name}`, and the activity is recorded after it: end this function in `Box::pin(async move {{ … }})`"
                        ),
                    ));
                }
                Access::Exclusive if reborrowed.contains(&name) => {}
                Access::Exclusive => reborrowed.push(name),
                Access::Moved => {
                    return Err(Error::new(
                        name.span(),
                        format!(
                            "the body takes `{name}`, and the activity is recorded after it: take the client as a parameter that is a reference, `&` or `&mut`"
                        ),
                    ));
                }
            }
        }
        Ok(Self {
            borrow: borrow(&expression, checks.parameters),
            expression,
            reborrowed,
            refusal,
        })
    }

    /// Returns true if the recording uses `self` after the body. No variable can replace `self`.
    pub(super) fn reborrows_self(&self) -> bool {
        self.reborrowed.iter().any(|name| name == "self")
    }
}

/// Returns true if a `move` block or closure names `self`.
fn moves_self(tokens: TokenStream) -> bool {
    let this = Ident::new("self", Span::call_site());
    let mut is_moving = false;
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => {
            is_moving |= word == "move";
            is_moving && word == this
        }
        TokenTree::Group(group) => {
            let ends = group.delimiter() == Delimiter::Brace;
            let moves = is_moving && mentions(group.stream(), &this);
            is_moving &= !ends;
            moves || moves_self(group.stream())
        }
        TokenTree::Punct(punct) => {
            is_moving &= !matches!(punct.as_char(), ';' | ',');
            false
        }
        TokenTree::Literal(_) => false,
    })
}

fn borrow(expression: &Expr, parameters: &Parameters) -> Borrow {
    let Some(root) = root(expression) else {
        return Borrow::Exclusive;
    };
    match parameters.find(&root.to_string()).map(|root| root.access) {
        Some(Access::Exclusive) if is_name(expression) => Borrow::Parameter,
        Some(Access::Exclusive) => Borrow::Exclusive,
        // A place behind a shared reference, or a static.
        _ => Borrow::Shared,
    }
}

fn is_name(expression: &Expr) -> bool {
    match expression {
        Expr::Path(_) => true,
        Expr::Paren(paren) => is_name(&paren.expr),
        Expr::Group(group) => is_name(&group.expr),
        _ => false,
    }
}

/// Returns the first name of an expression that is a place, or `None` if the expression makes a
/// value, even a reference.
fn root(expression: &Expr) -> Option<Ident> {
    match expression {
        Expr::Path(path) => path.path.segments.first().map(|first| first.ident.clone()),
        Expr::Field(field) if matches!(field.member, Member::Named(_) | Member::Unnamed(_)) => {
            root(&field.base)
        }
        Expr::Index(index) => root(&index.expr),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => root(&unary.expr),
        Expr::Paren(paren) => root(&paren.expr),
        Expr::Group(group) => root(&group.expr),
        _ => None,
    }
}

/// Refuses control flow in the client's expression, which is evaluated after the body has returned.
fn refuse_control_flow(expression: &Expr) -> syn::Result<()> {
    fn find(tokens: TokenStream) -> Option<Span> {
        tokens.into_iter().find_map(|token| match token {
            TokenTree::Group(group) => find(group.stream()),
            TokenTree::Ident(ident) => ["return", "break", "continue"]
                .iter()
                .any(|keyword| ident == keyword)
                .then(|| ident.span()),
            TokenTree::Punct(punct) => (punct.as_char() == '?').then(|| punct.span()),
            TokenTree::Literal(_) => None,
        })
    }
    match find(expression.to_token_stream()) {
        None => Ok(()),
        Some(span) => Err(Error::new(
            span,
            "the function has returned when the client is looked for: name one that is there, as a parameter or a field",
        )),
    }
}
