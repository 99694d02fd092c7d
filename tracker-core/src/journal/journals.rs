//! The journals of a tracker: its own, and those that other processes left behind.

pub(super) mod replace;

use std::{collections::VecDeque, mem, path::Path};

use super::{
    dead_letter_table::{Cleared, DeadLetter},
    directory::Slot,
    durability::Durability,
    error::JournalError,
    file::JournalFile,
    replacement::{open_or_salvage, take_usable},
    settings::Journal,
};
use crate::{clock::now_ms, error_chain::ErrorChain, panics::quietly, store::Batch};

/// The journal that an entry is in: the tracker's own, or one left by another process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Own,
    Left,
}

/// A tracker's own journal, which it appends to, and the journals that it empties.
#[derive(Debug)]
pub(crate) struct Journals {
    settings: Journal,
    durability: Durability,
    slot: Slot,
    own: JournalFile,
    left: VecDeque<(Slot, JournalFile)>,
    /// The left journals whose dead letters do not fit in the tracker's own journal.
    kept: Vec<(Slot, JournalFile)>,
    /// The batches that [`next`](Self::next) returned and that are not shipped yet, in this order.
    ///
    /// All are of the same journal.
    in_hand: VecDeque<InHand>,
}

/// A batch in flight, made of entries at the start of a journal.
#[derive(Clone, Copy, Debug)]
struct InHand {
    source: Source,
    /// The number of its entries in the journal. `last` is the sequence number of the last one.
    rows: u64,
    last: i64,
}

impl Journals {
    /// Opens a journal for this tracker, and those that other processes left in its directory.
    pub(crate) fn open(settings: Journal, durability: Durability) -> Result<Self, JournalError> {
        let Journal {
            directory,
            bytes_max,
        } = &settings;
        let (slot, own) = take_usable(directory, durability, *bytes_max, passed_over)?;
        let mut journals = Self {
            settings,
            durability,
            slot,
            own,
            left: VecDeque::new(),
            kept: Vec::new(),
            in_hand: VecDeque::new(),
        };
        for slot in Slot::take_left(&journals.settings.directory) {
            match open_or_salvage(&slot, durability, journals.settings.bytes_max) {
                Ok(file) => {
                    // Its content would be lost if the write-ahead log were removed.
                    let _ = file.empty_log();
                    journals.left.push_back((slot, file));
                }
                Err(error) => passed_over(&slot, &error),
            }
        }
        Ok(journals)
    }

    /// Returns the number of entries that wait for the store.
    pub(crate) fn waiting(&self) -> u64 {
        let left = self.left.iter().map(|(_, file)| file.waiting());
        self.own.waiting() + left.sum::<u64>()
    }

    /// Appends as many of the activities as there is room for to the tracker's own journal.
    ///
    /// Returns the number appended, and the error if that is not all of them. Set `may_be_stored`
    /// if the activities may already be in the store.
    pub(crate) fn append(
        &mut self,
        batch: &Batch,
        may_be_stored: bool,
    ) -> (usize, Result<(), JournalError>) {
        let (added, outcome) = self.own.append(batch);
        if may_be_stored && added > 0 {
            self.own.may_be_stored();
        }
        (added, outcome)
    }

    /// Fails if the tracker's own journal has content and its file was removed.
    pub(crate) fn look_after(&self) -> Result<(), JournalError> {
        if self.own.holds_something() {
            self.own.look_after()
        } else {
            Ok(())
        }
    }

    /// Returns the number of waiting entries in the tracker's own journal that are not in flight.
    pub(crate) fn own_waiting(&self) -> u64 {
        let own = self
            .in_hand
            .iter()
            .filter(|in_hand| in_hand.source == Source::Own);
        let on_their_way = own.map(|in_hand| in_hand.rows).sum();
        self.own.waiting().saturating_sub(on_their_way)
    }

    /// Returns the source of the in-flight batches, if any.
    pub(crate) fn on_their_way(&self) -> Option<Source> {
        self.in_hand.front().map(|in_hand| in_hand.source)
    }

    /// Returns whether there are waiting entries that are not in flight.
    pub(crate) fn has_more(&self) -> bool {
        let on_their_way = self.in_hand.iter().map(|in_hand| in_hand.rows);
        self.waiting() > on_their_way.sum()
    }

    /// Returns whether a left journal has waiting entries. Deletes the empty ones before it.
    pub(crate) fn has_left(&mut self) -> bool {
        for _ in 0..self.left.len() {
            let Some((slot, file)) = self.left.pop_front() else {
                break;
            };
            if file.waiting() > 0 {
                self.left.push_front((slot, file));
                return true;
            }
            if file.is_unremoved() {
                self.left.push_front((slot, file));
                return false;
            }
            match self.own.adopt_dead_letters(&file) {
                Ok(()) => {
                    // If this fails, the next process finds the file, which is empty then as well.
                    let _ = file.delete();
                }
                // They are listed from this file, and the next process tries again.
                Err(_) => self.kept.push((slot, file)),
            }
        }
        false
    }

    /// Moves the first left journal, which can't be read now, after the others.
    pub(crate) fn put_back(&mut self) {
        self.left.rotate_left(1.min(self.left.len()));
    }

    /// Returns up to `rows_max` entries of a journal that are not in flight, and whether they may
    /// already be in the store.
    ///
    /// The batches must be [shipped](Self::shipped) in the same order.
    pub(crate) fn next(
        &mut self,
        source: Source,
        rows_max: usize,
    ) -> Result<(Batch, bool), JournalError> {
        let (mut after, mut rows) = (None, 0);
        for in_hand in &self.in_hand {
            after = Some(in_hand.last);
            rows += in_hand.rows;
        }
        let (entries, may_be_stored) = self.file(source).next(after, rows, rows_max)?;
        let last = entries.last();
        let batch = Batch::packed(entries);
        self.in_hand.extend(last.map(|last| InHand {
            source,
            rows: batch.rows(),
            last,
        }));
        Ok((batch, may_be_stored))
    }

    /// Marks the oldest batch from [`next`](Self::next) as no longer needing shipping.
    ///
    /// `dead` are the rows that the store rejected, `waiting` those that it does not accept yet.
    /// The batch leaves its journal when that is [cleared](Self::clear).
    ///
    /// Waiting rows stay in the tracker's own journal until they are [settled](Self::settled).
    /// Rows of a left journal are appended to the own one as far as there is room, and become dead
    /// letters otherwise. Returns the number of rows appended.
    pub(crate) fn shipped(&mut self, mut dead: Vec<DeadLetter>, waiting: Vec<Batch>) -> u64 {
        let Some(in_hand) = self.in_hand.pop_front() else {
            return 0;
        };
        let (mut held, mut moved) = (waiting, 0);
        if in_hand.source == Source::Left {
            let rows = mem::take(&mut held).into_iter();
            let rows: Batch = rows.flat_map(|row| row.activities().to_vec()).collect();
            let (added, _) = self.append(&rows, true);
            let died_at = now_ms();
            let rest = rows.activities().iter().skip(added).cloned();
            dead.extend(rest.map(|row| DeadLetter::new(row, NO_ROOM_TO_WAIT, died_at)));
            moved = added as u64;
        }
        let file = self.file(in_hand.source);
        file.shipped_to(in_hand.rows, in_hand.last, dead, held);
        moved
    }

    /// Marks a held row as settled: the store accepted or rejected it.
    pub(crate) fn settled(&mut self, row: &Batch, dead: Vec<DeadLetter>) {
        self.own.settled(row, dead);
    }

    /// Removes the entries of a journal that no longer need shipping, and stores its dead letters.
    pub(crate) fn clear(&mut self, source: Source) -> Result<Cleared, JournalError> {
        self.file(source).clear()
    }

    /// Returns whether there is something to be [cleared](Self::clear).
    pub(crate) fn is_unremoved(&mut self, source: Source) -> bool {
        self.file(source).is_unremoved()
    }

    /// Returns whether there are dead letters that are not stored yet.
    pub(crate) fn has_dead(&mut self, source: Source) -> bool {
        !self.file(source).dead().is_empty()
    }

    /// Shrinks the file of the tracker's own journal if it is almost empty.
    pub(crate) fn shrink(&self) {
        self.own.shrink();
    }

    /// Returns the path of the tracker's own journal.
    pub(crate) fn path(&self) -> &Path {
        self.slot.path()
    }

    fn file(&mut self, source: Source) -> &mut JournalFile {
        match (source, self.left.front_mut()) {
            (Source::Left, Some((_, file))) => file,
            _ => &mut self.own,
        }
    }
}

/// The reason of dead letters from a left journal that the store does not accept yet.
const NO_ROOM_TO_WAIT: &str =
    "the store does not take it yet, and the journal has no room in which it could wait";

fn passed_over(slot: &Slot, error: &JournalError) {
    quietly(|| {
        tracing::warn!(
            error = %ErrorChain(error),
            journal = %slot.path().display(),
            "a journal can't be used; it stays as it is"
        );
    });
}
