//! Checks the arguments against the function, and decides when each value is read.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Attribute, Error, Expr, ExprLit, Lit, Path, parse_quote};

use super::{
    action::Action,
    client::{Client, Refusal},
    details::{self, DetailsPart},
    function::{Body, Function},
    parameters::Parameters,
    parse::{Arguments, Record},
    returns,
    value::{ERROR, OUTPUT, When, variables, when},
};

/// What the expansion does, with nothing left to decide.
pub(super) struct Plan {
    pub(super) krate: Path,
    pub(super) action: Action,
    pub(super) record: Record,
    /// Fields of the row and their values, where a source is named.
    pub(super) fields: Vec<Field>,
    pub(super) details: Option<Vec<DetailsPart>>,
    pub(super) error_details: Option<Vec<DetailsPart>>,
    /// `references(output)`.
    pub(super) demands_references: Option<Ident>,
    pub(super) references: Vec<(Ident, Value)>,
    pub(super) client: Option<Client>,
    /// Whether the function waits for the durability of its activity.
    pub(super) is_durable: bool,
    pub(super) tracker: Option<Value>,
}

impl Plan {
    /// Whether the body must leave `self` for what is recorded after it.
    pub(super) fn leaves_self(&self) -> bool {
        self.client.as_ref().is_some_and(Client::reborrows_self)
    }

    /// Whether a value that is recorded is read from this name.
    pub(super) fn names(&self, name: &Ident) -> bool {
        let fields = self.fields.iter().map(|field| &field.value.expression);
        let details = [&self.details, &self.error_details].into_iter().flatten();
        let details = details.flatten().filter_map(|part| match part {
            DetailsPart::Text(_) => None,
            DetailsPart::Value { value, .. } => Some(&value.expression),
        });
        let references = self.references.iter().map(|(_, value)| &value.expression);
        let client = self.client.iter().map(|client| &client.expression);
        let tracker = self.tracker.iter().map(|tracker| &tracker.expression);
        let mut expressions = fields
            .chain(details)
            .chain(references)
            .chain(client)
            .chain(tracker);
        expressions.any(|expression| variables(expression.to_token_stream()).contains(name))
    }
}

/// A column of the row, by the name of its variant of `Field`.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) value: Value,
    /// Of the parameter that the value is.
    pub(super) cfg: Vec<Attribute>,
    /// Whether it is a parameter behind the attribute's own value: it need not have a text.
    pub(super) stands_behind: bool,
    /// Whether it is a parameter whose type is spelled `&str`.
    pub(super) is_str: bool,
}

/// An expression, and when it is read.
#[derive(Clone)]
pub(super) struct Value {
    pub(super) expression: Expr,
    pub(super) when: When,
}

impl Value {
    /// Whether it can only be read when the function has returned.
    pub(super) fn needs(&self, returned: &str) -> bool {
        let names = variables(self.expression.to_token_stream());
        names.iter().any(|name| name == returned)
    }
}

/// Checks everything, and reports all mistakes together.
pub(super) fn validate(arguments: Arguments, function: &Function) -> syn::Result<Plan> {
    let mut errors = arguments.errors;
    let parameters = Parameters::of(&function.signature);
    let checks = Checks {
        parameters: &parameters,
        body: &function.body,
        returns_nothing: returns::nothing(&function.signature.output),
    };
    let record = arguments.record.unwrap_or(Record::Success);

    if !arguments.names_action {
        errors.push(Error::new(
            function.name_span(),
            "`#[tracked]` needs an action: say what this function does, as in `#[tracked(action = \"deployment\")]`",
        ));
    }
    let is_set_known = arguments.actions.is_some() || !arguments.names_set;
    let action = (arguments.action)
        .filter(|_| is_set_known)
        .and_then(|action| errors.ok(action.of(arguments.actions)));
    let mut fields = Vec::new();
    for (name, parameter, given) in [
        ("User", "user_id", arguments.user),
        ("Request", "request_id", arguments.request),
        ("Project", "project_id", arguments.project),
        ("Environment", "environment", arguments.environment),
    ] {
        for field in checks.fields(name, parameter, given) {
            fields.extend(errors.ok(field));
        }
    }
    let details = arguments
        .details
        .and_then(|details| errors.ok(details::resolve(details, OUTPUT, &checks)));
    if let (Some(details), Record::Success) = (&arguments.error_details, record) {
        errors.push(Error::new(
            details.template.span(),
            "`error_details` is for failures, which this function does not record: add `record = \"always\"`",
        ));
    }
    let error_details = arguments
        .error_details
        .and_then(|details| errors.ok(details::resolve(details, ERROR, &checks)));
    let references = arguments.references.unwrap_or_default();
    let named: Vec<_> = (references.named.into_iter())
        .filter_map(|(name, value)| Some((name, errors.ok(checks.value(value, OUTPUT))?)))
        .collect();
    if let Some(durable) = &arguments.durable {
        errors.ok(checks.durable(durable, arguments.client.as_ref()));
    }
    let refusal = errors.ok(Refusal::of(
        arguments.required,
        arguments.or_journal,
        arguments.client.as_ref(),
    ));
    let client = (arguments.client)
        .zip(refusal)
        .and_then(|(client, refusal)| errors.ok(Client::of(client, refusal, &checks)));
    let tracker = (arguments.tracker).and_then(|value| errors.ok(checks.value(value, OUTPUT)));
    match action {
        Some(action) => errors.finish(Plan {
            krate: arguments
                .krate
                .unwrap_or_else(|| parse_quote!(::tracker_core)),
            action,
            record,
            fields,
            details,
            error_details,
            demands_references: references.output,
            references: named,
            client,
            is_durable: arguments.durable.is_some(),
            tracker,
        }),
        None => Err(errors.into_error(function.name_span())),
    }
}

/// What the checks of single arguments need to know of the function.
pub(super) struct Checks<'a> {
    pub(super) parameters: &'a Parameters,
    pub(super) body: &'a Body,
    returns_nothing: bool,
}

impl Checks<'_> {
    /// The values of a column, of which the last one that there is counts: the parameters of that name, which only a `#[cfg]` keeps
    /// apart, then what the attribute gives.
    fn fields(
        &self,
        name: &'static str,
        parameter: &str,
        given: Option<Expr>,
    ) -> Vec<syn::Result<Field>> {
        // A literal is never `None`.
        let parameters = if matches!(given, Some(Expr::Lit(_))) {
            Vec::new()
        } else {
            self.parameters.of_name(parameter).collect()
        };
        let stands_behind = given.is_some();
        let parameters = parameters.into_iter().map(|parameter| {
            let name_of_it = &parameter.name;
            Ok(Field {
                name,
                value: self.value(parse_quote!(#name_of_it), OUTPUT)?,
                cfg: parameter.cfg.clone(),
                stands_behind,
                is_str: parameter.is_str,
            })
        });
        let given = given.map(|expression| {
            refuse_quoted_place(&expression)?;
            Ok(Field {
                name,
                value: self.value(expression, OUTPUT)?,
                cfg: Vec::new(),
                stands_behind: false,
                is_str: false,
            })
        });
        parameters.chain(given).collect()
    }

    /// `returned` is what the expression may call the returned value.
    pub(super) fn value(&self, expression: Expr, returned: &str) -> syn::Result<Value> {
        let names = variables(expression.to_token_stream());
        if returned == OUTPUT
            && self.returns_nothing
            && let Some(output) = names.iter().find(|name| *name == OUTPUT)
        {
            return Err(Error::new(
                output.span(),
                "this function returns nothing on success: there is no `output`",
            ));
        }
        let mut when = when(&expression, returned, self.parameters)?;
        // What a future borrows, its type has to allow: only what has to be read behind the body is.
        if matches!(self.body, Body::Future(_) | Body::Boxed(_))
            && !names.iter().any(|name| name == returned)
        {
            when = When::Entry;
        }
        Ok(Value { expression, when })
    }

    /// Whether the function can wait until its activity is on the disk.
    fn durable(&self, durable: &Ident, client: Option<&Expr>) -> syn::Result<()> {
        if let Body::Sync(_) = self.body {
            return Err(Error::new(
                durable.span(),
                "`durable` awaits the disk, and this function is not `async`: remove it, or call `Tracker::record_durable` where there is an `await`",
            ));
        }
        if client.is_some() {
            return Err(Error::new(
                durable.span(),
                "`client` writes the activity on the caller's connection, and it is as durable as what else is written there: remove one of both",
            ));
        }
        Ok(())
    }
}

/// `user = "job.user_id"` would be recorded as it stands.
fn refuse_quoted_place(expression: &Expr) -> syn::Result<()> {
    let Expr::Lit(ExprLit {
        lit: Lit::Str(text),
        ..
    }) = expression
    else {
        return Ok(());
    };
    match text.parse::<Expr>() {
        Ok(Expr::Field(_) | Expr::MethodCall(_)) => Err(Error::new(
            text.span(),
            format!(
                "this text would be recorded as it stands: remove the quotes to record the value of `{}`",
                text.value()
            ),
        )),
        _ => Ok(()),
    }
}
