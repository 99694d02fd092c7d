//! The action: a name, checked against the set it belongs to, or a path.

use syn::{Error, ExprPath, LitStr, Path, Token, parse::ParseStream};

use crate::diagnostics::{did_you_mean, list};

/// The names of `ActionType`.
const BUILT_IN: [&str; 6] = [
    "project_created",
    "database_created",
    "endpoints_added",
    "queries_executed",
    "deployment",
    "github_push",
];

/// The value of `action = …`, as written.
pub(super) enum ActionValue {
    Name(LitStr),
    Path(ExprPath),
}

/// The action, with its name checked as far as a macro can.
pub(super) enum Action {
    /// A name of `ActionType`.
    BuiltIn(LitStr),
    /// A name in the set that `actions` gives. The compiler checks the name.
    InSet(Path, LitStr),
    /// A value of an `ActionSet`.
    Path(ExprPath),
}

impl ActionValue {
    pub(super) fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) {
            return input.parse().map(Self::Name);
        }
        let span = input.span();
        let path = input.parse::<ExprPath>();
        let ends = input.is_empty() || input.peek(Token![,]);
        match path {
            Ok(path) if ends => Ok(Self::Path(path)),
            _ => Err(Error::new(
                span,
                "an action is a name, as in `action = \"deployment\"`, or a path, as in `action = ActionType::Deployment`; it is known when the program is compiled, so it can't be called or built",
            )),
        }
    }

    /// Returns the action in `set`. Without one, a name is an action of the built-in `ActionType`.
    pub(super) fn of(self, set: Option<Path>) -> syn::Result<Action> {
        match (self, set) {
            (Self::Name(name), None) => built_in(name),
            (Self::Name(name), Some(set)) => Ok(Action::InSet(set, name)),
            (Self::Path(path), None) => match path.path.get_ident() {
                Some(name) if BUILT_IN.iter().any(|known| name == known) => {
                    Err(Error::new_spanned(
                        &path,
                        format!("a name stands in quotes: `action = \"{name}\"`"),
                    ))
                }
                _ => Ok(Action::Path(path)),
            },
            (Self::Path(path), Some(_)) => Err(Error::new_spanned(
                path,
                "a path says by itself which set it is of: remove `actions`, or give the action by its name",
            )),
        }
    }
}

fn built_in(name: LitStr) -> syn::Result<Action> {
    let text = name.value();
    if BUILT_IN.contains(&&*text) {
        return Ok(Action::BuiltIn(name));
    }
    if name
        .parse::<Path>()
        .is_ok_and(|path| path.segments.len() > 1)
    {
        return Err(Error::new(
            name.span(),
            format!("a path stands without quotes: `action = {text}`"),
        ));
    }
    Err(Error::new(
        name.span(),
        format!(
            "unknown action `{text}`{}\n\nknown actions: {}\n\nan action of your own is given by its path, as in `action = Billing::InvoiceSent`, or by its set and name, as in `actions = Billing, action = \"invoice_sent\"`",
            did_you_mean(&text, BUILT_IN),
            list(BUILT_IN),
        ),
    ))
}
