//! The journals that a tracker has: its own, and those that others have left.

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
use crate::{Activity, clock::now_ms, error_chain::ErrorChain, panics::quietly, store::Batch};

/// Which journal an entry is in.
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
    /// Those of them that hold dead letters for which the tracker's own has no room.
    kept: Vec<(Slot, JournalFile)>,
    /// What has been given out by [`next`](Self::next), and not removed yet, in this order; all of one journal.
    in_hand: VecDeque<InHand>,
}

/// The first entries of a journal, which are being shipped.
#[derive(Clone, Copy, Debug)]
struct InHand {
    source: Source,
    /// How many of them are in the journal, and the number of the last one.
    rows: u64,
    last: i64,
}

impl Journals {
    /// Takes a journal, and those that others have left in the same directory.
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
                    // What is in its write-ahead log would go with that.
                    let _ = file.empty_log();
                    journals.left.push_back((slot, file));
                }
                Err(error) => passed_over(&slot, &error),
            }
        }
        Ok(journals)
    }

    /// How many entries wait for the store.
    pub(crate) fn waiting(&self) -> u64 {
        let left = self.left.iter().map(|(_, file)| file.waiting());
        self.own.waiting() + left.sum::<u64>()
    }

    /// Adds activities to the tracker's own journal: the first of them for which there is room. Tells how many, and why not all. They may be in
    /// the store already.
    pub(crate) fn append(
        &mut self,
        activities: &[Activity],
        may_be_stored: bool,
    ) -> (usize, Result<(), JournalError>) {
        let (added, outcome) = self.own.append(activities);
        if may_be_stored && added > 0 {
            self.own.may_be_stored();
        }
        (added, outcome)
    }

    /// Fails where the tracker's own journal holds something and was removed.
    pub(crate) fn look_after(&self) -> Result<(), JournalError> {
        if self.own.holds_something() {
            self.own.look_after()
        } else {
            Ok(())
        }
    }

    /// How many entries of the tracker's own journal wait for the store, and are not on their way.
    pub(crate) fn own_waiting(&self) -> u64 {
        let own = self
            .in_hand
            .iter()
            .filter(|in_hand| in_hand.source == Source::Own);
        let on_their_way = own.map(|in_hand| in_hand.rows).sum();
        self.own.waiting().saturating_sub(on_their_way)
    }

    /// Which journal that is of which something is on its way.
    pub(crate) fn on_their_way(&self) -> Option<Source> {
        self.in_hand.front().map(|in_hand| in_hand.source)
    }

    /// Whether something waits that is not on its way.
    pub(crate) fn has_more(&self) -> bool {
        let on_their_way = self.in_hand.iter().map(|in_hand| in_hand.rows);
        self.waiting() > on_their_way.sum()
    }

    /// Whether there is something that another process has left. What is empty is removed.
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
                    // What can't be removed is found by the next process, and is as empty then.
                    let _ = file.delete();
                }
                // They are listed where they are, and the next process tries again.
                Err(_) => self.kept.push((slot, file)),
            }
        }
        false
    }

    /// Puts a journal that can't be read now behind the others.
    pub(crate) fn put_back(&mut self) {
        self.left.rotate_left(1.min(self.left.len()));
    }

    /// The first entries of a journal that are not on their way, at most `rows_max`, and whether they may be in the store already. They are
    /// [shipped](Self::shipped) in the same order.
    pub(crate) fn next(
        &mut self,
        source: Source,
        rows_max: usize,
    ) -> Result<(Vec<Activity>, bool), JournalError> {
        let (mut after, mut rows) = (None, 0);
        for in_hand in &self.in_hand {
            after = Some(in_hand.last);
            rows += in_hand.rows;
        }
        let (entries, may_be_stored) = self.file(source).next(after, rows, rows_max)?;
        self.in_hand.extend(entries.last().map(|last| InHand {
            source,
            rows: entries.len() as u64,
            last: last.seq,
        }));
        let activities = entries.into_iter().map(|entry| entry.activity).collect();
        Ok((activities, may_be_stored))
    }

    /// Says that what [`next`](Self::next) gave out first needs no shipping any more, which of it
    /// the store refused, and which it does not take yet. It leaves its journal when that is
    /// [cleared](Self::clear).
    ///
    /// What is not taken yet stays in the tracker's own journal until it is
    /// [settled](Self::settled). From that of another process it goes behind what waits in the
    /// tracker's own, as far as there is room; tells how many rows that are.
    pub(crate) fn shipped(&mut self, mut dead: Vec<DeadLetter>, waiting: Vec<Batch>) -> u64 {
        let Some(in_hand) = self.in_hand.pop_front() else {
            return 0;
        };
        let (mut held, mut moved) = (waiting, 0);
        if in_hand.source == Source::Left {
            let rows = mem::take(&mut held).into_iter();
            let rows: Vec<_> = rows.flat_map(|row| row.activities().to_vec()).collect();
            let (added, _) = self.append(&rows, true);
            let died_at = now_ms();
            let rest = rows.into_iter().skip(added);
            dead.extend(rest.map(|row| DeadLetter::new(row, NO_ROOM_TO_WAIT, died_at)));
            moved = added as u64;
        }
        let file = self.file(in_hand.source);
        file.shipped_to(in_hand.rows, in_hand.last, dead, held);
        moved
    }

    /// Says that a row that the store did not take yet is in it, or was refused.
    pub(crate) fn settled(&mut self, row: &Batch, dead: Vec<DeadLetter>) {
        self.own.settled(row, dead);
    }

    /// Removes what needs no shipping any more from a journal, and puts its dead letters aside.
    pub(crate) fn clear(&mut self, source: Source) -> Result<Cleared, JournalError> {
        self.file(source).clear()
    }

    /// Whether there is something to be [cleared](Self::clear).
    pub(crate) fn is_unremoved(&mut self, source: Source) -> bool {
        self.file(source).is_unremoved()
    }

    /// Whether there are dead letters to be put aside.
    pub(crate) fn has_dead(&mut self, source: Source) -> bool {
        !self.file(source).dead().is_empty()
    }

    /// Makes the file of the tracker's own journal small where hardly anything is in it.
    pub(crate) fn shrink(&self) {
        self.own.shrink();
    }

    /// The file of the tracker's own journal.
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

/// Why a row of another process's journal becomes a dead letter that the store does not take yet.
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
