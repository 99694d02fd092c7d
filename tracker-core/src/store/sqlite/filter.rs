//! A filter's values as parameters of the statements.

use std::borrow::Cow;

use rusqlite::ToSql;

use crate::timeline::{Filter, Parts};

/// The condition of filter.sql on the project.
const OF_A_PROJECT: &str = "project_id = :project_id";

/// A parameter and its name.
pub(super) type Named<'a> = (&'static str, &'a dyn ToSql);

/// The values of one filter; see filter.sql.
pub(super) struct FilterValues<'a> {
    parts: Parts<'a>,
    action_types: Option<String>,
    reference_ids: Option<String>,
    /// The first and the last time that match, both inclusive.
    pub(super) from: i64,
    pub(super) last: i64,
}

impl<'a> FilterValues<'a> {
    /// Returns `None` if no row can match.
    pub(super) fn new(filter: &'a Filter) -> Option<Self> {
        let parts = filter.parts();
        let last = match parts.created_before {
            None => i64::MAX,
            Some(end) => end.checked_sub(1)?,
        };
        if parts.is_impossible {
            return None;
        }
        let types = (!parts.action_types.is_empty()).then_some(parts.action_types);
        let action_types = types.map(|types| serde_json::Value::from(types).to_string());
        let references = parts.references.as_object();
        let has_references = references.is_some_and(|object| !object.is_empty());
        Some(Self {
            action_types,
            reference_ids: has_references.then(|| parts.references.to_string()),
            from: parts.created_after.unwrap_or(i64::MIN),
            last,
            parts,
        })
    }

    /// Returns whether rows without a time match.
    pub(super) fn has_untimed(&self) -> bool {
        self.parts.created_after.is_none() && self.parts.created_before.is_none()
    }

    /// Returns a statement with the filter's condition on the project, which has no index to serve
    /// it where it is optional.
    pub(super) fn statement<'s>(&self, sql: &'s str) -> Cow<'s, str> {
        match self.parts.project_id {
            Some(_) => sql.into(),
            None => sql.replace(OF_A_PROJECT, ":project_id IS NULL").into(),
        }
    }

    pub(super) fn named(&self) -> Vec<Named<'_>> {
        let parts = &self.parts;
        vec![
            (":project_id", &parts.project_id),
            (":action_types", &self.action_types),
            (":user_id", &parts.user_id),
            (":request_id", &parts.request_id),
            (":status", &parts.status),
            (":environment", &parts.environment),
            (":reference_ids", &self.reference_ids),
            (":text", &parts.text),
        ]
    }
}
