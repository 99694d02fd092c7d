//! The outcome of an activity: [`Status`], the row's `status`.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The outcome of the recorded call.
///
/// ```
/// use tracker_core::Status;
///
/// assert_eq!(Status::Success.as_str(), "success");
/// assert_eq!(Status::from("rolled_back"), Status::Other("rolled_back".into()));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// `success`: the function returned `Ok`, or a value that is no `Result`.
    #[default]
    Success,
    /// `failure`: the function returned `Err`.
    Failure,
    /// `panicked`: the function panicked.
    Panicked,
    /// `cancelled`: the function's future was dropped before it completed.
    Cancelled,
    /// A status that another program wrote.
    Other(Box<str>),
}

impl Status {
    /// Returns the text that is stored in the row.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Panicked => "panicked",
            Self::Cancelled => "cancelled",
            Self::Other(status) => status,
        }
    }
}

impl From<&str> for Status {
    fn from(status: &str) -> Self {
        match status {
            "success" => Self::Success,
            "failure" => Self::Failure,
            "panicked" => Self::Panicked,
            "cancelled" => Self::Cancelled,
            other => Self::Other(other.into()),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer).map(|status| Self::from(&*status))
    }
}
