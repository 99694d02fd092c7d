//! Checks the arguments against the function, and decides when each value is read.

use syn::{Error, parse_quote};

use super::{
    checks::Checks,
    client::{Client, Refusal},
    details,
    function::Function,
    parameters::Parameters,
    parse::{Arguments, Record},
    plan::Plan,
    returns,
    value::{ERROR, OUTPUT},
};

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
