//! Times, offsets from UTC and time zones as parameters tell them.

use jiff::{Timestamp, tz::TimeZone};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tracker_core::timeline::UtcOffsets;

/// Until when changes of clocks are known, in seconds since the Unix epoch: 2100-01-01. The rule of
/// a zone has no end, and a series has one.
const KNOWN_UNTIL: i64 = 4_102_444_800;

/// A time as milliseconds since the Unix epoch.
pub(super) fn ms(text: &str) -> Result<i64, String> {
    if let Ok(ms) = text.parse() {
        return Ok(ms);
    }
    // In a query string a `+` is a space, which nobody means in a time.
    let time = OffsetDateTime::parse(&text.replace(' ', "+"), &Rfc3339);
    let time = time.map_err(|_| {
        "it is RFC 3339, as in 2026-11-24T08:01:31Z, or a number of milliseconds since the Unix epoch"
    })?;
    i64::try_from(time.unix_timestamp_nanos().div_euclid(1_000_000))
        .map_err(|error| error.to_string())
}

/// How far clocks are ahead of UTC, in seconds.
pub(super) fn utc_offset(text: &str) -> Result<i32, String> {
    let wrong = || "it is `+hh:mm`, `-hh:mm` or `Z`, from -18:00 to +18:00".to_owned();
    if text == "Z" {
        return Ok(0);
    }
    let (sign, digits) = match text.split_at_checked(1).ok_or_else(wrong)? {
        ("+" | " ", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return Err(wrong()),
    };
    let (hours, minutes) = digits.split_once(':').ok_or_else(wrong)?;
    let number = |text: &str| {
        let is_number = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number
            .then(|| text.parse::<i32>().ok())
            .flatten()
            .ok_or_else(wrong)
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    if minutes > 59 || hours * 60 + minutes > 18 * 60 {
        return Err(wrong());
    }
    Ok(sign * (hours * 3_600 + minutes * 60))
}

/// How far the clocks of a zone are ahead of UTC and when they are changed, by its IANA name.
///
/// The zones are those that the program was built with, not those of the machine it runs on: an
/// answer is the same everywhere.
pub(super) fn time_zone(name: &str) -> Result<UtcOffsets, String> {
    let zone = TimeZone::get(name).ok();
    // One that says that nobody knows which it is.
    let zone = zone.filter(|zone| !zone.is_unknown());
    let zone = zone.ok_or("it is the IANA name of a time zone, as in America/New_York")?;
    let changes = zone
        .following(Timestamp::MIN)
        .take_while(|change| change.timestamp().as_second() < KNOWN_UNTIL)
        .map(|change| {
            (
                change.timestamp().as_millisecond(),
                change.offset().seconds(),
            )
        });
    let first = zone.to_offset(Timestamp::MIN).seconds();
    Ok(UtcOffsets::changing(first, changes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_both_forms() {
        assert_eq!(ms("-5"), Ok(-5));
        assert_eq!(ms("1970-01-01T00:00:01.5Z"), Ok(1_500));
        assert_eq!(ms("1970-01-01T02:00:00+02:00"), Ok(0));
        // As it arrives where the plus was not encoded.
        assert_eq!(ms("1970-01-01T02:00:00 02:00"), Ok(0));
        for wrong in ["", "yesterday", "2026-11-24", "9999999999999999999", "1e3"] {
            assert!(ms(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_offset_is_read_to_the_minute() {
        for (text, seconds) in [
            ("Z", 0),
            ("+02:00", 7_200),
            ("-03:30", -12_600),
            (" 18:00", 64_800),
        ] {
            assert_eq!(utc_offset(text), Ok(seconds));
        }
        for wrong in [
            "", "2", "+2:00", "+02", "+18:01", "+02:60", "+aa:00", "é02:00", "++2:00",
        ] {
            assert!(utc_offset(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_zone_has_the_offset_of_each_season() {
        for (name, time, offset) in [
            ("America/New_York", "2026-10-31T23:59:59Z", "-04:00"),
            ("America/New_York", "2026-11-01T05:59:59Z", "-04:00"),
            ("America/New_York", "2026-11-01T06:00:00Z", "-05:00"),
            ("America/New_York", "2099-07-01T00:00:00Z", "-04:00"),
            ("Asia/Calcutta", "2026-07-01T00:00:00Z", "+05:30"),
            ("Asia/Kolkata", "2026-07-01T00:00:00Z", "+05:30"),
            ("Africa/Casablanca", "2026-02-20T00:00:00Z", "Z"),
            ("Africa/Casablanca", "2026-07-01T00:00:00Z", "+01:00"),
            ("UTC", "2026-07-01T00:00:00Z", "Z"),
        ] {
            let offsets = time_zone(name).unwrap();
            let offset = utc_offset(offset).unwrap();
            assert_eq!(offsets.at(ms(time).unwrap()), offset, "{name} at {time}");
        }
    }

    #[test]
    fn what_names_no_zone_is_refused() {
        let long = "America/".repeat(100);
        for wrong in [
            "",
            "Mars/Base",
            "Etc/Unknown",
            "../UTC",
            "+02:00",
            "EST5EDT,M3",
            &long,
        ] {
            assert!(time_zone(wrong).is_err(), "{wrong}");
        }
    }
}
