//! Links from an activity to related records, by their IDs. [`ReferenceIds`] is the map in the
//! row's `reference_ids`, and a returned value that implements [`HasReferenceIds`] fills it.
//!
//! ```
//! use tracker_core::{HasReferenceIds, ReferenceIds, testing::capture, tracked};
//!
//! #[derive(ReferenceIds)]
//! struct Deployment {
//!     #[reference(rename = "deployment_id")]
//!     id: u64,
//! }
//!
//! #[tracked(action = "deployment", references(container_session_id = session_id))]
//! async fn deploy(session_id: &str) -> Deployment {
//!     Deployment { id: 7 }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let (deployment, activities) = capture(deploy("session_1")).await;
//! let ids = &activities[0].reference_ids;
//! assert_eq!(ids.get("deployment_id"), Some("7"));
//! assert_eq!(ids.get("container_session_id"), Some("session_1"));
//! assert_eq!(deployment.reference_ids().get("deployment_id"), Some("7"));
//! # }
//! ```
//!
//! [`Filter::reference`](crate::timeline::Filter::reference) finds the activities of a record.

pub(crate) mod declared;
mod entries;
mod id;
mod json;
mod repair;

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

pub use self::{declared::HasReferenceIds, id::ReferenceId};
use self::{
    entries::{Entries, set},
    json::Json,
};
use crate::limits;

/// A map of names to the IDs of related records, such as `{"deployment_id": "deploy_xyz789"}`.
///
/// This crate writes a JSON object whose values are strings, even for integer IDs, so that a
/// look-up by containment does not depend on the type that a program uses for its IDs. Values of
/// other programs are read as they are, with any JSON type. A column may even hold JSON that is not
/// an object: [`to_json`](Self::to_json) returns it, and every other method treats the map as
/// empty. Numbers keep every digit: one that is read from JSON is written to JSON as the same text.
///
/// A later value replaces an earlier one of the same name. An activity keeps at most
/// [`REFERENCES_MAX`](crate::limits::REFERENCES_MAX) references.
///
/// ```
/// use tracker_core::ReferenceIds;
///
/// let mut ids = ReferenceIds::new();
/// ids.insert("deployment_id", "deploy_xyz789");
/// ids.insert("container_session_id", 123);
///
/// assert_eq!(ids.get("deployment_id"), Some("deploy_xyz789"));
/// assert_eq!(
///     ids.to_json().to_string(),
///     r#"{"container_session_id":"123","deployment_id":"deploy_xyz789"}"#,
/// );
/// ```
#[derive(Clone)]
pub struct ReferenceIds(Content);

#[derive(Clone)]
enum Content {
    Object(Entries),
    /// JSON that is not an object.
    Foreign(ReferenceId),
}

impl ReferenceIds {
    /// Makes an empty map.
    #[must_use]
    pub const fn new() -> Self {
        Self(Content::Object(Vec::new()))
    }

    /// Adds the ID of a related record, or replaces the one of the same name.
    pub fn insert(&mut self, name: impl Into<Cow<'static, str>>, id: impl fmt::Display) {
        self.insert_id(name.into(), ReferenceId::text(id.to_string()));
    }

    /// Does the same as [`insert`](Self::insert) for an ID that is a `String` already.
    pub(crate) fn insert_string(&mut self, name: &'static str, id: String) {
        self.insert_id(Cow::Borrowed(name), ReferenceId::text(id));
    }

    /// Removes the string IDs under static names, and passes each to `take`.
    pub(crate) fn drain_texts(&mut self, mut take: impl FnMut(&'static str, &str)) {
        if let Content::Object(entries) = &mut self.0 {
            entries.retain(|(name, id)| match (name, id.as_str()) {
                (Cow::Borrowed(name), Some(id)) => {
                    take(name, id);
                    false
                }
                _ => true,
            });
        }
    }

    /// Iterates over the string IDs and their names.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.iter()
            .filter_map(|(name, id)| Some((name, id.as_str()?)))
    }

    /// Returns true if all IDs are strings, and [repairing](Self::repair) them would change
    /// nothing. It may be false for texts of many bytes and few characters.
    pub(crate) fn are_texts_that_fit(&self) -> bool {
        let fits = |text: &str| !text.is_empty() && limits::is_sure_to_fit(text);
        self.iter()
            .all(|(name, id)| fits(name) && id.as_str().is_some_and(fits))
    }

    /// Adds the entries of `others` whose names are new, until the map has `len_max` entries.
    pub(crate) fn add_missing(&mut self, others: &Self, len_max: usize) {
        if let Content::Object(entries) = &others.0 {
            for (name, id) in entries {
                if self.len() < len_max && !self.contains_name(name) {
                    self.insert_id(name.clone(), id.clone());
                }
            }
        }
    }

    /// Returns whether the map has an entry of this name, of any type.
    pub(crate) fn contains_name(&self, name: &str) -> bool {
        self.iter().any(|(known, _)| known == name)
    }

    fn insert_id(&mut self, name: Cow<'static, str>, id: ReferenceId) {
        if let Content::Foreign(_) = self.0 {
            *self = Self::new();
        }
        let Content::Object(entries) = &mut self.0 else {
            return;
        };
        set(entries, name, id);
    }

    /// Returns the ID of this name, if there is one and it is a string.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .find(|(known, _)| *known == name)
            .and_then(|(_, id)| id.as_str())
    }

    /// Iterates over the names and their IDs, in the order of insertion if the map was filled by
    /// this program.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ReferenceId)> {
        let entries = match &self.0 {
            Content::Object(entries) => entries.as_slice(),
            Content::Foreign(_) => &[],
        };
        entries.iter().map(|(name, id)| (&**name, id))
    }

    /// Returns the number of references.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.0 {
            Content::Object(entries) => entries.len(),
            Content::Foreign(_) => 0,
        }
    }

    /// Returns whether the map is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the approximate size of the names and IDs in bytes.
    pub(crate) fn bytes(&self) -> usize {
        match &self.0 {
            Content::Object(entries) => {
                let entries = entries.iter().map(|(name, id)| name.len() + id.bytes());
                entries.sum()
            }
            Content::Foreign(id) => id.bytes(),
        }
    }

    /// Returns the column's value. Numbers are converted as in [`ReferenceId::to_json`].
    #[must_use]
    pub fn to_json(&self) -> Value {
        match &self.0 {
            Content::Object(entries) => Value::Object(
                entries
                    .iter()
                    .map(|(name, id)| (name.to_string(), id.to_json()))
                    .collect::<Map<_, _>>(),
            ),
            Content::Foreign(id) => id.to_json(),
        }
    }

    /// Returns the column's text, in which numbers keep every digit.
    #[cfg(any(
        feature = "diesel-async",
        feature = "sea-orm",
        feature = "sqlx-postgres",
        feature = "sqlx-sqlite",
    ))]
    pub(crate) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a column's value; JSON `null` is an empty map.
    #[must_use]
    pub fn from_json(value: Value) -> Self {
        Json::from(value).into()
    }

    /// Reads a column's text. A text that is not JSON, or is nested deeper than the parser allows,
    /// becomes a JSON string, so that one odd row can't make its page unreadable.
    #[cfg(any(feature = "journal", feature = "postgres", feature = "sqlite"))]
    pub(crate) fn from_text(text: &str) -> Self {
        use std::collections::BTreeMap;

        // The IDs that this crate writes are texts.
        if let Ok(texts) = serde_json::from_str::<BTreeMap<String, String>>(text) {
            let texts = texts.into_iter();
            let entries = texts.map(|(name, id)| (Cow::Owned(name), ReferenceId::text(id)));
            return Self(Content::Object(entries.collect()));
        }
        let json = Json::parse(text);
        json.unwrap_or_else(|_| Json::String(text.to_owned()))
            .into()
    }

    /// Changes every name and ID to be within the [limits](crate::limits).
    pub(crate) fn repair(&mut self) {
        match &mut self.0 {
            Content::Object(entries) => repair::entries(entries),
            Content::Foreign(id) => {
                repair::id(id);
                if repair::names_nothing(id) {
                    *self = Self::new();
                }
            }
        }
    }
}

impl From<Json> for ReferenceIds {
    fn from(json: Json) -> Self {
        Self(match json {
            Json::Null => Content::Object(Vec::new()),
            Json::Object(entries) => Content::Object(
                entries
                    .into_iter()
                    .map(|(name, id)| (Cow::Owned(name), ReferenceId(id)))
                    .collect(),
            ),
            foreign => Content::Foreign(ReferenceId(foreign)),
        })
    }
}

/// Maps with the same names and values are equal, in any order, as in the column.
impl PartialEq for ReferenceIds {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Content::Foreign(own), Content::Foreign(other)) => own == other,
            (Content::Object(own), Content::Object(others)) => {
                own.len() == others.len() && own.iter().all(|entry| others.contains(entry))
            }
            _ => false,
        }
    }
}

impl Eq for ReferenceIds {}

impl Default for ReferenceIds {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ReferenceIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Content::Object(_) => f.debug_map().entries(self.iter()).finish(),
            Content::Foreign(id) => id.fmt(f),
        }
    }
}

impl Serialize for ReferenceIds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Content::Object(_) => serializer.collect_map(self.iter()),
            Content::Foreign(id) => id.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for ReferenceIds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Json::deserialize(deserializer).map(Self::from)
    }
}

impl<N: Into<Cow<'static, str>>, I: fmt::Display> FromIterator<(N, I)> for ReferenceIds {
    fn from_iter<T: IntoIterator<Item = (N, I)>>(references: T) -> Self {
        let mut ids = Self::new();
        for (name, id) in references {
            ids.insert(name, id);
        }
        ids
    }
}

#[cfg(test)]
mod tests;
