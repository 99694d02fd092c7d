//! One entry of the input: [`Raw`] as it is there, and [`Entry`] with its activity.

use std::{
    borrow::Cow,
    str::{self, Utf8Error},
};

use thiserror::Error;
use tracker_core::Activity;

use super::{
    characters::repaired,
    created_at::{self, CREATED_AT, CREATED_AT_RFC3339, TimeError},
    map::{Map, Row, RowError},
};

/// The longest entry, in bytes. A longer one is skipped as a whole, and takes no more memory.
pub(super) const BYTES_MAX: usize = 1 << 20;

/// The keys that the API has beside the columns. The label is that of the action type, so it is
/// ignored.
const BESIDE: [&str; 2] = ["action_label", CREATED_AT_RFC3339];

/// The reason why an entry is no activity.
#[derive(Debug, Error)]
pub(super) enum EntryError {
    #[error("it is longer than 1 MiB")]
    TooLong,
    #[error("it is no UTF-8")]
    Utf8(#[source] Utf8Error),
    #[error("it is no JSON object")]
    Json(#[source] PlaceInEntry),
    #[error("it has the unknown key `{0}`: the keys are {keys}; for rows of another log see --map", keys = Activity::COLUMNS.join(", "))]
    Key(String),
    #[error("it is no activity")]
    Activity(#[source] PlaceInEntry),
    #[error(transparent)]
    Time(#[from] TimeError),
    #[error(transparent)]
    Mapped(#[from] RowError),
    #[error("its action_id is empty")]
    EmptyId,
    #[error("it has nothing but an action_id: it would be an activity of nobody, in no project")]
    NothingButId,
    #[error("it has {found} fields, and the header has {expected}")]
    Fields { expected: usize, found: usize },
    #[error(
        "a quote in it is not closed: the file was cut off, or the quote is a character of the text and belongs doubled"
    )]
    OpenQuote,
    #[error("its {column} is no {expected}")]
    Field {
        column: &'static str,
        expected: &'static str,
    },
}

/// The mistake in the JSON of an entry and its column. To the parser, every line is the first.
#[derive(Debug, Error)]
#[error("{}", .0.to_string().replace(" at line 1 column ", " at column "))]
pub(super) struct PlaceInEntry(serde_json::Error);

/// The JSON text of an entry.
pub(super) struct Raw {
    /// Counted from 1: the line in which it begins, or its place in an array.
    pub(super) number: u64,
    pub(super) json: Result<Vec<u8>, EntryError>,
}

/// One entry of the input, as it was read.
pub(super) struct Entry {
    pub(super) number: u64,
    pub(super) bytes: usize,
    /// True if U+FFFD replaces a character that no store holds.
    pub(super) is_repaired: bool,
    pub(super) activity: Result<Activity, EntryError>,
}

impl Entry {
    /// Reads the activity of an entry, which is a row of another log if there is a map.
    pub(super) fn read(raw: Raw, map: Option<&mut Map>) -> Self {
        let Raw { number, json } = raw;
        let bytes = json.as_ref().map_or(0, Vec::len);
        let mut is_repaired = false;
        let activity = json.and_then(|json| {
            let text = str::from_utf8(&json).map_err(EntryError::Utf8)?;
            let text = repaired(text);
            is_repaired = matches!(text, Cow::Owned(_));
            let Some(map) = map else {
                return parse(&text);
            };
            let made = map.activity(&object(&text)?)?;
            let made = repaired(&made);
            is_repaired |= matches!(made, Cow::Owned(_));
            parse(&made)
        });
        Self {
            number,
            bytes,
            is_repaired,
            activity,
        }
    }
}

/// Returns whether a column, or what the API has beside them, has this name.
pub(super) fn is_known(name: &str) -> bool {
    Activity::COLUMNS.contains(&name) || BESIDE.contains(&name)
}

fn object(text: &str) -> Result<Row<'_>, EntryError> {
    serde_json::from_str(text).map_err(|error| EntryError::Json(PlaceInEntry(error)))
}

fn parse(text: &str) -> Result<Activity, EntryError> {
    let object = object(text)?;
    // A misspelt column would be lost silently.
    if let Some(key) = object.keys().find(|key| !is_known(key)) {
        return Err(EntryError::Key(key.clone()));
    }
    let created_at = created_at::read(&object)?;
    let text = without_time(text, &object);
    let mut activity: Activity =
        serde_json::from_str(&text).map_err(|error| EntryError::Activity(PlaceInEntry(error)))?;
    activity.created_at = created_at;
    if activity.action_id.is_empty() {
        return Err(EntryError::EmptyId);
    }
    // An exported row of which no more is known has its other columns too, as null.
    let has_more = object
        .keys()
        .any(|key| key != "action_id" && !BESIDE.contains(&&**key));
    if !has_more {
        return Err(EntryError::NothingButId);
    }
    Ok(activity)
}

/// Returns the text with zero in place of a time that is a text. As much is blank then, so that an
/// error names the column in the text as it was.
fn without_time<'a>(text: &'a str, object: &Row<'_>) -> Cow<'a, str> {
    let Some(time) = object.get(CREATED_AT).map(|raw| raw.get()) else {
        return text.into();
    };
    if !time.starts_with('"') {
        return text.into();
    }
    let start = time.as_ptr().addr() - text.as_ptr().addr();
    let end = start + time.len();
    let blank = " ".repeat(time.len() - 1);
    format!("{}0{blank}{}", &text[..start], &text[end..]).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &[u8]) -> Result<Activity, EntryError> {
        let json = Ok(json.to_owned());
        Entry::read(Raw { number: 1, json }, None).activity
    }

    #[test]
    fn what_is_no_activity_says_why() {
        for (line, reason) in [
            ("nonsense", "no JSON object"),
            ("[]", "no JSON object"),
            ("{\"action_id\":\"a\"} {}", "no JSON object"),
            ("{\"action_id\":\"a\",\"projectId\":\"p\"}", "`projectId`"),
            ("{\"project_id\":\"p\"}", "no activity"),
            ("{\"action_id\":7}", "no activity"),
            ("{\"action_id\":\"\"}", "empty"),
            ("{\"action_id\":\"a\"}", "nothing but an action_id"),
            (
                "{\"action_id\":\"a\",\"action_label\":\"A\"}",
                "nothing but an action_id",
            ),
            (
                "{\"action_id\":\"a\",\"created_at\":\"today\"}",
                "its created_at is no time",
            ),
            (
                "{\"action_id\":\"a\",\"createdAt\":1}",
                "the keys are action_id, project_id, user_id, request_id, action_type, ",
            ),
        ] {
            let Err(error) = read(line.as_bytes()) else {
                panic!("{line} is an activity")
            };
            assert!(error.to_string().contains(reason), "{line}: {error}");
        }
        assert!(read(b"{\"action_id\":\"\xff\"}").is_err());
    }

    #[test]
    fn a_time_as_text_moves_no_mistake_to_another_column() {
        let line = r#"{"action_id":"a","created_at":"2026-11-24T08:01:31Z","user_id":7}"#;
        let Err(error) = read(line.as_bytes()) else {
            panic!("the user is a text")
        };
        let source = std::error::Error::source(&error).unwrap().to_string();
        let column = line.find('7').unwrap() + 1;
        assert!(
            source.ends_with(&format!(" at column {column}")),
            "{source}"
        );
        let line = line.replace("7}", "\"u\"}");
        let activity = read(line.as_bytes()).unwrap();
        assert_eq!(activity.created_at, Some(1_795_507_291_000));
    }

    #[test]
    fn a_row_that_was_exported_with_nothing_known_of_it_is_one() {
        let line = b"{\"action_id\":\"a\",\"project_id\":null,\"created_at\":null}";
        assert!(read(line).is_ok());
    }
}
