//! The period of a partition: [`Period`].

use std::{fmt, str::FromStr};

/// The period that each partition covers; it begins and ends with days of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Period {
    /// A month: for up to some hundred million activities per month, kept for years.
    Month,
    /// A day: if a month would be too much for one partition, or activities are kept for weeks.
    /// About a thousand days are the practical limit.
    Day,
}

impl Period {
    /// Returns `month` or `day`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Day => "day",
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Period {
    type Err = UnknownPeriod;

    fn from_str(text: &str) -> Result<Self, UnknownPeriod> {
        match text {
            "month" => Ok(Self::Month),
            "day" => Ok(Self::Day),
            _ => Err(UnknownPeriod),
        }
    }
}

/// The text names no [`Period`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a partition is for a month or for a day")]
pub struct UnknownPeriod;
