//! The action: the name of a built-in one, or a path.

use proc_macro2::{Ident, Span};
use syn::{Error, ExprPath, LitStr, parse::ParseStream};

use crate::diagnostics::{did_you_mean, list};

/// The built-in names with the variants of `ActionType` that they stand for.
const BUILT_IN: [(&str, &str); 6] = [
    ("project_created", "ProjectCreated"),
    ("database_created", "DatabaseCreated"),
    ("endpoints_added", "EndpointsAdded"),
    ("queries_executed", "QueriesExecuted"),
    ("deployment", "Deployment"),
    ("github_push", "GithubPush"),
];

/// The value of `action = …`.
pub(super) enum Action {
    /// A variant of `ActionType`, given by its name.
    BuiltIn(Ident),
    /// A value of an `ActionSet`.
    Path(ExprPath),
}

impl Action {
    pub(super) fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) {
            return Self::from_name(&input.parse()?);
        }
        let span = input.span();
        input.parse().map(Self::Path).map_err(|_| {
            Error::new(
                span,
                "an action is a name, as in `action = \"deployment\"`, or a path, as in `action = ActionType::Deployment`",
            )
        })
    }

    fn from_name(name: &LitStr) -> syn::Result<Self> {
        let text = name.value();
        let names = || BUILT_IN.into_iter().map(|(known, _)| known);
        match BUILT_IN.into_iter().find(|(known, _)| *known == text) {
            Some((_, variant)) => Ok(Self::BuiltIn(Ident::new(variant, Span::call_site()))),
            None => Err(Error::new(
                name.span(),
                format!(
                    "unknown action `{text}`{}\n\nknown actions: {}\n\nan action of your own is given by its path, as in `action = Billing::InvoiceSent`",
                    did_you_mean(&text, names()),
                    list(names()),
                ),
            )),
        }
    }
}
