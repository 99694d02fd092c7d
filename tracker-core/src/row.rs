//! The values of one row, borrowed from wherever they are: [`Row`].

use std::fmt;

#[cfg(feature = "journal")]
use serde::ser::Error as _;
use serde::{Serialize, Serializer, ser::SerializeStruct};
#[cfg(feature = "journal")]
use serde_json::value::RawValue;
use uuid::{Uuid, fmt::Hyphenated};

use crate::{Activity, ReferenceIds, Status};

/// The ten columns of an activity that is about to be written.
///
/// It serializes as the [`Activity`] does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    pub(crate) action_id: RowId<'a>,
    pub(crate) project_id: Option<&'a str>,
    pub(crate) user_id: Option<&'a str>,
    pub(crate) request_id: Option<&'a str>,
    pub(crate) action_type: Option<&'a str>,
    pub(crate) action_details: Option<&'a str>,
    pub(crate) status: Option<&'a str>,
    pub(crate) environment: Option<&'a str>,
    pub(crate) reference_ids: References<'a>,
    pub(crate) created_at: Option<i64>,
}

/// The ID of a row.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RowId<'a> {
    Uuid(Uuid),
    Text(&'a str),
}

/// Room for the text of an ID.
pub(crate) struct IdBuffer([u8; Hyphenated::LENGTH]);

impl Default for IdBuffer {
    fn default() -> Self {
        Self([0; Hyphenated::LENGTH])
    }
}

/// The reference IDs of a row.
#[derive(Clone, Copy)]
pub(crate) enum References<'a> {
    Map(&'a ReferenceIds),
    /// Texts under distinct names, which the row at this index has.
    Texts(&'a dyn Texts, usize),
    /// JSON that is a [plain object](is_plain_object).
    #[cfg(feature = "journal")]
    Json(&'a str),
}

/// Rows whose reference IDs are texts.
pub(crate) trait Texts: fmt::Debug + Send + Sync {
    /// Calls `take` with each name and ID of the row at an index, in their order.
    fn references<'a>(&'a self, at: usize, take: &mut dyn FnMut(&'a str, &'a str));
}

impl<'a> From<&'a Activity> for Row<'a> {
    fn from(activity: &'a Activity) -> Self {
        Self {
            action_id: RowId::Text(&activity.action_id),
            project_id: activity.project_id.as_deref(),
            user_id: activity.user_id.as_deref(),
            request_id: activity.request_id.as_deref(),
            action_type: activity.action_type.as_deref(),
            action_details: activity.action_details.as_deref(),
            status: activity.status.as_ref().map(Status::as_str),
            environment: activity.environment.as_deref(),
            reference_ids: References::Map(&activity.reference_ids),
            created_at: activity.created_at,
        }
    }
}

impl<'a> Row<'a> {
    /// Returns the texts of the columns between the ID and the reference IDs, in the table's order.
    pub(crate) fn texts(&self) -> [Option<&'a str>; 7] {
        [
            self.project_id,
            self.user_id,
            self.request_id,
            self.action_type,
            self.action_details,
            self.status,
            self.environment,
        ]
    }

    /// Makes an activity of the values.
    pub(crate) fn to_activity(self) -> Activity {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Activity {
            project_id: owned(self.project_id),
            user_id: owned(self.user_id),
            request_id: owned(self.request_id),
            action_type: owned(self.action_type).map(Into::into),
            action_details: owned(self.action_details),
            status: self.status.map(Status::from),
            environment: owned(self.environment),
            reference_ids: self.reference_ids.to_ids(),
            created_at: self.created_at,
            ..Activity::empty(self.action_id.to_string())
        }
    }

    /// Returns the approximate size of the texts, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let texts = self.texts().into_iter().flatten().map(str::len);
        Hyphenated::LENGTH + texts.sum::<usize>() + self.reference_ids.bytes()
    }
}

impl fmt::Display for RowId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text(&mut IdBuffer::default()))
    }
}

impl RowId<'_> {
    /// Returns the text, which is written to `buffer` if it is nowhere else.
    pub(crate) fn text<'b>(&'b self, buffer: &'b mut IdBuffer) -> &'b str {
        match self {
            Self::Uuid(id) => id.hyphenated().encode_lower(&mut buffer.0),
            Self::Text(text) => text,
        }
    }
}

impl<'a> References<'a> {
    /// Appends the column's JSON to `out`.
    #[cfg(any(test, feature = "journal", feature = "postgres", feature = "sqlite"))]
    pub(crate) fn write_json(self, out: &mut Vec<u8>) {
        let (rows, at) = match self {
            Self::Map(ids) => {
                // A vector takes every byte, and JSON can hold every ID.
                let _ = serde_json::to_writer(out, ids);
                return;
            }
            #[cfg(feature = "journal")]
            Self::Json(json) => {
                out.extend_from_slice(json.as_bytes());
                return;
            }
            Self::Texts(rows, at) => (rows, at),
        };
        out.push(b'{');
        let begin = out.len();
        rows.references(at, &mut |name, id| {
            if out.len() > begin {
                out.push(b',');
            }
            write_json_text(out, name);
            out.push(b':');
            write_json_text(out, id);
        });
        out.push(b'}');
    }

    /// Makes a map of them.
    fn to_ids(self) -> ReferenceIds {
        match self {
            Self::Map(ids) => ids.clone(),
            Self::Texts(..) => {
                let texts = self.texts().into_iter();
                texts.map(|(name, id)| (name.to_owned(), id)).collect()
            }
            #[cfg(feature = "journal")]
            Self::Json(json) => ReferenceIds::from_text(json),
        }
    }

    /// Returns the column's JSON.
    #[cfg(any(test, feature = "journal", feature = "sqlite"))]
    pub(crate) fn json(self) -> String {
        let mut json = Vec::new();
        self.write_json(&mut json);
        String::from_utf8(json).unwrap_or_default()
    }

    /// Returns the approximate size of the names and IDs in bytes.
    fn bytes(self) -> usize {
        match self {
            Self::Map(ids) => ids.bytes(),
            Self::Texts(rows, at) => {
                let mut bytes = 0;
                rows.references(at, &mut |name, id| bytes += name.len() + id.len());
                bytes
            }
            #[cfg(feature = "journal")]
            Self::Json(json) => json.len(),
        }
    }

    /// Returns the names and IDs, unless they are in a map.
    fn texts(self) -> Vec<(&'a str, &'a str)> {
        let mut texts = Vec::new();
        if let Self::Texts(rows, at) = self {
            rows.references(at, &mut |name, id| texts.push((name, id)));
        }
        texts
    }
}

/// Returns whether a text is a JSON object that can be written as it is: one that has no NUL
/// character and no other one by its number.
#[cfg(feature = "journal")]
pub(crate) fn is_plain_object(text: &str) -> bool {
    text.starts_with('{')
        && !text.contains("\\u")
        && serde_json::from_str::<&RawValue>(text).is_ok()
}

#[cfg(any(test, feature = "journal", feature = "postgres", feature = "sqlite"))]
fn write_json_text(out: &mut Vec<u8>, text: &str) {
    // Without a way out of the loop it takes many bytes at once.
    let is_escaped = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    let has_escapes = text.bytes().fold(false, |has, byte| has | is_escaped(byte));
    if has_escapes {
        // A vector takes every byte.
        let _ = serde_json::to_writer(out, text);
    } else {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    }
}

impl fmt::Debug for References<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Map(ids) => ids.fmt(f),
            Self::Texts(..) => f.debug_map().entries(self.texts()).finish(),
            #[cfg(feature = "journal")]
            Self::Json(json) => f.write_str(json),
        }
    }
}

impl Serialize for References<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Map(ids) => ids.serialize(serializer),
            Self::Texts(..) => serializer.collect_map(self.texts()),
            #[cfg(feature = "journal")]
            Self::Json(json) => {
                let json = serde_json::from_str::<&RawValue>(json);
                json.map_err(S::Error::custom)?.serialize(serializer)
            }
        }
    }
}

impl Serialize for RowId<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text(&mut IdBuffer::default()))
    }
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let [id, texts @ .., references, time] = Activity::COLUMNS;
        let mut row = serializer.serialize_struct("Activity", Activity::COLUMNS.len())?;
        row.serialize_field(id, &self.action_id)?;
        for (name, text) in texts.into_iter().zip(self.texts()) {
            row.serialize_field(name, &text)?;
        }
        row.serialize_field(references, &self.reference_ids)?;
        row.serialize_field(time, &self.created_at)?;
        row.end()
    }
}
