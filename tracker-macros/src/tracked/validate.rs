//! Checks the arguments against the function, and decides when each value is read.

use proc_macro2::Ident;
use syn::{Error, Expr, LitStr, Path, ReturnType, Type, parse_quote};

use super::{
    action::Action,
    function::Function,
    parameters::{Access, Parameters},
    parse::{Arguments, Details, DetailsArgument},
    template::{self, Part, Placeholder},
    value::{OUTPUT, When, is_gone, variables, when},
};
use crate::diagnostics::{Errors, did_you_mean, list};

/// What the expansion does, with nothing left to decide.
pub(super) struct Plan {
    pub(super) krate: Path,
    pub(super) action: Action,
    /// Fields of the row and their values, where a source is named.
    pub(super) fields: Vec<(&'static str, Value)>,
    pub(super) details: Option<Vec<DetailsPart>>,
    /// `references(output)`.
    pub(super) demands_references: Option<Ident>,
    pub(super) references: Vec<(Ident, Value)>,
    pub(super) client: Option<Client>,
    pub(super) tracker: Option<Value>,
}

/// An expression, and when it is read.
pub(super) struct Value {
    pub(super) expression: Expr,
    pub(super) when: When,
}

/// A part of the details.
pub(super) enum DetailsPart {
    Text(String),
    Value {
        value: Value,
        /// With its colon, or nothing.
        specification: String,
        template: LitStr,
    },
}

/// The caller's client.
pub(super) struct Client {
    pub(super) expression: Expr,
    /// The `&mut` parameter that the body gets a reborrow of, so that it is left for recording.
    pub(super) reborrowed: Option<Ident>,
}

/// Checks everything, and reports all mistakes together.
pub(super) fn validate(arguments: Arguments, function: &Function) -> syn::Result<Plan> {
    let mut errors = Errors::default();
    let parameters = Parameters::of(&function.signature);
    let checks = Checks {
        parameters: &parameters,
        returns_unit: returns_unit(&function.signature.output),
    };
    if arguments.action.is_none() {
        errors.push(Error::new(
            function.name_span(),
            "`#[tracked]` needs an action: say what this function does, as in `#[tracked(action = \"deployment\")]`",
        ));
    }
    let mut fields = Vec::new();
    for (field, given) in [
        ("user_id", arguments.user),
        ("request_id", arguments.request),
        ("project_id", arguments.project),
        ("environment", arguments.environment),
    ] {
        let source = given.or_else(|| {
            let (name, _) = parameters.find(field)?;
            Some(parse_quote!(#name))
        });
        let value = source.and_then(|source| errors.ok(checks.value(source)));
        fields.extend(value.map(|value| (field, value)));
    }
    let details = arguments
        .details
        .and_then(|details| errors.ok(checks.details(details)));
    let references = arguments.references.unwrap_or_default();
    let named = references.named.into_iter();
    let named: Vec<_> = named
        .filter_map(|(name, value)| Some((name, errors.ok(checks.value(value))?)))
        .collect();
    let client = arguments
        .client
        .and_then(|client| errors.ok(checks.client(client)));
    let tracker = arguments
        .tracker
        .and_then(|tracker| errors.ok(checks.value(tracker)));
    let Some(action) = arguments.action else {
        return errors.finish(()).and_then(|()| {
            Err(Error::new(
                function.name_span(),
                "`#[tracked]` needs an action",
            ))
        });
    };
    errors.finish(Plan {
        krate: arguments
            .krate
            .unwrap_or_else(|| parse_quote!(::tracker_core)),
        action,
        fields,
        details,
        demands_references: references.output,
        references: named,
        client,
        tracker,
    })
}

/// What the checks of single arguments need to know of the function.
struct Checks<'a> {
    parameters: &'a Parameters,
    returns_unit: bool,
}

impl Checks<'_> {
    fn value(&self, expression: Expr) -> syn::Result<Value> {
        self.refuse_unit_output(&expression)?;
        let when = when(&expression, self.parameters)?;
        Ok(Value { expression, when })
    }

    /// `output` of a function that returns nothing has nothing to tell.
    fn refuse_unit_output(&self, expression: &Expr) -> syn::Result<()> {
        let names = variables(quote::ToTokens::to_token_stream(expression));
        match names.iter().find(|name| *name == OUTPUT) {
            Some(output) if self.returns_unit => Err(Error::new(
                output.span(),
                "this function returns nothing on success: there is no `output`",
            )),
            _ => Ok(()),
        }
    }

    fn details(&self, details: Details) -> syn::Result<Vec<DetailsPart>> {
        let Details {
            template,
            arguments,
        } = details;
        let mut used = vec![false; arguments.len()];
        let mut next = (0..arguments.len()).filter(|position| arguments[*position].name.is_none());
        let mut errors = Errors::default();
        let mut parts = Vec::new();
        for part in template::parse(&template)? {
            let (what, specification) = match part {
                Part::Text(text) => {
                    parts.push(DetailsPart::Text(text));
                    continue;
                }
                Part::Placeholder {
                    what,
                    specification,
                } => (what, specification),
            };
            let position = match &what {
                Placeholder::Next => next.next(),
                Placeholder::Position(position) => {
                    Some(*position).filter(|at| *at < arguments.len())
                }
                Placeholder::Path(path) => position_of(path, &arguments),
            };
            let expression = match (position, &what) {
                (Some(position), _) => {
                    used[position] = true;
                    Ok(arguments[position].value.clone())
                }
                (None, Placeholder::Path(path)) => self.inline(path, &template),
                (None, _) => Err(Error::new(
                    template.span(),
                    "this placeholder has no argument: name one, as in `{image}` or `{output.url}`, or put one behind the text, as in `details(\"{}\", output.url)`",
                )),
            };
            let value = expression.and_then(|expression| self.value(expression));
            if let Some(value) = errors.ok(value) {
                parts.push(DetailsPart::Value {
                    value,
                    specification,
                    template: template.clone(),
                });
            }
        }
        for (argument, used) in arguments.iter().zip(used) {
            if !used {
                errors.push(Error::new_spanned(
                    &argument.value,
                    "no placeholder of the text takes this argument",
                ));
            }
        }
        errors.finish(parts)
    }

    /// The expression that a placeholder names by itself.
    fn inline(&self, path: &[String], template: &LitStr) -> syn::Result<Expr> {
        let root = path.first().map_or("", String::as_str);
        if root != OUTPUT && self.parameters.find(root).is_none() {
            let known: Vec<_> = self.parameters.names().chain([OUTPUT.to_owned()]).collect();
            let known = || known.iter().map(String::as_str);
            return Err(Error::new(
                template.span(),
                format!(
                    "`{{{}}}` names nothing{}\n\nknown here: {}; another value goes behind the text, as in `details(\"{{}}\", {root})`",
                    path.join("."),
                    did_you_mean(root, known()),
                    list(known()),
                ),
            ));
        }
        template::path_expression(path, template.span())
    }

    /// Finds a way to have the client after the body.
    fn client(&self, expression: Expr) -> syn::Result<Client> {
        if let Expr::Path(path) = &expression
            && let Some(name) = path.path.get_ident()
            && let Some((_, Access::Exclusive)) = self.parameters.find(&name.to_string())
            && name != "self"
        {
            return Ok(Client {
                reborrowed: Some(name.clone()),
                expression,
            });
        }
        let names = variables(quote::ToTokens::to_token_stream(&expression));
        match names.iter().find(|name| is_gone(name, self.parameters)) {
            Some(name) => Err(Error::new(
                name.span(),
                format!(
                    "the body may have moved `{name}` when the activity is recorded: take the client as a parameter that is a reference"
                ),
            )),
            None => Ok(Client {
                expression,
                reborrowed: None,
            }),
        }
    }
}

/// The argument that a placeholder of one name stands for.
fn position_of(path: &[String], arguments: &[DetailsArgument]) -> Option<usize> {
    let [name] = path else { return None };
    arguments
        .iter()
        .position(|argument| argument.name.as_ref().is_some_and(|known| known == name))
}

/// Whether the declared type is `()` or a `Result` of it, as far as spelling tells.
fn returns_unit(output: &ReturnType) -> bool {
    fn is_unit(ty: &Type) -> bool {
        match ty {
            Type::Tuple(tuple) => tuple.elems.is_empty(),
            Type::Paren(paren) => is_unit(&paren.elem),
            Type::Path(path) => path.path.segments.last().is_some_and(|last| {
                last.ident == "Result"
                    && matches!(
                        &last.arguments,
                        syn::PathArguments::AngleBracketed(arguments)
                            if matches!(arguments.args.first(), Some(syn::GenericArgument::Type(ok)) if is_unit(ok))
                    )
            }),
            _ => false,
        }
    }
    match output {
        ReturnType::Default => true,
        ReturnType::Type(_, ty) => is_unit(ty),
    }
}
