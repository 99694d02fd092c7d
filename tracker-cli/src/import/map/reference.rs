//! The reference IDs of an activity, made of a row: [`References`].

use std::collections::BTreeMap;

use serde::Deserialize;
use thiserror::Error;
use tracker_core::limits::REFERENCES_MAX;

use super::{error::RowError, place::Row, template::Template, value::Value};

/// As many references as an activity has at most, each with a name and an ID.
#[derive(Default, Deserialize)]
#[serde(try_from = "Vec<Reference>")]
pub(super) struct References(Vec<Reference>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reference {
    name: Value,
    id: Value,
}

/// The error for a map with more references than an activity has.
#[derive(Debug, Error)]
#[error("there are {0} references, and an activity has {REFERENCES_MAX} at most")]
struct TooMany(usize);

impl TryFrom<Vec<Reference>> for References {
    type Error = TooMany;

    fn try_from(references: Vec<Reference>) -> Result<Self, TooMany> {
        if references.len() > REFERENCES_MAX {
            return Err(TooMany(references.len()));
        }
        Ok(Self(references))
    }
}

impl References {
    pub(super) fn templates(&self) -> impl Iterator<Item = &Template> {
        let values = self.0.iter().flat_map(|Reference { name, id }| [name, id]);
        values.flat_map(Value::templates)
    }

    /// Returns the references of a row. One without a name or an ID is left out, and of two with
    /// the same name the last is kept.
    pub(super) fn get(&self, row: &Row<'_>) -> Result<BTreeMap<String, String>, RowError> {
        let mut references = BTreeMap::new();
        for Reference { name, id } in &self.0 {
            let [name, id] = [("the name of a reference", name), ("a reference", id)]
                .map(|(target, value)| value.id(target, row));
            if let (Some(name), Some(id)) = (name?, id?) {
                references.insert(name, id);
            }
        }
        Ok(references)
    }
}
