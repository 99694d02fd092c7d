//! A batch while it is filled: [`OpenBatch`].
//!
//! The texts of all drafts are in one buffer, and names that are constants are there once, so that
//! recording an activity allocates nothing that another thread has to free, and one that waits
//! takes little more memory than its texts.

mod names;
mod rows;
mod spares;

use self::names::{Name, Names};
pub(crate) use self::{rows::Rows, spares::Spares};

use std::{array, sync::Arc};

use crate::{
    Activity, Context, ReferenceIds,
    bounded_text::bounded,
    details::VALUES,
    draft::{Draft, Ended, FIELDS, Field},
};

/// The bytes that the texts of a batch take, unless they are unusually long.
const TEXTS_BYTES_USUAL: usize = 4 << 20;

/// Recorded activities, in their order.
#[derive(Debug, Default)]
pub(crate) struct OpenBatch {
    rows: Vec<Packed>,
    /// Whole texts, one behind the other.
    texts: Vec<u8>,
    references: Vec<Reference>,
    names: Names,
    /// Values that few rows have, with the positions of the rows.
    others: Vec<(usize, Other)>,
    /// The bytes of all that is not among the texts: activities built by hand, other references,
    /// and the templates of details.
    other_bytes: usize,
}

/// A row's values, or a place for one among the [others](OpenBatch::others). Its texts stand one
/// behind the other: the fields, the values of the details, and the IDs of the references.
#[derive(Clone, Copy, Debug)]
struct Packed {
    created_at: u64,
    fields: Lengths,
    values: Lengths,
    action: Option<Name>,
    /// The template of the details.
    template: Option<Name>,
    /// The number of its references.
    references: u16,
    ended: Ended,
}

/// The length of a text, in bytes, which is far below what it can tell; or no text at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Len(u16);

impl Len {
    const NONE: Self = Self(u16::MAX);

    /// The length of a text that is [bounded]. The mask changes none, and spares a comparison.
    #[inline]
    fn of(text: &str) -> Self {
        Self(u16_of(text.len() & usize::from(u16::MAX)))
    }

    #[inline]
    fn bytes(self) -> Option<usize> {
        (self != Self::NONE).then_some(usize::from(self.0))
    }
}

/// The lengths of four texts, in one word. A processor waits where it reads eight bytes together
/// that it has just written two by two.
#[derive(Clone, Copy, Debug)]
struct Lengths(u64);

const _: () = assert!(
    FIELDS == 4 && VALUES == 4,
    "there are four lengths in a word"
);

impl Lengths {
    const NONE: Self = Self(u64::MAX);

    /// Sets the length of a text that has none yet.
    #[inline]
    fn set(&mut self, at: usize, len: Len) {
        debug_assert_eq!(self.each()[at], Len::NONE, "it has a length");
        self.0 ^= u64::from(len.0 ^ u16::MAX) << (16 * at);
    }

    #[inline]
    fn each(self) -> [Len; 4] {
        array::from_fn(|at| {
            let len = (self.0 >> (16 * at)) & u64::from(u16::MAX);
            Len(u16::try_from(len).unwrap_or(u16::MAX))
        })
    }
}

/// The name of a reference, and the length of its ID.
#[derive(Clone, Copy, Debug)]
struct Reference {
    name: Name,
    id: Len,
}

/// The values that complete a draft.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ambient<'a> {
    pub(crate) context: Option<&'a Context>,
    pub(crate) environment: Option<&'a str>,
}

impl Ambient<'_> {
    /// Calls `f` once with those of the running task, and in the end this environment. `f` runs no
    /// code of the user's, which might enter a scope.
    #[inline]
    pub(crate) fn with_current<T>(
        environment: Option<&str>,
        mut f: impl FnMut(Ambient<'_>) -> T,
    ) -> T {
        Context::with_current(|context| {
            f(Ambient {
                context,
                environment,
            })
        })
    }
}

impl<'a> Ambient<'a> {
    #[inline]
    fn field(self, field: Field) -> Option<&'a str> {
        let context = self.context;
        match field {
            Field::User => context?.user_id(),
            Field::Request => context?.request_id(),
            Field::Project => context?.project_id(),
            Field::Environment => context.and_then(Context::environment).or(self.environment),
        }
    }

    #[inline]
    fn references(self) -> Option<&'a Arc<ReferenceIds>> {
        self.context?.shared_references()
    }
}

#[derive(Debug)]
enum Other {
    /// The row's references that are not among its texts.
    Rest(Box<Rest>),
    /// The row itself.
    Activity(Box<Activity>),
}

/// References that are not among a row's texts.
#[derive(Debug)]
struct Rest {
    /// The row's own.
    references: Option<ReferenceIds>,
    /// Those of the context, which the writer adds where a name is not among the row's own.
    ambient: Option<Arc<ReferenceIds>>,
}

impl Rest {
    /// About how many bytes its references take.
    fn bytes(&self) -> usize {
        let bytes = |ids: Option<&ReferenceIds>| ids.map_or(0, ReferenceIds::bytes);
        bytes(self.references.as_ref()) + bytes(self.ambient.as_deref())
    }
}

impl Other {
    fn bytes(&self) -> usize {
        match self {
            Self::Rest(rest) => rest.bytes(),
            Self::Activity(activity) => activity.bytes(),
        }
    }
}

impl OpenBatch {
    /// Returns whether its memory is worth keeping: no more than that of a usual batch.
    pub(crate) fn is_usual(&self) -> bool {
        self.texts.capacity() <= TEXTS_BYTES_USUAL
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The number of bytes of text.
    #[inline]
    pub(crate) fn bytes(&self) -> usize {
        self.texts.len() + self.other_bytes
    }

    /// Returns whether there is room for the names of a draft.
    #[inline]
    pub(crate) fn has_names_for(&self, draft: &Draft<'_>) -> bool {
        self.names.has_room_for(2 + draft.references_len())
    }

    /// Appends what a draft has gathered, for whose names there is room, and what it lacks.
    pub(crate) fn push_draft(&mut self, draft: &Draft<'_>, ambient: Ambient<'_>) {
        let mut fields = Lengths::NONE;
        self.push_field(&mut fields, Field::User, draft, ambient);
        self.push_field(&mut fields, Field::Request, draft, ambient);
        self.push_field(&mut fields, Field::Project, draft, ambient);
        self.push_field(&mut fields, Field::Environment, draft, ambient);
        let mut values = Lengths::NONE;
        let template = draft.template.map(|template| {
            for (at, value) in draft.values().enumerate() {
                values.set(at, self.push_text(value));
            }
            self.other_bytes += template.len();
            self.names.of(template)
        });
        draft.each_reference(|name, id| {
            let id = self.push_text(id);
            let name = self.names.of(name);
            self.references.push(Reference { name, id });
        });
        let (others, ambient) = (draft.other_references(), ambient.references());
        if others.is_some() || ambient.is_some() {
            self.push_rest(others, ambient);
        }
        self.rows.push(Packed {
            created_at: draft.created_at,
            fields,
            values,
            action: draft.action.map(|action| self.names.of(action)),
            template,
            references: u16_of(draft.references_len()),
            ended: draft.ended,
        });
    }

    /// Appends a field, if the draft or what completes it has a text for it.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "a call would cost a part of what it does"
    )]
    fn push_field(
        &mut self,
        lens: &mut Lengths,
        field: Field,
        draft: &Draft<'_>,
        ambient: Ambient<'_>,
    ) {
        let ambient = || ambient.field(field).map(bounded);
        if let Some(text) = draft.field(field).or_else(ambient) {
            lens.set(field as usize, self.push_text(text));
        }
    }

    /// Appends a text that is [bounded].
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "a call would cost a part of what it does"
    )]
    fn push_text(&mut self, text: &str) -> Len {
        self.texts.extend_from_slice(text.as_bytes());
        Len::of(text)
    }

    #[cold]
    fn push_rest(&mut self, others: Option<&ReferenceIds>, ambient: Option<&Arc<ReferenceIds>>) {
        self.push_other(Other::Rest(Box::new(Rest {
            references: others.cloned(),
            ambient: ambient.cloned(),
        })));
    }

    /// Appends an activity that was built by hand.
    #[cold]
    pub(crate) fn push_activity(&mut self, activity: Box<Activity>) {
        self.push_other(Other::Activity(activity));
        self.rows.push(Packed {
            created_at: 0,
            fields: Lengths::NONE,
            values: Lengths::NONE,
            action: None,
            template: None,
            references: 0,
            ended: Ended::Success,
        });
    }

    /// Appends what the next row has.
    #[cold]
    fn push_other(&mut self, other: Other) {
        self.other_bytes += other.bytes();
        self.others.push((self.rows.len(), other));
    }

    /// Returns whether both batches are together no more than one of so many rows and bytes.
    pub(crate) fn has_room_for(&self, other: &Self, rows_max: usize, bytes_max: usize) -> bool {
        self.len() + other.len() <= rows_max
            && self.bytes() + other.bytes() <= bytes_max
            && self.names.has_room_for(other.names.len())
    }

    /// Moves all of another batch, for which there is room, behind what is in this one. The other
    /// one keeps its memory.
    pub(crate) fn append(&mut self, other: &mut Self) {
        let rows = self.len();
        self.texts.extend_from_slice(&other.texts);
        let names = other.names.texts().map(|name| self.names.of(name));
        let names: Vec<_> = names.collect();
        let own = |name: Name| names.get(name.position()).copied().unwrap_or(name);
        for Reference { name, id } in &other.references {
            let (name, id) = (own(*name), *id);
            self.references.push(Reference { name, id });
        }
        for row in &other.rows {
            let (action, template) = (row.action.map(own), row.template.map(own));
            self.rows.push(Packed {
                action,
                template,
                ..*row
            });
        }
        self.other_bytes += other.other_bytes;
        let others = other.others.drain(..);
        self.others
            .extend(others.map(|(row, other)| (rows + row, other)));
        other.clear();
    }

    /// Keeps nothing but its memory.
    pub(crate) fn clear(&mut self) {
        self.rows.clear();
        self.texts.clear();
        self.references.clear();
        self.names.clear();
        self.others.clear();
        self.other_bytes = 0;
    }
}

#[inline]
fn u16_of(len: usize) -> u16 {
    u16::try_from(len).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests;
