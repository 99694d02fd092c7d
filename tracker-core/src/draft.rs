//! An activity as it leaves its function: [`Draft`].
//!
//! The caller's thread writes all texts into one buffer, one allocation for nearly every
//! activity, and reads the clock. Everything else that makes a row of it, its ID above all, is left to the
//! writer's thread.

use std::{
    borrow::Cow,
    fmt::{self, Write as _},
};

use uuid::{ContextV7, Timestamp, Uuid};

use crate::{Activity, Context, ReferenceIds, Status, activity::now_ms, limits::DETAILS_CHARS_MAX};

/// Room for the usual IDs and a line of details, in bytes.
const BUFFER_BYTES: usize = 224;

/// The most bytes of one text: enough that a longer one is sure to have more characters than any limit of a
/// row, and is cut visibly when the row is [repaired](Activity::repair).
const TEXT_BYTES_MAX: usize = 4 * (DETAILS_CHARS_MAX + 1);

/// A text of an activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// `user_id`
    User,
    /// `request_id`
    Request,
    /// `project_id`
    Project,
    /// `environment`
    Environment,
    /// `action_details`
    Details,
}

const FIELDS: usize = 5;

/// What a call site gathers; becomes an [`Activity`] on the writer's thread.
#[derive(Debug)]
pub struct Draft {
    action: Option<&'static str>,
    status: Status,
    created_at: i64,
    /// All texts, one behind the other.
    buffer: String,
    /// Where in the buffer each text is.
    texts: [Option<Text>; FIELDS],
    pub(crate) reference_ids: ReferenceIds,
}

/// A piece of the buffer; `u32` holds it, as there are [`FIELDS`] texts of [`TEXT_BYTES_MAX`] bytes at most.
#[derive(Clone, Copy, Debug)]
struct Text {
    start: u32,
    end: u32,
}

impl Draft {
    /// A success, just now, of which nothing is known.
    pub(crate) fn new() -> Self {
        Self {
            action: None,
            status: Status::Success,
            created_at: now_ms(),
            buffer: String::with_capacity(BUFFER_BYTES),
            texts: [None; FIELDS],
            reference_ids: ReferenceIds::new(),
        }
    }

    /// Says what was done.
    pub(crate) fn set_action(&mut self, action: &'static str) {
        self.action = Some(action);
    }

    /// Sets a text. A `Display` that panics leaves it unset, and so does one that fails, but for the details: half an ID is none.
    pub(crate) fn write(&mut self, field: Field, text: fmt::Arguments<'_>) {
        let start = self.buffer.len();
        let is_whole = Bounded::from(&mut self.buffer).write_whole(text);
        if is_whole || field == Field::Details {
            self.set(field, start);
        } else {
            self.buffer.truncate(start);
        }
    }

    /// Sets a text.
    pub(crate) fn write_str(&mut self, field: Field, text: &str) {
        let start = self.buffer.len();
        // The error says that the text is cut.
        let _ = Bounded::from(&mut self.buffer).write_str(text);
        self.set(field, start);
    }

    /// Makes what was written behind `start` the field's text.
    fn set(&mut self, field: Field, start: usize) {
        let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
        self.texts[field as usize] = Some(Text {
            start: offset(start),
            end: offset(self.buffer.len()),
        });
    }

    /// Says how the call ended, just now.
    pub(crate) fn end(&mut self, status: Status) {
        self.status = status;
        self.created_at = now_ms();
    }

    /// Takes from `context` what is not set.
    pub(crate) fn fill(&mut self, context: &Context) {
        for (field, ambient) in [
            (Field::User, context.user_id()),
            (Field::Request, context.request_id()),
            (Field::Project, context.project_id()),
            (Field::Environment, context.environment()),
        ] {
            if let (None, Some(ambient)) = (self.texts[field as usize], ambient) {
                self.write_str(field, ambient);
            }
        }
    }

    /// Sets the environment, if it is not set.
    pub(crate) fn fill_environment(&mut self, environment: &str) {
        if self.texts[Field::Environment as usize].is_none() {
            self.write_str(Field::Environment, environment);
        }
    }

    fn text(&self, field: Field) -> Option<String> {
        let Text { start, end } = self.texts[field as usize]?;
        let text = self.buffer.get(start as usize..end as usize)?;
        Some(text.to_owned())
    }

    /// The row, under a new ID.
    pub(crate) fn into_activity(self, ids: &ContextV7) -> Activity {
        let ms = u64::try_from(self.created_at).unwrap_or(0);
        let nanos = u32::try_from(ms % 1_000).unwrap_or(0) * 1_000_000;
        let id = Uuid::new_v7(Timestamp::from_unix(ids, ms / 1_000, nanos));
        let mut activity = Activity {
            project_id: self.text(Field::Project),
            user_id: self.text(Field::User),
            request_id: self.text(Field::Request),
            action_type: self.action.map(Cow::Borrowed),
            action_details: self.text(Field::Details),
            environment: self.text(Field::Environment),
            created_at: Some(self.created_at),
            ..Activity::empty(id.to_string())
        };
        activity.status = Some(self.status);
        activity.reference_ids = self.reference_ids;
        activity.repair();
        activity
    }
}

/// Writes no further than [`TEXT_BYTES_MAX`] bytes.
struct Bounded<'a> {
    buffer: &'a mut String,
    end: usize,
    is_full: bool,
}

impl Bounded<'_> {
    /// Writes a text; tells whether it was written as far as there is room, and did not fail before.
    fn write_whole(&mut self, text: fmt::Arguments<'_>) -> bool {
        self.write_fmt(text).is_ok() || self.is_full
    }
}

impl<'a> From<&'a mut String> for Bounded<'a> {
    fn from(buffer: &'a mut String) -> Self {
        let end = buffer.len() + TEXT_BYTES_MAX;
        Self {
            buffer,
            end,
            is_full: false,
        }
    }
}

impl fmt::Write for Bounded<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.end - self.buffer.len();
        if text.len() <= room {
            self.buffer.push_str(text);
            return Ok(());
        }
        self.buffer
            .push_str(&text[..text.floor_char_boundary(room)]);
        self.is_full = true;
        Err(fmt::Error)
    }
}

/// The text of a value that is read before its function's body runs, and whether its `Display` has not failed.
pub(crate) fn to_bounded_string(text: fmt::Arguments<'_>) -> (String, bool) {
    let mut buffer = String::new();
    let is_whole = Bounded::from(&mut buffer).write_whole(text);
    (buffer, is_whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> Draft {
        let mut draft = Draft::new();
        draft.set_action("deployment");
        draft
    }

    fn activity(draft: Draft) -> Activity {
        draft.into_activity(&ContextV7::new())
    }

    #[test]
    fn texts_are_told_apart_and_the_last_one_set_wins() {
        let mut draft = draft();
        draft.write(Field::User, format_args!("{}", 42));
        draft.write_str(Field::Project, "project_7");
        draft.write_str(Field::Project, "project_8");
        let activity = activity(draft);
        assert_eq!(activity.user_id.as_deref(), Some("42"));
        assert_eq!(activity.project_id.as_deref(), Some("project_8"));
        assert_eq!(activity.request_id, None);
        assert_eq!(activity.action_type.as_deref(), Some("deployment"));
    }

    #[test]
    fn only_what_is_not_set_is_filled_from_the_context() {
        let mut draft = draft();
        draft.write_str(Field::User, "own");
        draft.write_str(Field::Request, "");
        draft.fill(
            &Context::new()
                .with_user_id("ambient")
                .with_request_id("ambient")
                .with_project_id("ambient"),
        );
        let activity = activity(draft);
        assert_eq!(activity.user_id.as_deref(), Some("own"));
        // An empty ID names nobody, and is not filled.
        assert_eq!(activity.request_id, None);
        assert_eq!(activity.project_id.as_deref(), Some("ambient"));
    }

    #[test]
    fn a_text_takes_no_more_memory_than_a_row_can_hold() {
        let mut draft = draft();
        for text in ["é".repeat(1 << 20), "x".repeat(1 << 20)] {
            draft.write_str(Field::Details, &text);
        }
        assert!(draft.buffer.len() <= 2 * TEXT_BYTES_MAX);
        let details = activity(draft).action_details.unwrap();
        assert_eq!(details.chars().count(), DETAILS_CHARS_MAX);
        assert!(details.ends_with('…'));
    }

    #[test]
    fn ids_are_of_version_7_hold_the_time_and_ascend() {
        let ids = ContextV7::new();
        let mut last = String::new();
        for _ in 0..10_000 {
            let draft = draft();
            let created_at = draft.created_at;
            let activity = draft.into_activity(&ids);
            let id = Uuid::parse_str(&activity.action_id).unwrap();
            assert_eq!(id.get_version_num(), 7);
            let (seconds, nanos) = id.get_timestamp().unwrap().to_unix();
            assert_eq!(
                i64::try_from(seconds * 1_000 + u64::from(nanos / 1_000_000)).unwrap(),
                created_at
            );
            assert!(activity.action_id > last);
            last = activity.action_id;
        }
    }
}
