//! One of the IDs: [`ReferenceId`].

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::json::Json;

/// The ID of a related record: a text, or JSON of any other type that another program wrote.
///
/// It shows as JSON, a text in quotes. It is equal to another one of the same JSON, in which `1.0`
/// is another number than `1`.
#[derive(Clone, PartialEq, Eq)]
pub struct ReferenceId(pub(super) Json);

impl ReferenceId {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self(Json::String(text.into()))
    }

    /// The ID, if it is a text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.0 {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// The ID as a value. A number becomes the nearest one that a [`Value`] holds, and one beyond
    /// all of these its text.
    #[must_use]
    pub fn to_json(&self) -> Value {
        self.0.to_value()
    }

    /// About how many bytes it takes.
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

/// Equal to a text is the same text.
impl PartialEq<str> for ReferenceId {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == Some(other)
    }
}

/// Equal to a text is the same text.
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
