//! The time of an entry, which has two keys: [`read`].

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use thiserror::Error;

use crate::moment;

/// The key of the column.
pub(super) const CREATED_AT: &str = "created_at";

/// The key that the API has beside the column.
pub(super) const CREATED_AT_RFC3339: &str = "created_at_rfc3339";

/// The reason why an entry has no time that can be read.
#[derive(Debug, Error)]
pub(super) enum TimeError {
    #[error(
        "its {0} is no time: created_at has milliseconds since 1970-01-01 in UTC, as a number, or a text of RFC 3339, such as 2026-11-24T08:01:31Z; created_at_rfc3339 has such a text"
    )]
    Malformed(&'static str),
    #[error(
        "its created_at ({created_at}) and its created_at_rfc3339 ({rfc3339}) are not the same time: leave one of them out"
    )]
    Twofold { created_at: String, rfc3339: String },
}

/// Returns the time of an entry with these keys, in milliseconds since the Unix epoch.
pub(super) fn read(keys: &BTreeMap<String, &RawValue>) -> Result<Option<i64>, TimeError> {
    let value = |key| {
        keys.get(key)
            .map(|raw| raw.get())
            .filter(|raw| *raw != "null")
    };
    let created_at = value(CREATED_AT)
        .map(|raw| ms(raw).ok_or(TimeError::Malformed(CREATED_AT)))
        .transpose()?;
    let rfc3339 = value(CREATED_AT_RFC3339)
        .map(|raw| ms_of_text(raw).ok_or(TimeError::Malformed(CREATED_AT_RFC3339)))
        .transpose()?;
    match (created_at, rfc3339) {
        (Some(one), Some(other)) if one != other => {
            let told = |key| value(key).unwrap_or_default().to_owned();
            Err(TimeError::Twofold {
                created_at: told(CREATED_AT),
                rfc3339: told(CREATED_AT_RFC3339),
            })
        }
        _ => Ok(created_at.or(rfc3339)),
    }
}

fn ms(json: &str) -> Option<i64> {
    json.parse().ok().or_else(|| ms_of_text(json))
}

fn ms_of_text(json: &str) -> Option<i64> {
    let text = serde_json::from_str::<String>(json).ok()?;
    moment::of_rfc3339(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time_of(json: &str) -> Result<Option<i64>, String> {
        read(&serde_json::from_str(json).unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_time_is_taken_from_either_key_and_in_either_form() {
        for (json, ms) in [
            ("{}", None),
            (r#"{"created_at":null,"created_at_rfc3339":null}"#, None),
            (r#"{"created_at":-7}"#, Some(-7)),
            (
                r#"{"created_at":"1970-01-01T01:00:00.250+01:00"}"#,
                Some(250),
            ),
            (
                r#"{"created_at_rfc3339":"1970-01-01T00:00:01Z"}"#,
                Some(1_000),
            ),
            (
                r#"{"created_at":1000,"created_at_rfc3339":"1970-01-01T00:00:01.0009Z"}"#,
                Some(1_000),
            ),
        ] {
            assert_eq!(time_of(json), Ok(ms), "{json}");
        }
    }

    #[test]
    fn two_times_and_what_is_no_time_are_refused_by_name() {
        for (json, says) in [
            (r#"{"created_at":"today"}"#, "its created_at is no time"),
            (r#"{"created_at":"1795507291000"}"#, "as a number"),
            (r#"{"created_at":1.5}"#, "its created_at is no time"),
            (r#"{"created_at":{}}"#, "its created_at is no time"),
            (
                r#"{"created_at_rfc3339":7}"#,
                "its created_at_rfc3339 is no time",
            ),
            (
                r#"{"created_at":7,"created_at_rfc3339":"1970-01-01T00:00:01Z"}"#,
                r#"its created_at (7) and its created_at_rfc3339 ("1970-01-01T00:00:01Z")"#,
            ),
        ] {
            let error = time_of(json).unwrap_err();
            assert!(error.contains(says), "{json}: {error}");
        }
    }
}
