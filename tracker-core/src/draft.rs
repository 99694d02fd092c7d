//! An activity as it leaves its function: [`Draft`].
//!
//! The caller's thread writes all texts into one buffer, which it keeps for the next draft, and
//! reads the clock. Everything else that makes a row of it, its ID above all, is left to the
//! writer's thread.

use std::{cell::Cell, fmt, ops::Range, sync::Arc};

#[cfg(feature = "opentelemetry")]
use crate::ambient::{TRACE_ID, current_trace_id};
use crate::{
    Context, ReferenceIds, Status,
    bounded_text::{BYTES_MAX, BoundedText, bounded},
    clock,
    limits::REFERENCES_MAX,
    reference_ids::declared::ReferenceSink,
    text_buffer::TextBuffer,
};

/// The largest buffer that a thread keeps, in bytes: many times what the usual IDs and a line of
/// details take.
const KEPT_BYTES_MAX: usize = 8_192;

/// The bytes of a draft's texts behind which reference IDs are kept apart.
const REFERENCES_BYTES_MAX: u16 = 16_384;

/// The number of reference IDs behind which others are kept apart: more than a row can have.
const REFERENCES_KEPT_MAX: usize = 4 * REFERENCES_MAX;

thread_local! {
    static KEPT: Cell<Option<Box<Draft>>> = const { Cell::new(None) };
}

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

/// The values that a call site gathers; becomes an [`Activity`](crate::Activity), or a row, on the
/// writer's thread.
#[derive(Clone, Debug)]
pub struct Draft {
    pub(crate) head: Head,
    /// All texts, one behind the other.
    pub(crate) buffer: TextBuffer,
    /// Reference IDs that are texts under constant names: nearly all.
    pub(crate) references: Vec<Reference>,
    /// Values that few drafts have.
    pub(crate) rest: Option<Box<Rest>>,
}

/// A name, and the place of its ID in a draft's buffer.
pub(crate) type Reference = (&'static str, Span);

/// All of a draft that has one size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    pub(crate) action: Option<&'static str>,
    /// Nanoseconds since the Unix epoch.
    pub(crate) created_at: u64,
    /// The places of the texts in the buffer.
    pub(crate) texts: [Span; FIELDS],
    pub(crate) ended: Ended,
}

/// References that are not among a draft's texts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rest {
    /// The draft's own.
    pub(crate) references: ReferenceIds,
    /// Those of the context, which the writer adds where a name is not among the draft's own.
    pub(crate) ambient: Option<Arc<ReferenceIds>>,
}

/// The end of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Success,
    Failure,
    Panicked,
    Cancelled,
}

impl Ended {
    pub(crate) fn status(self) -> &'static Status {
        match self {
            Self::Success => &Status::Success,
            Self::Failure => &Status::Failure,
            Self::Panicked => &Status::Panicked,
            Self::Cancelled => &Status::Cancelled,
        }
    }
}

/// A piece of a draft's buffer, or no text at all. The buffer is never longer than it can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    start: u16,
    len: u16,
}

impl Span {
    /// No text.
    pub(crate) const NONE: Self = Self {
        start: 0,
        len: u16::MAX,
    };

    #[inline]
    fn between(start: u16, end: u16) -> Self {
        let len = end.wrapping_sub(start);
        Self { start, len }
    }

    fn is_none(self) -> bool {
        self == Self::NONE
    }

    /// The place in the buffer that it is a piece of.
    pub(crate) fn range(self) -> Option<Range<usize>> {
        let start = usize::from(self.start);
        (!self.is_none()).then(|| start..start + usize::from(self.len))
    }
}

impl Draft {
    /// A success, just now, of which nothing is known.
    pub(crate) fn new() -> Self {
        Self {
            head: Head::at(clock::now()),
            buffer: TextBuffer::default(),
            references: Vec::new(),
            rest: None,
        }
    }

    /// Calls `f` with a draft as [`take`](Self::take) gives it, and keeps it.
    #[inline]
    pub(crate) fn with_new<T>(f: impl FnOnce(&mut Self) -> T) -> T {
        let mut draft = Self::take();
        let value = f(&mut draft);
        draft.keep();
        value
    }

    /// A draft as [`new`](Self::new) makes it, in the memory that the thread has kept.
    #[inline]
    #[expect(
        clippy::unnecessary_box_returns,
        reason = "the thread keeps it in its box"
    )]
    pub(crate) fn take() -> Box<Self> {
        // Taken, because what fills it in may record too.
        let kept = KEPT.try_with(Cell::take).ok().flatten();
        let mut draft = kept.unwrap_or_else(|| Box::new(Self::new()));
        draft.reset();
        draft
    }

    /// Has the thread keep the memory for its next draft.
    #[inline]
    pub(crate) fn keep(self: Box<Self>) {
        if self.buffer.capacity() <= KEPT_BYTES_MAX {
            // A thread that is ending drops it.
            let _ = KEPT.try_with(|kept| kept.set(Some(self)));
        }
    }

    #[inline]
    fn reset(&mut self) {
        self.head = Head::at(clock::now());
        self.buffer.clear();
        self.references.clear();
        self.rest = None;
    }

    /// Says what was done.
    #[inline]
    pub(crate) fn set_action(&mut self, action: &'static str) {
        self.head.action = Some(action);
    }

    /// Sets a text. A `Display` that panics leaves it unset, and so does one that fails, but for
    /// the details: half an ID is none.
    pub(crate) fn write(&mut self, field: Field, text: fmt::Arguments<'_>) {
        let start = self.start();
        let is_whole = BoundedText::at_the_end_of(&mut self.buffer).write_whole(text);
        if is_whole || field == Field::Details {
            self.set(field, start);
        } else {
            self.buffer.truncate(start);
        }
    }

    /// Sets a text.
    pub(crate) fn write_str(&mut self, field: Field, text: &str) {
        let start = self.append(text);
        self.set(field, start);
    }

    /// Appends a text, and returns where it begins.
    #[inline]
    fn append(&mut self, text: &str) -> u16 {
        let start = self.buffer.len();
        if self.buffer.push_short(text) {
            start
        } else {
            self.append_long(text)
        }
    }

    #[cold]
    fn append_long(&mut self, text: &str) -> u16 {
        let start = self.start();
        self.buffer.push_str(bounded(text));
        start
    }

    /// The place behind all texts, behind which there is room for one more.
    #[inline]
    pub(crate) fn start(&mut self) -> u16 {
        if usize::from(self.buffer.len()) > TextBuffer::LEN_MAX - BYTES_MAX {
            self.compact();
        }
        self.buffer.len()
    }

    /// Removes the texts that others have taken the place of. What is left has room: five texts,
    /// and no more than [`REFERENCES_BYTES_MAX`] and one ID of references.
    #[cold]
    fn compact(&mut self) {
        let old = String::from_utf8(self.buffer.take()).unwrap_or_default();
        let references = self.references.iter_mut().map(|(_, id)| id);
        for span in self.head.texts.iter_mut().chain(references) {
            if let Some(text) = span.range().and_then(|range| old.get(range)) {
                let start = self.buffer.len();
                self.buffer.push_str(text);
                *span = Span::between(start, self.buffer.len());
            }
        }
    }

    /// Makes what was written behind `start` the field's text.
    #[inline]
    pub(crate) fn set(&mut self, field: Field, start: u16) {
        self.head.texts[field as usize] = Span::between(start, self.buffer.len());
    }

    #[inline]
    fn has(&self, field: Field) -> bool {
        !self.head.texts[field as usize].is_none()
    }

    /// Says how the call ended, just now.
    pub(crate) fn end(&mut self, ended: Ended) {
        self.head.ended = ended;
        self.head.created_at = clock::now();
    }

    /// Fills fields that are not set from `context`.
    pub(crate) fn fill(&mut self, context: &Context) {
        for (field, ambient) in [
            (Field::User, context.user_id()),
            (Field::Request, context.request_id()),
            (Field::Project, context.project_id()),
            (Field::Environment, context.environment()),
        ] {
            if !self.has(field)
                && let Some(ambient) = ambient
            {
                self.write_str(field, ambient);
            }
        }
        if let Some(ambient) = context.shared_references() {
            self.rest.get_or_insert_default().ambient = Some(Arc::clone(ambient));
        }
    }

    /// Adds the ID of the current trace as a reference, unless the activity has one.
    #[cfg(feature = "opentelemetry")]
    pub(crate) fn fill_trace_id(&mut self) {
        let others = self.rest.as_deref().map(|rest| {
            let ambient = rest.ambient.as_deref();
            [Some(&rest.references), ambient]
        });
        let is_named = self.references.iter().any(|(name, _)| *name == TRACE_ID)
            || others
                .into_iter()
                .flatten()
                .flatten()
                .any(|ids| ids.contains_name(TRACE_ID));
        if !is_named && let Some(id) = current_trace_id() {
            self.write_reference(TRACE_ID, format_args!("{id}"));
        }
    }

    /// Sets the environment, if it is not set.
    #[inline]
    pub(crate) fn fill_environment(&mut self, environment: &str) {
        if !self.has(Field::Environment) {
            self.write_str(Field::Environment, environment);
        }
    }

    /// Makes what was written behind `start` the ID of a reference.
    #[inline]
    fn add_reference(&mut self, name: &'static str, start: u16) {
        let id = Span::between(start, self.buffer.len());
        let is_usual = self.references.len() < REFERENCES_KEPT_MAX;
        if is_usual && self.buffer.len() <= REFERENCES_BYTES_MAX {
            self.references.push((name, id));
        } else {
            self.keep_apart(name, start);
        }
    }

    #[cold]
    fn keep_apart(&mut self, name: &'static str, start: u16) {
        let id = self
            .buffer
            .as_bytes()
            .get(usize::from(start)..)
            .unwrap_or_default();
        let id = String::from_utf8_lossy(id).into_owned();
        self.buffer.truncate(start);
        let rest = self.rest.get_or_insert_default();
        rest.references.insert_string(name, id);
    }
}

impl ReferenceSink for Draft {
    fn write_reference(&mut self, name: &'static str, id: fmt::Arguments<'_>) {
        let start = self.start();
        if BoundedText::at_the_end_of(&mut self.buffer).write_whole(id) {
            self.add_reference(name, start);
        } else {
            self.buffer.truncate(start);
        }
    }

    fn write_reference_str(&mut self, name: &'static str, id: &str) {
        let start = self.append(id);
        self.add_reference(name, start);
    }

    fn add_references(&mut self, mut ids: ReferenceIds) {
        ids.repair();
        ids.drain_texts(|name, id| self.write_reference_str(name, id));
        if !ids.is_empty() {
            let rest = self.rest.get_or_insert_default();
            rest.references.add_references(ids);
        }
    }
}

impl Head {
    /// The head of a success at this time, of which nothing is known.
    #[inline]
    fn at(created_at: u64) -> Self {
        Self {
            action: None,
            created_at,
            texts: [Span::NONE; FIELDS],
            ended: Ended::Success,
        }
    }
}

impl Rest {
    /// About how many bytes its references take.
    pub(crate) fn bytes(&self) -> usize {
        let ambient = self.ambient.as_deref().map_or(0, ReferenceIds::bytes);
        self.references.bytes() + ambient
    }
}
