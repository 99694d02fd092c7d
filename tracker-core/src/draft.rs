//! An activity as it leaves its function: [`Draft`].
//!
//! The caller's thread writes all texts into one buffer, which it keeps for the next draft, and
//! reads the clock. Everything else that makes a row of it, its ID above all, is left to the
//! writer's thread.

use std::{borrow::Cow, cell::Cell, fmt, mem, num::NonZeroU32, sync::Arc, time::SystemTime};

use uuid::{ContextV7, Timestamp, Uuid};

#[cfg(feature = "opentelemetry")]
use crate::ambient::{TRACE_ID, current_trace_id};
use crate::{
    Activity, Context, ReferenceIds, Status,
    bounded_text::{BoundedText, bounded},
    clock::unix_ms,
    reference_ids::declared::ReferenceSink,
};

/// The largest buffer that a thread keeps, in bytes: many times what the usual IDs and a line of
/// details take.
const KEPT_BYTES_MAX: usize = 8_192;

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

const FIELDS: usize = 5;

/// The values that a call site gathers; becomes an [`Activity`] on the writer's thread.
#[derive(Clone, Debug)]
pub struct Draft {
    head: Head,
    /// All texts, one behind the other.
    buffer: String,
    /// Reference IDs that are texts under constant names: nearly all.
    references: Vec<Reference>,
}

/// A name, and the place of its ID in a draft's buffer.
pub(crate) type Reference = (&'static str, Span);

/// All of a draft but its texts, which a batch has in a buffer of its own.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) action: Option<&'static str>,
    pub(crate) status: Status,
    /// Made a number of by the writer.
    pub(crate) created_at: SystemTime,
    /// The places of the texts in the buffer.
    pub(crate) texts: [Option<Span>; FIELDS],
    /// The reference IDs that are not among the draft's [`Reference`]s.
    pub(crate) other_references: Option<Box<ReferenceIds>>,
    /// Those of the context, which the writer adds where a name is not among the draft's own.
    pub(crate) ambient_references: Option<Arc<ReferenceIds>>,
}

/// A piece of a draft's buffer, which is far shorter than `u32` can tell.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    start: u32,
    /// One more than the end, so that an option of it takes no more room.
    after: NonZeroU32,
}

impl Span {
    fn between(start: usize, end: usize) -> Self {
        let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
        Self {
            start: offset(start),
            after: NonZeroU32::MIN.saturating_add(offset(end)),
        }
    }

    pub(crate) fn len(self) -> usize {
        (self.after.get() - 1).saturating_sub(self.start) as usize
    }

    pub(crate) fn of(self, buffer: &str) -> Option<&str> {
        buffer.get(self.start as usize..self.after.get() as usize - 1)
    }
}

impl Draft {
    /// A success, just now, of which nothing is known.
    pub(crate) fn new() -> Self {
        Self {
            head: Head::at(SystemTime::now()),
            buffer: String::new(),
            references: Vec::new(),
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
        self.head = Head::at(SystemTime::now());
        self.buffer.clear();
        self.references.clear();
    }

    /// Takes all but the texts, for a batch that has copied these.
    pub(crate) fn take_head(&mut self) -> Head {
        let next = Head::at(self.head.created_at);
        mem::replace(&mut self.head, next)
    }

    pub(crate) fn buffer(&self) -> &str {
        &self.buffer
    }

    pub(crate) fn references(&self) -> &[Reference] {
        &self.references
    }

    /// Takes the activity that the writer would make of it, for one that does not go through a
    /// batch.
    pub(crate) fn take_activity(&mut self) -> Activity {
        let head = self.take_head();
        let id = head.new_id(&ContextV7::new());
        head.into_activity(&self.buffer, &self.references, id)
    }

    /// Says what was done.
    pub(crate) fn set_action(&mut self, action: &'static str) {
        self.head.action = Some(action);
    }

    /// Sets a text. A `Display` that panics leaves it unset, and so does one that fails, but for
    /// the details: half an ID is none.
    pub(crate) fn write(&mut self, field: Field, text: fmt::Arguments<'_>) {
        let start = self.buffer.len();
        let is_whole = BoundedText::at_the_end_of(&mut self.buffer).write_whole(text);
        if is_whole || field == Field::Details {
            self.set(field, start);
        } else {
            self.buffer.truncate(start);
        }
    }

    /// Sets a text.
    pub(crate) fn write_str(&mut self, field: Field, text: &str) {
        let start = self.buffer.len();
        self.buffer.push_str(bounded(text));
        self.set(field, start);
    }

    /// Makes what was written behind `start` the field's text.
    fn set(&mut self, field: Field, start: usize) {
        self.head.texts[field as usize] = Some(Span::between(start, self.buffer.len()));
    }

    fn has(&self, field: Field) -> bool {
        self.head.texts[field as usize].is_some()
    }

    /// Says how the call ended, just now.
    pub(crate) fn end(&mut self, status: Status) {
        self.head.status = status;
        self.head.created_at = SystemTime::now();
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
            self.head.ambient_references = Some(Arc::clone(ambient));
        }
    }

    /// Adds the ID of the current trace as a reference, unless the activity has one.
    #[cfg(feature = "opentelemetry")]
    pub(crate) fn fill_trace_id(&mut self) {
        let other = self.head.other_references.as_deref();
        let others = [other, self.head.ambient_references.as_deref()];
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
        if !self.has(Field::Environment) {
            self.write_str(Field::Environment, environment);
        }
    }
}

impl ReferenceSink for Draft {
    fn write_reference(&mut self, name: &'static str, id: fmt::Arguments<'_>) {
        let start = self.buffer.len();
        if BoundedText::at_the_end_of(&mut self.buffer).write_whole(id) {
            let id = Span::between(start, self.buffer.len());
            self.references.push((name, id));
        } else {
            self.buffer.truncate(start);
        }
    }

    fn add_references(&mut self, mut ids: ReferenceIds) {
        ids.repair();
        ids.drain_texts(|name, id| self.write_reference(name, format_args!("{id}")));
        match &mut self.head.other_references {
            _ if ids.is_empty() => {}
            None => self.head.other_references = Some(Box::new(ids)),
            Some(others) => others.add_references(ids),
        }
    }
}

impl Head {
    /// The head of a success at this time, of which nothing is known.
    fn at(time: SystemTime) -> Self {
        Self {
            action: None,
            status: Status::Success,
            created_at: time,
            texts: [None; FIELDS],
            other_references: None,
            ambient_references: None,
        }
    }

    /// About how many bytes its references take that are in no buffer.
    pub(crate) fn bytes(&self) -> usize {
        let other = self.other_references.as_deref();
        let ambient = self.ambient_references.as_deref();
        other.map_or(0, ReferenceIds::bytes) + ambient.map_or(0, ReferenceIds::bytes)
    }

    /// A new ID, which holds the time.
    pub(crate) fn new_id(&self, ids: &ContextV7) -> Uuid {
        let ms = u64::try_from(unix_ms(self.created_at)).unwrap_or(0);
        let nanos = u32::try_from(ms % 1_000).unwrap_or(0) * 1_000_000;
        Uuid::new_v7(Timestamp::from_unix(ids, ms / 1_000, nanos))
    }

    /// The activity, repaired. `texts` is the draft's buffer.
    pub(crate) fn into_activity(self, texts: &str, references: &[Reference], id: Uuid) -> Activity {
        let text = |field: Field| Some(self.texts[field as usize]?.of(texts)?.to_owned());
        let mut activity = Activity {
            project_id: text(Field::Project),
            user_id: text(Field::User),
            request_id: text(Field::Request),
            action_type: self.action.map(Cow::Borrowed),
            action_details: text(Field::Details),
            environment: text(Field::Environment),
            created_at: Some(unix_ms(self.created_at)),
            ..Activity::empty(id.to_string())
        };
        activity.status = Some(self.status);
        if let Some(other) = self.other_references {
            activity.reference_ids = *other;
        }
        for (name, id) in references {
            if let Some(id) = id.of(texts) {
                activity.reference_ids.insert_string(name, id.to_owned());
            }
        }
        if let Some(ambient) = self.ambient_references {
            activity.reference_ids.add_missing(&ambient, usize::MAX);
        }
        activity.repair();
        activity
    }
}
