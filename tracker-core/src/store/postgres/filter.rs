//! A filter's values as parameters of the statements.

use std::ops::RangeInclusive;

use tokio_postgres::types::{Json, ToSql, Type};

use crate::timeline::{Filter, Parts};

/// The number of the filter's parameters.
pub(super) const PARAMETERS: usize = 11;

/// A parameter and its type.
pub(super) type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// The values of one filter; see filter.sql.
pub(super) struct FilterValues<'a> {
    parts: Parts<'a>,
    /// A single action type, which an index reads in the order of time.
    one_type: Option<&'a str>,
    several_types: Option<&'a [String]>,
    /// An object of the wanted references, if there are any.
    references: Option<Json<serde_json::Value>>,
}

impl<'a> FilterValues<'a> {
    /// Returns `None` if no row in Postgres can match.
    pub(super) fn new(filter: &'a Filter) -> Option<Self> {
        let parts = filter.parts();
        if parts.is_impossible || parts.has_nul() {
            return None;
        }
        let (one_type, several_types) = match parts.action_types {
            [] => (None, None),
            [one] => (Some(&**one), None),
            several => (None, Some(several)),
        };
        let references = parts.references.as_object();
        let has_references = references.is_some_and(|object| !object.is_empty());
        let references = has_references.then(|| Json(parts.references.clone()));
        Some(Self {
            parts,
            one_type,
            several_types,
            references,
        })
    }

    /// Returns whether an index has the matching rows, and perhaps others of their project, in the
    /// order of time.
    pub(super) fn has_order(&self) -> bool {
        self.parts.project_id.is_some() && self.several_types.is_none() && self.references.is_none()
    }

    /// Returns whether an index has the matching rows of a project in the order of time, each after
    /// the other.
    pub(super) fn is_in_order_of_an_index(&self) -> bool {
        let parts = &self.parts;
        let others = [parts.user_id, parts.status, parts.environment, parts.text];
        let times = [parts.created_after, parts.created_before];
        self.has_order()
            && (self.one_type.is_none() || parts.request_id.is_none())
            && others.iter().all(Option::is_none)
            && times.iter().all(Option::is_none)
    }

    pub(super) fn parameters(&self) -> Vec<Parameter<'_>> {
        let parts = &self.parts;
        let parameters: [Parameter<'_>; PARAMETERS] = [
            (&parts.project_id, Type::TEXT),
            (&self.one_type, Type::TEXT),
            (&self.several_types, Type::TEXT_ARRAY),
            (&parts.user_id, Type::TEXT),
            (&parts.request_id, Type::TEXT),
            (&parts.status, Type::TEXT),
            (&parts.environment, Type::TEXT),
            (&self.references, Type::JSONB),
            (&parts.created_after, Type::INT8),
            (&parts.created_before, Type::INT8),
            (&parts.text, Type::TEXT),
        ];
        parameters.into()
    }
}

/// Returns the range of times that matching rows can have. It is unbounded if no bound is set, and
/// rows without a time match as well then.
pub(super) fn times(filter: &Filter) -> RangeInclusive<i64> {
    let parts = filter.parts();
    let last = parts.created_before.map(|end| end.saturating_sub(1));
    parts.created_after.unwrap_or(i64::MIN)..=last.unwrap_or(i64::MAX)
}
