//! An activity as it leaves its function: [`Draft`].
//!
//! The caller's thread writes all texts into one buffer, which it keeps for the next draft, and
//! reads the clock. Everything else that makes a row of it, its ID above all, is left to the
//! writer's thread.

use std::{
    cell::Cell,
    fmt::{self, Write as _},
    num::NonZeroU32,
    sync::Arc,
    time::SystemTime,
};

#[cfg(feature = "opentelemetry")]
use crate::context::{TRACE_ID, current_trace_id};
use crate::{Context, HasReferenceIds, ReferenceIds, Status, limits::DETAILS_CHARS_MAX};

/// The largest buffer that a thread keeps, in bytes: many times what the usual IDs and a line of
/// details take.
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

/// The values that a call site gathers; becomes an [`Activity`] on the writer's thread.
#[derive(Clone, Debug)]
pub struct Draft {
    action: Option<&'static str>,
    status: Status,
    /// Made a number of by the writer.
    created_at: SystemTime,
    /// All texts, one behind the other.
    buffer: String,
    /// Where in the buffer each text is.
    texts: [Option<Text>; FIELDS],
    /// Reference IDs that are texts under constant names: nearly all.
    references: Vec<(&'static str, Text)>,
    /// The reference IDs that are not among the draft's [`Reference`]s.
    other_references: Option<Box<ReferenceIds>>,
    /// Those of the context, which the writer adds where a name is not among the draft's own.
    ambient_references: Option<Arc<ReferenceIds>>,
}

/// A piece of a draft's buffer, which is far shorter than `u32` can tell.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text {
    start: u32,
    /// One more than the end, so that an option of it takes no more room.
    behind: NonZeroU32,
}

impl Text {
    fn between(start: usize, end: usize) -> Self {
        let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
        Self {
            start: offset(start),
            behind: NonZeroU32::MIN.saturating_add(offset(end)),
        }
    }

    pub(crate) fn of(self, buffer: &str) -> Option<&str> {
        buffer.get(self.start as usize..self.behind.get() as usize - 1)
    }
}

impl Draft {
    /// A success, just now, of which nothing is known.
    pub(crate) fn new() -> Self {
        Self {
            action: None,
            status: Status::Success,
            created_at: SystemTime::now(),
            buffer: String::new(),
            texts: [None; FIELDS],
            references: Vec::new(),
            other_references: None,
            ambient_references: None,
        }
    }

    /// Calls `f` with a draft as [`new`](Self::new) makes it, whose memory the thread keeps for the
    /// next one.
    pub(crate) fn with_new<T>(f: impl FnOnce(&mut Self) -> T) -> T {
        // Taken, because what fills it in may record too.
        let kept = KEPT.try_with(Cell::take).ok().flatten();
        let mut draft = kept.unwrap_or_else(|| Box::new(Self::new()));
        draft.reset();
        let value = f(&mut draft);
        if draft.buffer.capacity() <= KEPT_BYTES_MAX {
            // A thread that is ending drops it.
            let _ = KEPT.try_with(|kept| kept.set(Some(draft)));
        }
        value
    }

    fn reset(&mut self) {
        self.action = None;
        self.status = Status::Success;
        self.created_at = SystemTime::now();
        self.buffer.clear();
        self.texts = [None; FIELDS];
        self.references.clear();
        self.other_references = None;
        self.ambient_references = None;
    }

    pub(crate) fn action(&self) -> Option<&'static str> {
        self.action
    }

    pub(crate) fn status(&self) -> &Status {
        &self.status
    }

    pub(crate) fn created_at(&self) -> SystemTime {
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

    /// Takes the reference IDs that are not among [`references`](Self::references).
    pub(crate) fn take_other_references(&mut self) -> Option<Box<ReferenceIds>> {
        self.other_references.take()
    }

    /// Takes the reference IDs of the context.
    pub(crate) fn take_ambient_references(&mut self) -> Option<Arc<ReferenceIds>> {
        self.ambient_references.take()
    }

    /// Adds a reference ID. One whose `Display` fails is left out: half an ID is none.
    pub(crate) fn write_reference(&mut self, name: &'static str, id: fmt::Arguments<'_>) {
        let start = self.buffer.len();
        if Bounded::from(&mut self.buffer).write_whole(id) {
            let id = Text::between(start, self.buffer.len());
            self.references.push((name, id));
        } else {
            self.buffer.truncate(start);
        }
    }

    /// Adds what a returned value has put into a map.
    pub(crate) fn add_references(&mut self, mut ids: ReferenceIds) {
        ids.repair();
        ids.drain_texts(|name, id| self.write_reference(name, format_args!("{id}")));
        match &mut self.other_references {
            _ if ids.is_empty() => {}
            None => self.other_references = Some(Box::new(ids)),
            Some(others) => ids.add_reference_ids(others),
        }
    }

    /// Copies the reference IDs into a map.
    pub(crate) fn add_references_to(&self, ids: &mut ReferenceIds) {
        for (name, id) in &self.references {
            if let Some(id) = id.of(&self.buffer) {
                ids.insert_string(name, id.to_owned());
            }
        }
        if let Some(others) = &self.other_references {
            others.add_reference_ids(ids);
        }
    }

    /// Says what was done.
    pub(crate) fn set_action(&mut self, action: &'static str) {
        self.action = Some(action);
    }

    /// Sets a text. A `Display` that panics leaves it unset, and so does one that fails, but for
    /// the details: half an ID is none.
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
        self.buffer.push_str(cut(text, TEXT_BYTES_MAX));
        self.set(field, start);
    }

    /// Makes what was written behind `start` the field's text.
    fn set(&mut self, field: Field, start: usize) {
        self.texts[field as usize] = Some(Text::between(start, self.buffer.len()));
    }

    /// Says how the call ended, just now.
    pub(crate) fn end(&mut self, status: Status) {
        self.status = status;
        self.created_at = SystemTime::now();
    }

    /// Fills fields that are not set from `context`.
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
        if let Some(ambient) = context.shared_references() {
            self.ambient_references = Some(Arc::clone(ambient));
        }
    }

    /// Adds the ID of the current trace as a reference, unless the activity has one.
    #[cfg(feature = "opentelemetry")]
    pub(crate) fn fill_trace_id(&mut self) {
        let other = self.other_references.as_deref();
        let others = [other, self.ambient_references.as_deref()];
        let is_named = self.references.iter().any(|(name, _)| *name == TRACE_ID)
            || others
                .into_iter()
                .flatten()
                .any(|ids| ids.contains_name(TRACE_ID));
        if !is_named && let Some(id) = current_trace_id() {
            self.write_reference(TRACE_ID, format_args!("{id}"));
        }
    }

    /// Sets the environment, if it is not set.
    pub(crate) fn fill_environment(&mut self, environment: &str) {
        if self.texts[Field::Environment as usize].is_none() {
            self.write_str(Field::Environment, environment);
        }
    }
}

/// As much of a text as has no more than `bytes_max` bytes.
fn cut(text: &str, bytes_max: usize) -> &str {
    if text.len() <= bytes_max {
        return text;
    }
    &text[..text.floor_char_boundary(bytes_max)]
}

/// Writes no further than [`TEXT_BYTES_MAX`] bytes.
struct Bounded<'a> {
    buffer: &'a mut String,
    /// How many bytes may still come.
    room: usize,
    is_full: bool,
}

impl Bounded<'_> {
    /// Writes a text; tells whether it was written as far as there is room, and did not fail before.
    fn write_whole(&mut self, text: fmt::Arguments<'_>) -> bool {
        self.write_fmt(text).is_ok() || self.is_full
    }

    #[cold]
    fn write_cut(&mut self, text: &str) -> fmt::Result {
        self.buffer.push_str(cut(text, self.room));
        self.room = 0;
        self.is_full = true;
        Err(fmt::Error)
    }
}

impl<'a> From<&'a mut String> for Bounded<'a> {
    fn from(buffer: &'a mut String) -> Self {
        Self {
            buffer,
            room: TEXT_BYTES_MAX,
            is_full: false,
        }
    }
}

impl fmt::Write for Bounded<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let Some(room) = self.room.checked_sub(text.len()) else {
            return self.write_cut(text);
        };
        self.room = room;
        self.buffer.push_str(text);
        Ok(())
    }
}

/// The text of a value that is read before its function's body runs, and whether its `Display` has not failed.
pub(crate) fn to_bounded_string(text: fmt::Arguments<'_>) -> (String, bool) {
    let mut buffer = String::new();
    let is_whole = Bounded::from(&mut buffer).write_whole(text);
    (buffer, is_whole)
}
