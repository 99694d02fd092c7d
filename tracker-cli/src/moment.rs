//! Points in time, read and shown.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use thiserror::Error;
use time::{
    Date, OffsetDateTime, UtcOffset,
    format_description::{BorrowedFormatItem, well_known::Rfc3339},
    macros::format_description,
};

use super::age::{Age, InvalidAge};

const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
const SHOWN: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
const SHORT: &[BorrowedFormatItem<'_>] = format_description!("[month]-[day] [hour]:[minute]");
const MONTH: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]");

/// The length of the text of [`shown`].
pub(crate) const SHOWN_WIDTH: usize = 19;

/// The length of the text of [`short`].
pub(crate) const SHORT_WIDTH: usize = 11;

/// The reason why a text is no point in time.
#[derive(Debug, Error)]
pub(crate) enum InvalidMoment {
    #[error(
        "neither how long ago (2h, 3days 12h), nor a date (2026-11-24, from 00:00 UTC), nor a time (2026-11-24T08:00:00Z)"
    )]
    Malformed,
    #[error(transparent)]
    Age(InvalidAge),
}

/// A point in time, in milliseconds since the Unix epoch: how long ago, a date, or a time with its
/// offset.
pub(crate) fn parse(text: &str) -> Result<i64, InvalidMoment> {
    if let Some(ms) = of_rfc3339(text) {
        return Ok(ms);
    }
    if let Ok(date) = Date::parse(text, DATE) {
        return Ok(ms_of(date.midnight().assume_utc()));
    }
    let ago: Age = text.parse().map_err(|error| match error {
        InvalidAge::Malformed(_) => InvalidMoment::Malformed,
        InvalidAge::TooLong => InvalidMoment::Age(error),
    })?;
    Ok(before_now(ago.0))
}

/// Returns the time of a text of RFC 3339, in milliseconds since the Unix epoch.
pub(crate) fn of_rfc3339(text: &str) -> Option<i64> {
    OffsetDateTime::parse(text, &Rfc3339).ok().map(ms_of)
}

/// Returns the time so long ago, in milliseconds since the Unix epoch.
pub(crate) fn before_now(ago: Duration) -> i64 {
    let ago = i64::try_from(ago.as_millis()).unwrap_or(i64::MAX);
    now().saturating_sub(ago)
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(i64::MAX)
}

fn ms_of(time: OffsetDateTime) -> i64 {
    let ms = time.unix_timestamp_nanos().div_euclid(1_000_000);
    // Years of four digits are far from the limits of the type.
    i64::try_from(ms).unwrap_or(i64::MAX)
}

/// Returns a time for people, in UTC, or as a number if no calendar has it.
pub(crate) fn shown(ms: i64) -> String {
    formatted(ms, SHOWN)
}

/// Returns the day and the minute of a time, in UTC, for a narrow place.
pub(crate) fn short(ms: i64) -> String {
    formatted(ms, SHORT)
}

/// Returns the day of a time, in UTC.
pub(crate) fn day(ms: i64) -> String {
    formatted(ms, DATE)
}

/// Returns the month of a time, in UTC.
pub(crate) fn month(ms: i64) -> String {
    formatted(ms, MONTH)
}

/// Returns the time at the beginning of a UUIDv7.
pub(crate) fn of_id(id: &str) -> Option<i64> {
    let digits: String = id.chars().filter(|letter| *letter != '-').collect();
    i64::from_str_radix(digits.get(..12)?, 16).ok()
}

fn formatted(ms: i64, format: &[BorrowedFormatItem<'_>]) -> String {
    let time = OffsetDateTime::from_unix_timestamp(ms.div_euclid(1_000));
    let time = time.ok().filter(|time| time.year() >= 0);
    time.and_then(|time| time.to_offset(UtcOffset::UTC).format(format).ok())
        .unwrap_or_else(|| ms.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_given_in_three_ways() {
        assert_eq!(parse("2026-11-24").unwrap(), 1_795_478_400_000);
        assert_eq!(parse("2026-11-24T08:01:31Z").unwrap(), 1_795_507_291_000);
        assert_eq!(
            parse("2026-11-24T09:01:31.250+01:00").unwrap(),
            1_795_507_291_250
        );
        let ago = now() - parse("2h").unwrap();
        assert!((7_200_000..7_260_000).contains(&ago), "{ago}");
    }

    #[test]
    fn anything_else_is_an_error_that_tells_the_ways() {
        for text in [
            "",
            "yesterday",
            "2026-13-01",
            "2026-11-24T08:00",
            "-2h",
            "7",
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains("2026-11-24T08:00:00Z"), "{text}: {error}");
        }
        assert!(parse("1000years").is_ok());
        assert!(parse("1001years").is_err());
    }

    #[test]
    fn a_time_is_shown_in_utc_whatever_it_is() {
        assert_eq!(shown(1_795_507_291_999), "2026-11-24 08:01:31");
        assert_eq!(short(1_795_507_291_999), "11-24 08:01");
        assert_eq!(shown(-1), "1969-12-31 23:59:59");
        assert_eq!(day(1_795_507_291_999), "2026-11-24");
        assert_eq!(month(1_795_507_291_999), "2026-11");
        assert_eq!(of_id("01a20c3e-b82b-7"), Some(0x01a2_0c3e_b82b));
        assert_eq!(of_id("01a20c"), None);
        assert_eq!(shown(i64::MAX), i64::MAX.to_string());
        assert_eq!(shown(i64::MIN), i64::MIN.to_string());
    }
}
