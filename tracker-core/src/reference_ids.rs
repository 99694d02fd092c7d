//! Links from an activity to the records that came of it: the map [`ReferenceIds`], the row's
//! `reference_ids`, and [`HasReferenceIds`], what a returned value implements to fill it.

pub(crate) mod declared;
mod id;
mod json;
mod repair;

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use self::json::Json;
pub use self::{declared::HasReferenceIds, id::ReferenceId};

/// Names of related records and their IDs, as in `{"deployment_id": "deploy_xyz789"}`.
///
/// What this crate writes is a JSON object whose values are strings, an integer ID included, so
/// that a look-up by containment never depends on how a program types its IDs. What other
/// programs wrote is read as it is: values of any JSON type, and even a column that holds no object,
/// which [`to_json`](Self::to_json) gives back and every other method takes for empty. Their numbers
/// keep every digit: what is read from JSON is the same text where it is written as JSON again.
///
/// A later value replaces an earlier one of the same name. An activity keeps at most
/// [`REFERENCES_MAX`](crate::limits::REFERENCES_MAX) of them.
///
/// ```
/// use tracker_core::ReferenceIds;
///
/// let mut ids = ReferenceIds::new();
/// ids.insert("deployment_id", "deploy_xyz789");
/// ids.insert("container_session_id", 123);
///
/// assert_eq!(ids.get("deployment_id"), Some("deploy_xyz789"));
/// assert_eq!(ids.to_json().to_string(), r#"{"container_session_id":"123","deployment_id":"deploy_xyz789"}"#);
/// ```
#[derive(Clone)]
pub struct ReferenceIds(Content);

type Entries = Vec<(Cow<'static, str>, ReferenceId)>;

#[derive(Clone)]
enum Content {
    Object(Entries),
    /// JSON that is no object.
    Foreign(ReferenceId),
}

impl ReferenceIds {
    /// No references.
    #[must_use]
    pub const fn new() -> Self {
        Self(Content::Object(Vec::new()))
    }

    /// Adds the ID of a related record, or replaces the one of that name.
    pub fn insert(&mut self, name: impl Into<Cow<'static, str>>, id: impl fmt::Display) {
        self.insert_id(name.into(), ReferenceId::text(id.to_string()));
    }

    /// [`insert`](Self::insert) for an ID that is a string already.
    pub(crate) fn insert_string(&mut self, name: &'static str, id: String) {
        self.insert_id(Cow::Borrowed(name), ReferenceId::text(id));
    }

    /// Takes out the texts under constant names.
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

    /// Adds what is under names that are not there yet, until there are `len_max`.
    pub(crate) fn add_missing(&mut self, others: &Self, len_max: usize) {
        if let Content::Object(entries) = &others.0 {
            for (name, id) in entries {
                if self.len() < len_max && !self.contains_name(name) {
                    self.insert_id(name.clone(), id.clone());
                }
            }
        }
    }

    /// Whether there is anything under that name.
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

    /// The ID of that name, if there is one and it is a string.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .find(|(known, _)| *known == name)
            .and_then(|(_, id)| id.as_str())
    }

    /// The names and their IDs: of a map that was filled here in the order of insertion.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ReferenceId)> {
        let entries = match &self.0 {
            Content::Object(entries) => entries.as_slice(),
            Content::Foreign(_) => &[],
        };
        entries.iter().map(|(name, id)| (&**name, id))
    }

    /// How many references there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.0 {
            Content::Object(entries) => entries.len(),
            Content::Foreign(_) => 0,
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// About how many bytes its names and IDs take.
    pub(crate) fn bytes(&self) -> usize {
        match &self.0 {
            Content::Object(entries) => {
                let entries = entries.iter().map(|(name, id)| name.len() + id.bytes());
                entries.sum()
            }
            Content::Foreign(id) => id.bytes(),
        }
    }

    /// The column's value, in which numbers are as [`ReferenceId::to_json`] has them.
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

    /// The column's text, digit by digit.
    #[cfg(any(
        feature = "diesel-async",
        feature = "journal",
        feature = "sea-orm",
        feature = "sqlite",
        feature = "sqlx-postgres",
    ))]
    pub(crate) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What a column with this value says; JSON `null` is no references.
    #[must_use]
    pub fn from_json(value: Value) -> Self {
        Json::from(value).into()
    }

    /// What a column with this text says. One that is no JSON, or is nested deeper than the parser
    /// takes, is the JSON string of it, so that one odd row doesn't hide the page it is on.
    #[cfg(any(feature = "journal", feature = "postgres", feature = "sqlite"))]
    pub(crate) fn from_text(text: &str) -> Self {
        let json = Json::parse(text);
        json.unwrap_or_else(|_| Json::String(text.to_owned()))
            .into()
    }

    /// Brings every name and ID within the [limits](crate::limits).
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

fn set(entries: &mut Entries, name: Cow<'static, str>, id: ReferenceId) {
    match entries.iter_mut().find(|(known, _)| *known == name) {
        Some((_, known)) => *known = id,
        None => entries.push((name, id)),
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

/// Equal are the same names with the same values, in any order, as for the column.
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
