//! An ID of a related record: [`ReferenceId`].

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::json::Json;

/// The ID of a related record: a string, or JSON of any other type that another program wrote.
///
/// [`Display`](fmt::Display) writes JSON, so a string is in quotes. Two IDs are equal if their JSON
/// is; the numbers `1.0` and `1` are different.
#[derive(Clone, PartialEq, Eq)]
pub struct ReferenceId(pub(super) Json);

impl ReferenceId {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self(Json::String(text.into()))
    }

    /// Returns the ID if it is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.0 {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the ID as a value. A number becomes the nearest one that a [`Value`] can represent,
    /// or its text if it is out of range.
    #[must_use]
    pub fn to_json(&self) -> Value {
        self.0.to_value()
    }

    /// Returns the approximate size in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.as_str().map_or_else(|| self.0.text().len(), str::len)
    }
}

impl fmt::Display for ReferenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text())
    }
}

impl fmt::Debug for ReferenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An ID equals a text if it is that string.
impl PartialEq<str> for ReferenceId {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == Some(other)
    }
}

/// An ID equals a text if it is that string.
impl PartialEq<&str> for ReferenceId {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl Serialize for ReferenceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
