//! The result of validation: all decisions that the expansion needs.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::Path;

use super::{
    action::Action,
    client::Client,
    details::DetailsPart,
    parse::Record,
    value::{Field, Value, variables},
};

/// A function and its attribute, validated.
pub(super) struct Plan {
    pub(super) krate: Path,
    pub(super) action: Action,
    pub(super) record: Record,
    /// The columns of the row that have a source, with their values.
    pub(super) fields: Vec<Field>,
    pub(super) details: Option<Vec<DetailsPart>>,
    pub(super) error_details: Option<Vec<DetailsPart>>,
    /// The word `output` of `references(output)`.
    pub(super) demands_references: Option<Ident>,
    pub(super) references: Vec<(Ident, Value)>,
    pub(super) client: Option<Client>,
    /// True if the function waits until its activity is durable.
    pub(super) is_durable: bool,
    pub(super) tracker: Option<Value>,
}

impl Plan {
    /// Returns true if the recording uses `self` after the body.
    pub(super) fn leaves_self(&self) -> bool {
        self.client.as_ref().is_some_and(Client::reborrows_self)
    }

    /// Returns true if a recorded value is read from this name.
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
