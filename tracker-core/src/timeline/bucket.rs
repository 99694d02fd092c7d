//! The stretches of time by which activities are counted: [`Bucket`].

/// A stretch of time by which activities are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bucket {
    /// A day, as a number of days since 1970-01-01.
    Day,
    /// An hour, as the time at which it begins, in milliseconds since the Unix epoch. A change of
    /// clocks within an hour begins another one.
    Hour,
}

impl Bucket {
    /// The length in milliseconds of a day on which no clock is changed.
    pub const DAY_MS: i64 = 24 * Self::HOUR_MS;

    /// The length of an hour in milliseconds.
    pub const HOUR_MS: i64 = 3_600_000;
}
