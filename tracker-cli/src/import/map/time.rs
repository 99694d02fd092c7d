//! The time of a row: [`Time`].

use jiff::{Timestamp, fmt::strtime, tz::TimeZone};
use serde::Deserialize;
use thiserror::Error;

use super::{
    error::{RowError, TimeError, shown},
    place::Row,
    template::Template,
};

/// The two ways to write a date and a time without a zone.
const DATE_TIME: [&str; 2] = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"];

/// The parts of a pattern that say how far the clock is from UTC.
const OFFSETS: [&str; 7] = ["%z", "%:z", "%::z", "%:::z", "%Q", "%:Q", "%s"];

/// The text that has the time, and its format.
#[derive(Deserialize)]
#[serde(try_from = "Written")]
pub(super) struct Time {
    from: Template,
    /// The format as the map names it.
    name: String,
    format: Format,
}

enum Format {
    Rfc3339,
    /// A decimal number of units, of which a millisecond is ten to the power of this.
    Number(u32),
    /// The clocks of a zone.
    Clocks {
        pattern: String,
        /// Tried where `pattern` does not fit.
        or: Option<&'static str>,
        zone: TimeZone,
    },
    /// A pattern with the offset from UTC.
    Pattern(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    from: Template,
    #[serde(default = "rfc3339")]
    format: String,
    zone: Option<String>,
}

fn rfc3339() -> String {
    "rfc3339".to_owned()
}

/// The reason why a format can't be meant.
#[derive(Debug, Error)]
enum InvalidFormat {
    #[error(
        "the format `{0}` is none of rfc3339, date-time, seconds, milliseconds, and no pattern such as %d.%m.%Y %H:%M"
    )]
    Unknown(String),
    #[error(
        "the format `{0}` needs a `zone`, such as \"UTC\" or \"Europe/Berlin\": a clock alone is no time"
    )]
    NoZone(String),
    #[error("the format `{0}` says itself what time it is: leave `zone` out")]
    TwoZones(String),
    #[error("the zone `{0}` is unknown: its name is one such as UTC or Europe/Berlin")]
    Zone(String, #[source] jiff::Error),
    #[error("the pattern `{0}` tells no time")]
    Pattern(String, #[source] TimeError),
    #[error("`from` names no column, as `{{created_at}}` does")]
    Constant,
}

impl TryFrom<Written> for Time {
    type Error = InvalidFormat;

    fn try_from(written: Written) -> Result<Self, InvalidFormat> {
        let Written {
            from,
            format: name,
            zone,
        } = written;
        if from.column().is_none() {
            return Err(InvalidFormat::Constant);
        }
        let zone = zone.map(|zone| {
            let found = TimeZone::get(&zone);
            found.map_err(|error| InvalidFormat::Zone(zone, error))
        });
        let has_offset = OFFSETS.iter().any(|offset| name.contains(offset));
        let format = match (&*name, zone.transpose()?) {
            ("rfc3339", None) => Format::Rfc3339,
            ("seconds", None) => Format::Number(3),
            ("milliseconds", None) => Format::Number(0),
            ("date-time", Some(zone)) => Format::Clocks {
                pattern: DATE_TIME[0].to_owned(),
                or: Some(DATE_TIME[1]),
                zone,
            },
            (pattern, Some(zone)) if pattern.contains('%') && !has_offset => Format::Clocks {
                pattern: pattern.to_owned(),
                or: None,
                zone,
            },
            (pattern, None) if has_offset => Format::Pattern(pattern.to_owned()),
            ("rfc3339" | "seconds" | "milliseconds", Some(_)) => {
                return Err(InvalidFormat::TwoZones(name));
            }
            (_, Some(_)) if has_offset => return Err(InvalidFormat::TwoZones(name)),
            (pattern, None) if pattern == "date-time" || pattern.contains('%') => {
                return Err(InvalidFormat::NoZone(name));
            }
            _ => return Err(InvalidFormat::Unknown(name)),
        };
        let time = Self { from, name, format };
        time.check()
            .map_err(|error| InvalidFormat::Pattern(time.name.clone(), error))?;
        Ok(time)
    }
}

impl Time {
    pub(super) fn template(&self) -> &Template {
        &self.from
    }

    /// Returns the time of a row, in milliseconds since the Unix epoch; a finer one is rounded
    /// down. Where a clock is set back and an hour comes twice, it is the first one.
    pub(super) fn get(&self, row: &Row<'_>) -> Result<i64, RowError> {
        let text = self.from.required("created_at", row)?;
        self.ms(text.trim()).map_err(|source| RowError::NoTime {
            column: self.from.column().unwrap_or_default().to_owned(),
            value: shown(&text),
            format: self.name.clone(),
            source,
        })
    }

    fn ms(&self, text: &str) -> Result<i64, TimeError> {
        let time = match &self.format {
            Format::Number(digits) => {
                let ms = decimal(text, *digits).ok_or(TimeError::Number)?;
                Timestamp::from_millisecond(ms).map_err(|_| TimeError::Far)?;
                return Ok(ms);
            }
            Format::Rfc3339 => text.parse()?,
            Format::Pattern(pattern) => strtime::parse(pattern, text)?.to_timestamp()?,
            Format::Clocks { pattern, or, zone } => {
                let other = || strtime::parse((*or)?, text).ok();
                let parsed = strtime::parse(pattern, text);
                let parsed = parsed.or_else(|error| other().ok_or(error))?;
                zone.to_timestamp(parsed.to_datetime()?)?
            }
        };
        let ms = time.as_nanosecond().div_euclid(1_000_000);
        i64::try_from(ms).map_err(|_| TimeError::Far)
    }

    /// Reads a time that the pattern itself has written.
    fn check(&self) -> Result<(), TimeError> {
        let (pattern, zone) = match &self.format {
            Format::Rfc3339 | Format::Number(_) => return Ok(()),
            Format::Pattern(pattern) => (pattern, &TimeZone::UTC),
            Format::Clocks { pattern, zone, .. } => (pattern, zone),
        };
        let day = Timestamp::UNIX_EPOCH.to_zoned_datetime(zone.clone());
        self.ms(&strtime::format(pattern, &day)?).map(drop)
    }
}

/// Returns a decimal number times ten to the power of `digits`, rounded down.
fn decimal(text: &str, digits: u32) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let places = digits as usize;
    let kept = fraction.bytes().chain(std::iter::repeat(b'0')).take(places);
    let kept = kept.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    let rest = fraction.get(places..).unwrap_or_default();
    let is_more = rest.bytes().any(|digit| digit != b'0');
    let whole_scaled = whole.parse::<i64>().ok()?.checked_mul(10_i64.pow(digits))?;
    if whole.starts_with('-') {
        whole_scaled.checked_sub(kept + i64::from(is_more))
    } else {
        whole_scaled.checked_add(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(toml: &str) -> Result<Time, String> {
        toml::from_str(&format!("from = \"{{at}}\"\n{toml}"))
            .map_err(|error| error.message().to_owned())
    }

    fn ms(toml: &str, text: &str) -> Result<i64, String> {
        let row = serde_json::json!({ "at": text }).to_string();
        let ms = time(toml)?.get(&serde_json::from_str(&row).unwrap());
        ms.map_err(|error| crate::failure::line(&error))
    }

    #[test]
    fn a_time_is_read_in_each_format() {
        let utc = "format = 'date-time'\nzone = 'UTC'";
        let berlin = "format = 'date-time'\nzone = 'Europe/Berlin'";
        let german = "format = '%d.%m.%Y %H:%M'\nzone = 'Europe/Berlin'";
        for (toml, text, expected) in [
            ("", "2026-11-24T08:01:31Z", 1_795_507_291_000),
            ("", "2026-11-24 09:01:31.2509+01:00", 1_795_507_291_250),
            ("", "2026-11-24 08:01:31+00", 1_795_507_291_000),
            (utc, "2026-11-24 08:01:31", 1_795_507_291_000),
            (utc, " 2026-11-24T08:01:31.123456 ", 1_795_507_291_123),
            (berlin, "2026-11-24 09:01:31", 1_795_507_291_000),
            (berlin, "2026-07-01 02:00:00", 1_782_864_000_000),
            (german, "24.11.2026 09:01", 1_795_507_260_000),
            ("format = '%s'", "1795507291", 1_795_507_291_000),
            (
                "format = '%F %T %z'",
                "2026-11-24 09:01:31 +0100",
                1_795_507_291_000,
            ),
            ("format = 'seconds'", "1795507291", 1_795_507_291_000),
            ("format = 'seconds'", "1795507291.2509", 1_795_507_291_250),
            ("format = 'seconds'", "-0.0005", -1),
            (
                "format = 'milliseconds'",
                "1795507291250",
                1_795_507_291_250,
            ),
        ] {
            assert_eq!(ms(toml, text), Ok(expected), "{toml}: {text}");
        }
    }

    #[test]
    fn an_hour_that_comes_twice_is_the_first_and_one_that_never_comes_is_moved() {
        let berlin = "format = 'date-time'\nzone = 'Europe/Berlin'";
        // Clocks go from 03:00 back to 02:00, and from 02:00 to 03:00.
        assert_eq!(
            ms(berlin, "2026-10-25 02:30:00"),
            ms("", "2026-10-25T00:30:00Z")
        );
        assert_eq!(
            ms(berlin, "2026-03-29 02:30:00"),
            ms("", "2026-03-29T01:30:00Z")
        );
    }

    #[test]
    fn what_is_no_time_of_the_format_says_so_with_the_column() {
        let utc = "format = 'date-time'\nzone = 'UTC'";
        for (toml, text) in [
            ("", "2026-11-24 08:01:31"),
            ("", "yesterday"),
            (utc, "2026-11-24 08:01:31+01:00"),
            (utc, "2026-13-24 08:01:31"),
            (utc, "2026-11-24"),
            ("format = 'seconds'", "1795507291000"),
            ("format = 'seconds'", "1e9"),
            ("format = 'seconds'", "1."),
            ("format = 'milliseconds'", "99999999999999999999"),
        ] {
            let error = ms(toml, text).unwrap_err();
            let says = format!("column `at`: `{text}` is no time of the format ");
            assert!(error.starts_with(&says), "{error}");
        }
        let error = ms("", "").unwrap_err();
        assert!(
            error.contains("an activity needs its created_at"),
            "{error}"
        );
    }

    #[test]
    fn a_format_that_can_not_be_meant_is_refused() {
        for (toml, says) in [
            ("format = 'iso'", "none of rfc3339"),
            ("format = 'date-time'", "needs a `zone`"),
            ("format = '%Y-%m-%d %H:%M'", "needs a `zone`"),
            ("zone = 'UTC'", "leave `zone` out"),
            ("format = '%s'\nzone = 'UTC'", "leave `zone` out"),
            (
                "format = 'date-time'\nzone = 'Berlin'",
                "`Berlin` is unknown",
            ),
            ("format = '%H:%M'\nzone = 'UTC'", "tells no time"),
            ("format = '%Y-%m-%d %!'\nzone = 'UTC'", "tells no time"),
        ] {
            let error = time(toml).err().unwrap();
            assert!(error.contains(says), "{toml}: {error}");
        }
    }
}
