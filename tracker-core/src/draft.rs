//! An activity as it leaves its function: [`Draft`].
//!
//! The caller's thread gathers where the texts are, and reads the clock. Texts that outlive the
//! record are lent, and copied once: into the batch. Others are made in a buffer, which the thread
//! keeps for its next draft. All else that makes a row of it, its ID above all, is left to the
//! writer's thread.

mod kept;

use std::fmt;

use arrayvec::ArrayVec;

#[cfg(feature = "opentelemetry")]
use crate::ambient::{Context, TRACE_ID, current_trace_id};
use crate::{
    ReferenceIds, Status,
    bounded_text::{BoundedText, bounded},
    clock,
    details::{self, VALUES},
    reference_ids::declared::ReferenceSink,
};

/// The number of reference IDs for which a draft needs no memory of its own.
const REFERENCES_USUAL: usize = 8;

/// A text of an activity, besides its details.
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
}

pub(crate) const FIELDS: usize = 4;

/// The values that a call site gathers; becomes an [`Activity`](crate::Activity), or a row, on the
/// writer's thread.
#[derive(Clone, Debug)]
pub struct Draft<'t> {
    pub(crate) action: Option<&'static str>,
    /// Nanoseconds since the Unix epoch.
    pub(crate) created_at: u64,
    pub(crate) ended: Ended,
    fields: [Text<'t>; FIELDS],
    /// The [template](details) of the details, if they are set.
    pub(crate) template: Option<&'static str>,
    values: ArrayVec<Text<'t>, VALUES>,
    /// True if the last value has failed, with which the details end.
    has_failed: bool,
    /// Reference IDs that are texts under constant names: nearly all.
    references: ArrayVec<Reference<'t>, REFERENCES_USUAL>,
    rest: Option<Box<Rest<'t>>>,
    /// The texts that are not lent, one behind the other.
    made: String,
}

/// The references that few drafts have.
#[derive(Clone, Debug, Default)]
struct Rest<'t> {
    /// Texts under constant names, for which there is no room.
    texts: Vec<Reference<'t>>,
    others: ReferenceIds,
}

/// The name of a reference, and its ID.
type Reference<'t> = (&'static str, Text<'t>);

/// A text that outlives the record, a piece of those that were made, or none. It is [bounded].
#[derive(Clone, Copy, Debug)]
enum Text<'t> {
    Lent(&'t str),
    Made { start: u32, len: u32 },
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

impl<'t> Text<'t> {
    const NONE: Self = Self::Made {
        start: u32::MAX,
        len: 0,
    };

    /// A text that is lent, as far as it is [bounded].
    #[inline]
    fn lent(text: &'t str) -> Self {
        Self::Lent(bounded(text))
    }

    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "a call would cost a part of what it does"
    )]
    fn within(self, made: &'t str) -> Option<&'t str> {
        match self {
            Self::Lent(text) => Some(text),
            Self::Made {
                start: u32::MAX, ..
            } => None,
            Self::Made { start, len } => made.get(start as usize..)?.get(..len as usize),
        }
    }
}

impl<'t> Draft<'t> {
    /// A success, just now, of which nothing is known.
    #[inline]
    pub(crate) fn new() -> Self {
        Self::at(clock::now())
    }

    #[inline]
    fn at(created_at: u64) -> Self {
        Self {
            action: None,
            created_at,
            ended: Ended::Success,
            fields: [Text::NONE; FIELDS],
            template: None,
            values: ArrayVec::new_const(),
            has_failed: false,
            references: ArrayVec::new_const(),
            rest: None,
            made: String::new(),
        }
    }

    /// Says what was done.
    #[inline]
    pub(crate) fn set_action(&mut self, action: &'static str) {
        self.action = Some(action);
    }

    /// Says how the call ended, just now.
    pub(crate) fn end(&mut self, ended: Ended) {
        self.ended = ended;
        self.created_at = clock::now();
    }

    /// Sets a field to a text that is lent.
    #[inline]
    pub(crate) fn lend(&mut self, field: Field, text: &'t str) {
        self.fields[field as usize] = Text::lent(text);
    }

    /// Sets a field to a copy of a text.
    pub(crate) fn copy(&mut self, field: Field, text: &str) {
        self.fields[field as usize] = self.copied(text);
    }

    /// Sets a field. A `Display` that panics leaves it unset, and so does one that fails: half an
    /// ID is none.
    pub(crate) fn write(&mut self, field: Field, text: fmt::Arguments<'_>) {
        if let (text, true) = self.made(text) {
            self.fields[field as usize] = text;
        }
    }

    /// Adds a value for the details, which is lent. There are no more than [`VALUES`].
    #[inline]
    pub(crate) fn lend_value(&mut self, text: &'t str) {
        self.add_value(Text::lent(text));
    }

    /// Adds a copy of a value for the details.
    pub(crate) fn copy_value(&mut self, text: &str) {
        let text = self.copied(text);
        self.add_value(text);
    }

    /// Adds a value for the details. Where its `Display` fails, they end with what it has written.
    pub(crate) fn write_value(&mut self, text: fmt::Arguments<'_>) {
        let (text, is_whole) = self.made(text);
        self.add_value(text);
        self.has_failed |= !is_whole;
    }

    #[inline]
    fn add_value(&mut self, text: Text<'t>) {
        if !self.has_failed {
            // There is room for the values of a template.
            let _ = self.values.try_push(text);
        }
    }

    /// Sets the details to a template with the values that were added.
    #[inline]
    pub(crate) fn set_details(&mut self, template: &'static str) {
        self.template = Some(template);
        if self.has_failed {
            self.end_details_early(template);
        }
    }

    #[cold]
    fn end_details_early(&mut self, template: &str) {
        let mut line = String::new();
        let pieces = details::pieces(template);
        details::write_begin(&pieces, self.values(), |piece| line.push_str(piece));
        let line = self.copied(&line);
        self.set_whole_details(line);
    }

    /// Sets the details to one text. A `Display` that panics leaves them as they are.
    pub(crate) fn write_details(&mut self, text: fmt::Arguments<'_>) {
        let (line, _) = self.made(text);
        self.set_whole_details(line);
    }

    fn set_whole_details(&mut self, line: Text<'t>) {
        self.has_failed = false;
        self.values.clear();
        self.add_value(line);
        self.template = Some(details::WHOLE);
    }

    #[inline]
    fn add_reference(&mut self, reference: Reference<'t>) {
        if let Err(full) = self.references.try_push(reference) {
            let rest = self.rest.get_or_insert_default();
            rest.texts.push(full.element());
        }
    }

    /// Makes a text, and tells whether its `Display` has not failed.
    fn made(&mut self, text: fmt::Arguments<'_>) -> (Text<'t>, bool) {
        let made = self.texts();
        let start = made.len();
        let is_whole = BoundedText::at_the_end_of(made).write_whole(text);
        (self.made_from(start), is_whole)
    }

    fn copied(&mut self, text: &str) -> Text<'t> {
        let made = self.texts();
        let start = made.len();
        made.push_str(bounded(text));
        self.made_from(start)
    }

    /// The text that was written behind `start`.
    fn made_from(&self, start: usize) -> Text<'t> {
        let len = self.made.len() - start;
        match (u32::try_from(start), u32::try_from(len)) {
            (Ok(start), Ok(len)) => Text::Made { start, len },
            _ => Text::NONE,
        }
    }

    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "a call would cost a part of what it does"
    )]
    pub(crate) fn field(&self, field: Field) -> Option<&str> {
        self.fields[field as usize].within(&self.made)
    }

    /// The values of the template.
    #[inline]
    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        let values = self.values.iter();
        values.map(|value| value.within(&self.made).unwrap_or_default())
    }

    /// The number of its reference IDs that are texts.
    #[inline]
    pub(crate) fn references_len(&self) -> usize {
        let rest = self.rest.as_ref().map_or(0, |rest| rest.texts.len());
        self.references.len() + rest
    }

    /// Passes its reference IDs that are texts to `take` under their names, in the order in which
    /// they came.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "a call would cost a part of what it does"
    )]
    pub(crate) fn each_reference<'a>(&'a self, mut take: impl FnMut(&'static str, &'a str)) {
        for (name, id) in &self.references {
            take(name, id.within(&self.made).unwrap_or_default());
        }
        if let Some(rest) = &self.rest {
            for (name, id) in &rest.texts {
                take(name, id.within(&self.made).unwrap_or_default());
            }
        }
    }

    /// Its other reference IDs.
    #[inline]
    pub(crate) fn other_references(&self) -> Option<&ReferenceIds> {
        let others = self.rest.as_ref().map(|rest| &rest.others)?;
        (!others.is_empty()).then_some(others)
    }

    /// Adds the ID of the current trace as a reference, unless the activity has one.
    #[cfg(feature = "opentelemetry")]
    pub(crate) fn fill_trace_id(&mut self) {
        let mut is_named = false;
        self.each_reference(|name, _| is_named |= name == TRACE_ID);
        let others = self.other_references();
        let is_named = is_named
            || others.is_some_and(|others| others.contains_name(TRACE_ID))
            || Context::with_current(|context| {
                context.is_some_and(|context| context.names_reference(TRACE_ID))
            });
        if !is_named && let Some(id) = current_trace_id() {
            self.write_reference(TRACE_ID, format_args!("{id}"));
        }
    }
}

impl<'t> ReferenceSink<'t> for Draft<'t> {
    fn write_reference(&mut self, name: &'static str, id: fmt::Arguments<'_>) {
        if let (id, true) = self.made(id) {
            self.add_reference((name, id));
        }
    }

    fn copy_reference(&mut self, name: &'static str, id: &str) {
        let id = self.copied(id);
        self.add_reference((name, id));
    }

    fn lend_reference(&mut self, name: &'static str, id: &'t str) {
        self.add_reference((name, Text::lent(id)));
    }

    fn add_references(&mut self, mut ids: ReferenceIds) {
        ids.repair();
        ids.drain_texts(|name, id| self.copy_reference(name, id));
        if !ids.is_empty() {
            let rest = self.rest.get_or_insert_default();
            rest.others.add_references(ids);
        }
    }
}

/// A draft that outlives what lends texts to it, and copies them.
pub struct Copies<'a>(pub &'a mut Draft<'static>);

impl<'t> ReferenceSink<'t> for Copies<'_> {
    fn write_reference(&mut self, name: &'static str, id: fmt::Arguments<'_>) {
        self.0.write_reference(name, id);
    }

    fn copy_reference(&mut self, name: &'static str, id: &str) {
        self.0.copy_reference(name, id);
    }

    fn lend_reference(&mut self, name: &'static str, id: &'t str) {
        self.0.copy_reference(name, id);
    }

    fn add_references(&mut self, ids: ReferenceIds) {
        self.0.add_references(ids);
    }
}
