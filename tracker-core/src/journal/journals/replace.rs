//! Replacing a journal in use that is damaged or was removed.

use std::{collections::VecDeque, mem};

use super::{InHand, Journals, Source};
use crate::{
    journal::{
        dead_letter_table::DeadLetter,
        directory::Slot,
        error::JournalError,
        file::JournalFile,
        replacement::{open_or_salvage, report, salvage_into_place},
        salvage::{self, Salvaged},
        settings::Journal,
    },
    store::Batch,
};

impl Journals {
    /// Replaces a journal that is damaged or was removed with a new one, and keeps all that is
    /// readable.
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
        let (after, last) = (file.shipped(), file.last());
        let salvaged = salvage_into_place(slot.path(), self.durability, |new| {
            new.take_dead_letters(&file)?;
            file.salvage(after, last, &mut |salvaged| new.append_all(salvaged.iter()))
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

    /// Replaces the own journal when its file is still there.
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

    /// Replaces the own journal when its file was removed, but can still be read.
    fn replace_removed(&mut self) -> Result<Replaced, JournalError> {
        let Journal { bytes_max, .. } = self.settings;
        let mut adopted = 0;
        self.own.remove_log();
        let mut new = loop {
            if !self.slot.is_held() {
                // If the lock file was removed too, another process may have locked a new one.
                self.slot = Slot::take(&self.settings.directory)?;
            }
            let new = open_or_salvage(&self.slot, self.durability, bytes_max)?;
            if new.waiting() == 0 {
                break new;
            }
            // Another process left this journal.
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
                // The old journal still has everything, as long as this process lives.
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

/// Reads a tracker's own journal into a new one, and returns the number of lost entries too.
///
/// The held rows and the in-flight batches come first in the new journal as well. Those of them
/// that are unreadable are not lost, because they are in memory.
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
    let mut after = own.shipped();
    let mut keep = |salvaged: &Batch| new.append_all(salvaged.iter());
    let mut salvaged = Salvaged::default();
    for in_hand in in_hand
        .iter_mut()
        .filter(|in_hand| in_hand.source == Source::Own)
    {
        let shipping = own.salvage(after, in_hand.last, &mut keep)?;
        salvaged.read += shipping.read;
        salvaged.unreadable += shipping.unreadable;
        after = in_hand.last;
        waiting = waiting.saturating_sub(mem::replace(&mut in_hand.rows, shipping.read));
        let read = i64::try_from(salvaged.read).unwrap_or(i64::MAX);
        in_hand.last = read.saturating_add(first + held);
    }
    let rest = own.salvage(after, own.last(), &mut keep)?;
    salvaged.read += rest.read;
    salvaged.unreadable += rest.unreadable;
    Ok((salvaged, waiting.saturating_sub(rest.read)))
}

/// The outcome of replacing a journal.
#[derive(Debug, Default)]
pub(crate) struct Replaced {
    /// The number of entries that are unreadable.
    pub(crate) lost: u64,
    /// The number of another process's entries that were found in place of the new journal.
    pub(crate) adopted: u64,
    /// The dead letters that are stored in the new journal, and were not stored in the old one.
    pub(crate) put_aside: Vec<DeadLetter>,
}
