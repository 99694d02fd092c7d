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

use crate::{
    Activity,
    draft::{Draft, Ended, FIELDS, Head, Rest, Span},
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
    /// The bytes of all that is not among the texts: activities built by hand, and other
    /// references.
    other_bytes: usize,
}

/// A row's values, or a place for one among the [others](OpenBatch::others).
#[derive(Clone, Copy, Debug)]
struct Packed {
    created_at: u64,
    /// The places of the texts among the row's own.
    texts: [Span; FIELDS],
    /// The ends of its texts and of its references, which begin where those of the row before end.
    texts_end: u32,
    references_end: u32,
    action: Option<Name>,
    ended: Ended,
}

/// The name of a reference, and the place of its ID among the row's texts.
#[derive(Clone, Copy, Debug)]
struct Reference {
    name: Name,
    id: Span,
}

#[derive(Debug)]
enum Other {
    /// The row's references that are not among its texts.
    Rest(Box<Rest>),
    /// The row itself.
    Activity(Box<Activity>),
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

    /// An empty batch with room for what is in this one: growing there would copy what it has, a
    /// few times in a thousand calls.
    pub(crate) fn empty_as_large(&self) -> Self {
        Self {
            rows: Vec::with_capacity(self.rows.len()),
            texts: Vec::with_capacity(self.texts.len()),
            references: Vec::with_capacity(self.references.len()),
            ..Self::default()
        }
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
    pub(crate) fn has_names_for(&self, draft: &Draft) -> bool {
        self.names.has_room_for(1 + draft.references.len())
    }

    /// Appends what a draft has gathered, for whose names there is room.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "a call would cost a part of what it does"
    )]
    pub(crate) fn push_draft(&mut self, draft: &mut Draft) {
        let action = draft.head.action.map(|action| self.names.of(action));
        for &(name, id) in &draft.references {
            let name = self.names.of(name);
            self.references.push(Reference { name, id });
        }
        self.texts.extend_from_slice(draft.buffer.as_bytes());
        if let Some(rest) = draft.rest.take() {
            self.push_other(Other::Rest(rest));
        }
        let Head {
            created_at,
            texts,
            ended,
            ..
        } = &draft.head;
        self.rows.push(Packed {
            created_at: *created_at,
            texts: *texts,
            texts_end: u32_of(self.texts.len()),
            references_end: u32_of(self.references.len()),
            action,
            ended: *ended,
        });
    }

    /// Appends an activity that was built by hand.
    #[cold]
    pub(crate) fn push_activity(&mut self, activity: Box<Activity>) {
        self.push_other(Other::Activity(activity));
        self.rows.push(Packed {
            created_at: 0,
            texts: [Span::NONE; FIELDS],
            texts_end: u32_of(self.texts.len()),
            references_end: u32_of(self.references.len()),
            action: None,
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
        let (rows, texts, references) = (self.len(), self.texts.len(), self.references.len());
        let (texts, references) = (u32_of(texts), u32_of(references));
        self.texts.extend_from_slice(&other.texts);
        for reference in &other.references {
            let name = self.names.of(other.names.text(reference.name));
            let id = reference.id;
            self.references.push(Reference { name, id });
        }
        for row in &other.rows {
            let action = row.action.map(|name| self.names.of(other.names.text(name)));
            self.rows.push(Packed {
                texts_end: texts.saturating_add(row.texts_end),
                references_end: references.saturating_add(row.references_end),
                action,
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

/// A place in a batch, which is full long before it is longer than can be told.
#[inline]
fn u32_of(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
