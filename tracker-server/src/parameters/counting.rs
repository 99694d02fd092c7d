//! Counting: by days or hours, of which clocks, and beside what a stream brings.

use jiff::{Timestamp, tz::TimeZone};
use tracker_core::timeline::{Bucket, Place, UtcOffsets};

use super::{
    filters::ms,
    parameter::{Kind, Parameter, text},
    values::Values,
};
use crate::{event_id::EventId, problem::Problem};

/// The end of the known clock changes, in seconds since the Unix epoch: 2100-01-01. The rule of a
/// zone has no end, and a series of offsets needs one.
const KNOWN_UNTIL: i64 = 4_102_444_800;

/// The clocks by which a day begins.
pub(crate) enum Clocks<'a> {
    /// The same offset all the year, in seconds ahead of UTC.
    Same(i32),
    /// The clocks of a zone, with the name under which the request asked for it.
    OfZone(&'a str, UtcOffsets),
}

/// The longest range that is counted by hour, in days.
const HOURS_DAYS_MAX: i64 = 31;

/// The parameters of counting.
pub(crate) const COUNTING: &[Parameter] = &[
    Parameter {
        kind: Kind::Choice(&["day", "hour"]),
        ..text(
            "bucket",
            "Whether to count by `day`, as unless set, or by `hour`, for which `created_after` and `created_before` are at most 31 days apart.",
        )
    },
    text(
        "place",
        "The ID of an event of the stream, which may be `ready`. Each count then also says how many of its activities came before that event, \
         or are it: the stream does not bring these after it. A client that shows the greater one of `count`, and of `count_before` with what the stream \
         has brought since, counts nothing twice.",
    ),
    text(
        "time_zone",
        "The zone in which a day begins, by its IANA name: `America/New_York`. Days on which its clocks are changed have 23 or 25 hours. \
         Changes are known until the year 2100.",
    ),
    text(
        "utc_offset",
        "Instead of a zone, how far clocks are ahead of UTC all the year: `+02:00`, `-03:30` or `Z`, which is the default.",
    ),
];

impl Values {
    /// Returns what to count by. Hours of a longer range than 31 days are refused.
    pub(crate) fn bucket(&self) -> Result<Bucket, Problem> {
        if self.one("bucket") != Some("hour") {
            return Ok(Bucket::Day);
        }
        let limit = |name| {
            let given = self.parsed(name, ms)?;
            given.ok_or_else(|| Problem::parameter(name, "is needed to count by hour"))
        };
        let (after, before) = (limit("created_after")?, limit("created_before")?);
        if before.saturating_sub(after) > HOURS_DAYS_MAX * Bucket::DAY_MS {
            let few = format!("is `hour` for {HOURS_DAYS_MAX} days at most: count by day");
            return Err(Problem::parameter("bucket", &few));
        }
        Ok(Bucket::Hour)
    }

    /// Returns the place up to which arrivals are told apart.
    pub(crate) fn place(&self) -> Result<Option<Place>, Problem> {
        self.parsed("place", |text| {
            let event = text.parse::<EventId>().map(|event| event.place);
            event.map_err(|_| "is the ID of an event of the stream, unchanged".to_owned())
        })
    }

    /// Returns the clocks that the request counts days by: UTC where it names none.
    pub(crate) fn clocks(&self) -> Result<Clocks<'_>, Problem> {
        let offset = self.parsed("utc_offset", utc_offset)?;
        let Some(offsets) = self.parsed("time_zone", time_zone)? else {
            return Ok(Clocks::Same(offset.unwrap_or(0)));
        };
        if offset.is_some() {
            let both = "can't be given with time_zone: leave one of them out";
            return Err(Problem::parameter("utc_offset", both));
        }
        let name = self.one("time_zone").unwrap_or_default();
        Ok(Clocks::OfZone(name, offsets))
    }
}

/// Parses an offset from UTC into seconds. Clocks ahead of UTC have a positive one.
fn utc_offset(text: &str) -> Result<i32, String> {
    let wrong = || "is `+hh:mm`, `-hh:mm` or `Z`, from -18:00 to +18:00".to_owned();
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

/// Returns the offsets of a zone from UTC, and the times at which they change, by its IANA name.
///
/// The zones are compiled into the program instead of being read from the machine, so an answer is
/// the same everywhere.
fn time_zone(name: &str) -> Result<UtcOffsets, String> {
    let zone = TimeZone::get(name).ok();
    // `Etc/Unknown` is a name for no zone at all.
    let zone = zone.filter(|zone| !zone.is_unknown());
    let zone = zone.ok_or("is the IANA name of a time zone, as in America/New_York")?;
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
