//! How much happened on which day: [`DayCount`].

/// How many activities of one type there are on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayCount {
    /// The day, as a number of days since 1970-01-01.
    pub day: i64,
    /// The action type; `None` for rows that have none.
    pub action_type: Option<String>,
    /// How many.
    pub count: u64,
}

impl DayCount {
    /// The length of a day, in milliseconds.
    pub const DAY_MS: i64 = 86_400_000;

    /// The day of a time in milliseconds since the Unix epoch, where clocks are `utc_offset` seconds ahead of UTC.
    #[must_use]
    pub fn day_of(created_at: i64, utc_offset: i32) -> i64 {
        created_at
            .saturating_add(i64::from(utc_offset) * 1_000)
            .div_euclid(Self::DAY_MS)
    }
}
