//! Ages, as in `90d`: [`Age`].

use std::{fmt, str::FromStr, time::Duration};

use serde::Deserialize;

/// The longest age. Longer ones are typing errors, and begin before any calendar.
const AGE_MAX: Duration = Duration::from_hours(24 * 365_250);

/// An age, of at most 1,000 years.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd)]
#[serde(try_from = "String")]
pub(crate) struct Age(pub(crate) Duration);

impl FromStr for Age {
    type Err = InvalidAge;

    fn from_str(text: &str) -> Result<Self, InvalidAge> {
        let age = match humantime::parse_duration(text) {
            Err(humantime::DurationError::NumberOverflow) => return Err(InvalidAge::TooLong),
            age => age?,
        };
        if age > AGE_MAX {
            return Err(InvalidAge::TooLong);
        }
        Ok(Self(age))
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

/// The reason why a text is no age.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidAge {
    #[error("no length of time such as 90d, 12h or 1year")]
    Malformed(#[from] humantime::DurationError),
    #[error("longer than 1000 years, which is the most that can be meant")]
    TooLong,
}
