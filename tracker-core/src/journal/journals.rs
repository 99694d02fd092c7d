//! The journals that a tracker has: its own, and those that others have left.

use std::{collections::VecDeque, mem, path::Path, time::SystemTime};

use super::{
    Journal,
    directory::Slot,
    error::JournalError,
    file::JournalFile,
    letters::{Cleared, DeadLetter},
    replacement::{open_or_salvage, report, salvage_into_place},
    salvage::{self, Salvaged},
};
use crate::{
    Activity, Durability, activity::unix_ms, error_chain::ErrorChain, panics::quietly, store::Batch,
};

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
        // The locks of those that can't be used are held until one is found that can.
        let mut unusable = Vec::new();
        let (slot, own) = loop {
            let slot = Slot::take(&settings.directory)?;
            match open_or_salvage(&slot, durability, settings.bytes_max) {
                Ok(own) => break (slot, own),
                Err(error) if unusable.len() < UNUSABLE_MAX => {
                    passed_over(&slot, &error);
                    unusable.push(slot);
                }
                Err(error) => return Err(error),
            }
        };
        drop(unusable);
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
        let (mut behind, mut rows) = (None, 0);
        for in_hand in &self.in_hand {
            behind = Some(in_hand.last);
            rows += in_hand.rows;
        }
        let (entries, may_be_stored) = self.file(source).next(behind, rows, rows_max)?;
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
            let died_at = unix_ms(SystemTime::now());
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

    /// Replaces a journal that is damaged, or was removed, by a new one with all that can be read of it.
    pub(crate) fn replace(&mut self, source: Source) -> Result<Replaced, JournalError> {
        match source {
            Source::Left => self.replace_left(),
            Source::Own if self.slot.is_held() && self.own.is_there() => self.replace_damaged(),
            Source::Own => self.replace_removed(),
        }
    }

    fn replace_left(&mut self) -> Result<Replaced, JournalError> {
        let Some((slot, file)) = self.left.pop_front() else {
            return Ok(Replaced::default());
        };
        let (behind, last) = (file.shipped(), file.last());
        let salvaged = salvage_into_place(slot.path(), self.durability, |new| {
            new.take_dead_letters(&file)?;
            file.salvage(behind, last, &mut |salvaged| new.append_all(salvaged))
        });
        let bytes_max = self.settings.bytes_max;
        let (salvaged, new) = match salvaged {
            Ok(salvaged) => (
                salvaged,
                JournalFile::open(slot.path(), self.durability, bytes_max)?,
            ),
            Err(error) => {
                self.left.push_back((slot, file));
                return Err(error);
            }
        };
        self.left.push_back((slot, new));
        Ok(Replaced {
            lost: file.waiting().saturating_sub(salvaged.read),
            adopted: 0,
            put_aside: file.dead().to_vec(),
        })
    }

    /// A file that is still there.
    fn replace_damaged(&mut self) -> Result<Replaced, JournalError> {
        let (own, mut in_hand) = (&self.own, self.in_hand.clone());
        let mut lost = 0;
        salvage_into_place(self.slot.path(), self.durability, |new| {
            let salvaged = salvage_own(own, new, &mut in_hand)?;
            lost = salvaged.1;
            Ok(salvaged.0)
        })?;
        let Journal { bytes_max, .. } = self.settings;
        let mut new = JournalFile::open(self.slot.path(), self.durability, bytes_max)?;
        new.hold_first(&self.own);
        let old = mem::replace(&mut self.own, new);
        self.in_hand = in_hand;
        Ok(Replaced {
            lost,
            adopted: 0,
            put_aside: old.dead().to_vec(),
        })
    }

    /// A file that has no name any more, but can still be read.
    fn replace_removed(&mut self) -> Result<Replaced, JournalError> {
        let Journal { bytes_max, .. } = self.settings;
        let mut adopted = 0;
        self.own.remove_log();
        let mut new = loop {
            if !self.slot.is_held() {
                // With the lock's file somebody else can have made and taken another.
                self.slot = Slot::take(&self.settings.directory)?;
            }
            let new = open_or_salvage(&self.slot, self.durability, bytes_max)?;
            if new.waiting() == 0 {
                break new;
            }
            // Somebody else has left it.
            adopted += new.waiting();
            let next = Slot::take(&self.settings.directory)?;
            self.left
                .push_back((mem::replace(&mut self.slot, next), new));
        };
        let mut in_hand = self.in_hand.clone();
        new.lift_limit()?;
        let salvaged = salvage_own(&self.own, &mut new, &mut in_hand);
        new.set_limit()?;
        let (salvaged, lost) = match salvaged {
            Ok(salvaged) => salvaged,
            Err(error) => {
                // The old one has it all still, as long as this process lives.
                drop(new);
                salvage::remove_journal(self.slot.path())?;
                return Err(error);
            }
        };
        new.may_be_stored();
        new.hold_first(&self.own);
        let old = mem::replace(&mut self.own, new);
        self.in_hand = in_hand;
        report(None, salvaged);
        Ok(Replaced {
            lost,
            adopted,
            put_aside: old.dead().to_vec(),
        })
    }
}

/// Reads a tracker's own journal into a new one; tells also how many entries are lost. What the
/// store does not take yet and what is being shipped come first in the new one as well; what can't
/// be read of that is not lost: it is in memory.
fn salvage_own(
    own: &JournalFile,
    new: &mut JournalFile,
    in_hand: &mut VecDeque<InHand>,
) -> Result<(Salvaged, u64), JournalError> {
    new.take_dead_letters(own)?;
    let first = new.last();
    new.append_held(own)?;
    let held = new.last() - first;
    let mut waiting = own.waiting();
    let mut behind = own.shipped();
    let mut keep = |salvaged: &[Activity]| new.append_all(salvaged);
    let mut salvaged = Salvaged::default();
    for in_hand in in_hand
        .iter_mut()
        .filter(|in_hand| in_hand.source == Source::Own)
    {
        let shipping = own.salvage(behind, in_hand.last, &mut keep)?;
        salvaged.read += shipping.read;
        salvaged.unreadable += shipping.unreadable;
        behind = in_hand.last;
        waiting = waiting.saturating_sub(mem::replace(&mut in_hand.rows, shipping.read));
        let read = i64::try_from(salvaged.read).unwrap_or(i64::MAX);
        in_hand.last = read.saturating_add(first + held);
    }
    let rest = own.salvage(behind, own.last(), &mut keep)?;
    salvaged.read += rest.read;
    salvaged.unreadable += rest.unreadable;
    Ok((salvaged, waiting.saturating_sub(rest.read)))
}

/// What became of the entries of a journal that was replaced.
#[derive(Debug, Default)]
pub(crate) struct Replaced {
    /// How many can't be read.
    pub(crate) lost: u64,
    /// How many of another process were found in the place of the new one.
    pub(crate) adopted: u64,
    /// The dead letters that are put aside in the new one, and were not in the old one.
    pub(crate) put_aside: Vec<DeadLetter>,
}

/// Why a row of another process's journal becomes a dead letter that the store does not take yet.
const NO_ROOM_TO_WAIT: &str =
    "the store does not take it yet, and the journal has no room in which it could wait";

/// How many journals that can't be used are passed over.
const UNUSABLE_MAX: usize = 16;

fn passed_over(slot: &Slot, error: &JournalError) {
    quietly(|| {
        tracing::warn!(
            error = %ErrorChain(error),
            journal = %slot.path().display(),
            "a journal can't be used; it stays as it is"
        );
    });
}
