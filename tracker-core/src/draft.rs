//! An activity as it leaves its function: [`Draft`].
//!
//! The caller's thread writes all texts into one buffer, which it keeps for the next draft, and reads the clock. Everything else that makes a row of it, its ID above all, is left to the
//! writer's thread.

use std::{
    cell::Cell,
    fmt::{self, Write as _},
};

use crate::{Context, ReferenceIds, Status, activity::now_ms, limits::DETAILS_CHARS_MAX};

/// The largest buffer that a thread keeps, in bytes: many times what the usual IDs and a line of details take.
const KEPT_BYTES_MAX: usize = 8_192;

thread_local! {
    static KEPT: Cell<Option<Box<Draft>>> = const { Cell::new(None) };
}

/// The most bytes of one text: enough that a longer one is sure to have more characters than any limit of a
/// row, and is cut visibly when the row is repaired.
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

pub(crate) const FIELDS: usize = 5;

/// What a call site gathers; becomes an [`Activity`](crate::Activity) on the writer's thread.
#[derive(Debug)]
pub struct Draft {
    action: Option<&'static str>,
    status: Status,
    created_at: i64,
    /// All texts, one behind the other.
    buffer: String,
    /// Where in the buffer each text is.
    texts: [Option<Text>; FIELDS],
    /// Reference IDs that are texts under constant names: nearly all.
    references: Vec<(&'static str, Text)>,
    /// Reference IDs as they come, and those that stay here.
    reference_ids: ReferenceIds,
}

/// A piece of a buffer; `u32` holds it, as the texts of the largest batch are no longer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text {
    start: u32,
    end: u32,
}

impl Text {
    fn between(start: usize, end: usize) -> Self {
        let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
        Self {
            start: offset(start),
            end: offset(end),
        }
    }

    /// The same text in a buffer that holds `base` bytes before it.
    pub(crate) fn behind(self, base: usize) -> Self {
        Self::between(base + self.start as usize, base + self.end as usize)
    }

    pub(crate) fn of(self, buffer: &str) -> Option<&str> {
        buffer.get(self.start as usize..self.end as usize)
    }
}

impl Draft {
    /// A success, just now, of which nothing is known.
    pub(crate) fn new() -> Self {
        Self {
            action: None,
            status: Status::Success,
            created_at: now_ms(),
            buffer: String::new(),
            texts: [None; FIELDS],
            references: Vec::new(),
            reference_ids: ReferenceIds::new(),
        }
    }

    /// Calls `f` with a draft as [`new`](Self::new) makes it, whose memory the thread keeps for the next one.
    pub(crate) fn with_new<T>(f: impl FnOnce(&mut Self) -> T) -> T {
        // Taken, because what fills it in may record too.
        let kept = KEPT.try_with(Cell::take).ok().flatten();
        let mut draft = kept.unwrap_or_else(|| Box::new(Self::new()));
        draft.reset();
        let value = f(&mut draft);
        if draft.buffer.capacity() <= KEPT_BYTES_MAX {
            // Where the thread is ending, it is dropped.
            let _ = KEPT.try_with(|kept| kept.set(Some(draft)));
        }
        value
    }

    fn reset(&mut self) {
        self.action = None;
        self.status = Status::Success;
        self.created_at = now_ms();
        self.buffer.clear();
        self.texts = [None; FIELDS];
        self.references.clear();
        self.reference_ids.clear();
    }

    pub(crate) fn action(&self) -> Option<&'static str> {
        self.action
    }

    pub(crate) fn status(&self) -> &Status {
        &self.status
    }

    pub(crate) fn created_at(&self) -> i64 {
        self.created_at
    }

    pub(crate) fn buffer(&self) -> &str {
        &self.buffer
    }

    pub(crate) fn texts(&self) -> [Option<Text>; FIELDS] {
        self.texts
    }

    pub(crate) fn references(&self) -> &[(&'static str, Text)] {
        &self.references
    }

    /// What [`take_references`](Self::take_references) has left.
    pub(crate) fn other_references(&self) -> Option<Box<ReferenceIds>> {
        (!self.reference_ids.is_empty()).then(|| Box::new(self.reference_ids.clone()))
    }

    /// Where a returned value puts its reference IDs.
    pub(crate) fn reference_ids(&mut self) -> &mut ReferenceIds {
        &mut self.reference_ids
    }

    /// Moves the texts of the reference IDs into the buffer.
    pub(crate) fn take_references(&mut self) {
        let Self {
            buffer,
            references,
            reference_ids,
            ..
        } = self;
        reference_ids.repair();
        reference_ids.drain_texts(|name, id| {
            let start = buffer.len();
            buffer.push_str(id);
            references.push((name, Text::between(start, buffer.len())));
        });
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
        self.texts[field as usize] = Some(Text::between(start, self.buffer.len()));
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
