//! The lines of an import: [`Lines`].

use std::{
    borrow::Cow,
    collections::BTreeMap,
    io::{self, BufRead, Read as _},
    str::{self, Utf8Error},
};

use serde_json::value::RawValue;
use thiserror::Error;
use tracker_core::Activity;

use super::characters::repaired;

/// The longest line, in bytes. A longer one is skipped as a whole, and takes no more memory.
const BYTES_MAX: usize = 1 << 20;

/// The fields that the API adds to the columns. They are derived from the columns, so they are
/// ignored.
const DERIVED: [&str; 2] = ["action_label", "created_at_rfc3339"];

/// The byte order mark with which some programs begin a file of UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The beginnings of files without lines, with the kinds of those files.
const OTHER_FILES: [(&[u8], FileError); 8] = [
    (b"\xFF\xFE", FileError::Utf16),
    (b"\xFE\xFF", FileError::Utf16),
    (b"{\0", FileError::Utf16),
    (b"\0{", FileError::Utf16),
    (b"\x1F\x8B", FileError::Compressed("gzip")),
    (b"\x28\xB5\x2F\xFD", FileError::Compressed("zstd")),
    (b"\xFD7zXZ\0", FileError::Compressed("xz")),
    (b"BZh", FileError::Compressed("bzip2")),
];

/// The reason why a file has no lines.
#[derive(Clone, Copy, Debug, Error)]
pub(super) enum FileError {
    #[error("it is UTF-16: make it UTF-8, as by `iconv -f UTF-16 -t UTF-8 FILE | tracker import`")]
    Utf16,
    #[error("it is compressed: unpack it, as by `{0} -dc FILE | tracker import`")]
    Compressed(&'static str),
}

/// The reason why a line is no activity.
#[derive(Debug, Error)]
pub(super) enum LineError {
    #[error("it is longer than 1 MiB")]
    TooLong,
    #[error("it is no UTF-8")]
    Utf8(#[source] Utf8Error),
    #[error("it is no JSON object")]
    Json(#[source] PlaceInLine),
    #[error("it has the unknown key `{0}`")]
    Key(String),
    #[error("it is no activity")]
    Activity(#[source] PlaceInLine),
    #[error("its action_id is empty")]
    EmptyId,
}

/// The mistake in the JSON of a line and its column. To the parser, every line is the first.
#[derive(Debug, Error)]
#[error("{}", .0.to_string().replace(" at line 1 column ", " at column "))]
pub(super) struct PlaceInLine(serde_json::Error);

/// One line that is not blank.
pub(super) struct Line {
    /// Counted from 1.
    pub(super) number: u64,
    pub(super) bytes: usize,
    /// True if U+FFFD replaces a character that no store holds.
    pub(super) is_repaired: bool,
    pub(super) activity: Result<Activity, LineError>,
}

/// Reads line by line, in the memory of the longest line.
pub(super) struct Lines<R> {
    input: R,
    number: u64,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            number: 0,
            line: Vec::new(),
        }
    }

    /// Returns the next line that is not blank, or `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            self.line.clear();
            let limit = BYTES_MAX as u64 + 1;
            let mut input = self.input.by_ref().take(limit);
            let bytes = input.read_until(b'\n', &mut self.line)?;
            if bytes == 0 {
                return Ok(None);
            }
            self.number += 1;
            if self.number == 1 {
                check_file(&self.line)?;
            }
            let is_too_long = bytes > BYTES_MAX && self.line.last() != Some(&b'\n');
            if is_too_long {
                self.input.skip_until(b'\n')?;
            }
            // Files that each begin with a mark may have been concatenated.
            let text = self.line.strip_prefix(BYTE_ORDER_MARK);
            let text = text.unwrap_or(&self.line).trim_ascii();
            if text.is_empty() && !is_too_long {
                continue;
            }
            let (is_repaired, activity) = if is_too_long {
                (false, Err(LineError::TooLong))
            } else {
                read(text)
            };
            return Ok(Some(Line {
                number: self.number,
                bytes,
                is_repaired,
                activity,
            }));
        }
    }
}

/// Returns an error if the first line begins a file of another kind.
fn check_file(beginning: &[u8]) -> io::Result<()> {
    let other = OTHER_FILES
        .iter()
        .find(|(signature, _)| beginning.starts_with(signature));
    other.map_or(Ok(()), |(_, error)| {
        Err(io::Error::new(io::ErrorKind::InvalidData, *error))
    })
}

/// Returns the activity of a line, and whether it was repaired.
fn read(text: &[u8]) -> (bool, Result<Activity, LineError>) {
    match str::from_utf8(text) {
        Ok(text) => {
            let text = repaired(text);
            (matches!(text, Cow::Owned(_)), parse(&text))
        }
        Err(error) => (false, Err(LineError::Utf8(error))),
    }
}

fn parse(text: &str) -> Result<Activity, LineError> {
    let object: BTreeMap<String, &RawValue> =
        serde_json::from_str(text).map_err(|error| LineError::Json(PlaceInLine(error)))?;
    // A misspelt column would be lost silently.
    let is_known = |key: &str| Activity::COLUMNS.contains(&key) || DERIVED.contains(&key);
    if let Some(key) = object.keys().find(|key| !is_known(key)) {
        return Err(LineError::Key(key.clone()));
    }
    let activity: Activity =
        serde_json::from_str(text).map_err(|error| LineError::Activity(PlaceInLine(error)))?;
    if activity.action_id.is_empty() {
        return Err(LineError::EmptyId);
    }
    Ok(activity)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(input: &[u8]) -> Vec<(u64, Result<String, String>)> {
        let mut lines = Lines::new(input);
        let mut found = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            let activity = line.activity.map(|activity| activity.action_id);
            found.push((line.number, activity.map_err(|error| error.to_string())));
        }
        found
    }

    #[test]
    fn lines_are_numbered_and_blank_ones_passed_over() {
        let found = lines(b"{\"action_id\":\"a\"}\r\n\n  \n{\"action_id\":\"b\"}");
        assert_eq!(found, [(1, Ok("a".to_owned())), (4, Ok("b".to_owned()))]);
    }

    #[test]
    fn what_the_api_exports_is_taken_as_well() {
        let line = br#"{"action_id":"a","action_label":"Deployment","created_at_rfc3339":null}"#;
        assert_eq!(lines(line), [(1, Ok("a".to_owned()))]);
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
            (
                "{\"action_id\":\"a\",\"created_at\":\"today\"}",
                "no activity",
            ),
        ] {
            let found = lines(line.as_bytes());
            let (_, Err(error)) = &found[0] else {
                panic!("{line} is an activity")
            };
            assert!(error.contains(reason), "{line}: {error}");
        }
        assert!(lines(b"{\"action_id\":\"\xff\"}")[0].1.is_err());
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over_as_a_whole() {
        let mut input = vec![b'x'; 3 * BYTES_MAX];
        input.extend(b"\n{\"action_id\":\"a\"}\n");
        let found = lines(&input);
        assert_eq!(found.len(), 2);
        assert!(
            found[0]
                .1
                .as_ref()
                .is_err_and(|error| error.contains("1 MiB"))
        );
        assert_eq!(found[1], (2, Ok("a".to_owned())));
    }

    #[test]
    fn a_line_may_be_as_long_as_the_limit() {
        let mut input = b"{\"action_id\":\"a\"".to_vec();
        input.resize(BYTES_MAX - 1, b' ');
        input.extend(b"}\n{\"action_id\":\"b\"}");
        assert_eq!(lines(&input).len(), 2);
        assert!(lines(&input).iter().all(|(_, line)| line.is_ok()));
    }
}
