//! How old something is, as in `90d`: [`Age`].

use std::{fmt, str::FromStr, time::Duration};

use serde::Deserialize;

/// A length of time.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd)]
#[serde(try_from = "String")]
pub(crate) struct Age(pub(crate) Duration);

impl FromStr for Age {
    type Err = InvalidAge;

    fn from_str(text: &str) -> Result<Self, InvalidAge> {
        Ok(Self(humantime::parse_duration(text)?))
    }
}

impl TryFrom<String> for Age {
    type Error = InvalidAge;

    fn try_from(text: String) -> Result<Self, InvalidAge> {
        text.parse()
    }
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        humantime::format_duration(self.0).fmt(f)
    }
}

/// The text is no length of time.
#[derive(Debug, thiserror::Error)]
#[error("no length of time such as 90d, 12h or 1year")]
pub(crate) struct InvalidAge(#[from] humantime::DurationError);
