//! The journals that a tracker has: its own, and those that others have left.

use std::{
    collections::VecDeque,
    fs, mem,
    path::{Path, PathBuf},
    time::SystemTime,
};

use rusqlite::{Connection, OpenFlags};
use thiserror::Error;

use super::{
    Journal,
    directory::Slot,
    file::{self, DeadLetter, JournalError, JournalFile},
    salvage::{self, Salvaged},
};
use crate::{Activity, Durability, activity::unix_ms, error_chain::ErrorChain, quietly::quietly};

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
    /// What has been given out by [`next`](Self::next), and not removed yet.
    in_hand: Option<InHand>,
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
        // Their locks are held until one is found that can be used.
        let mut foreign = Vec::new();
        let (slot, own) = loop {
            let slot = Slot::take(&settings.directory)?;
            match open_or_salvage(&slot, durability, settings.bytes_max) {
                Err(JournalError::Foreign) => foreign.push(slot),
                opened => break (slot, opened?),
            }
        };
        let mut journals = Self {
            settings,
            durability,
            slot,
            own,
            left: VecDeque::new(),
            in_hand: None,
        };
        journals.take_left()?;
        Ok(journals)
    }

    fn take_left(&mut self) -> Result<(), JournalError> {
        for slot in Slot::take_left(&self.settings.directory)? {
            match JournalFile::open(slot.path(), self.durability, self.settings.bytes_max) {
                Ok(file) => self.left.push_back((slot, file)),
                Err(error) if error.is_damage() => {
                    // Only what is in a journal again is set aside.
                    let own = &mut self.own;
                    let salvaged =
                        salvage::open(slot.path(), &mut |salvaged| own.append(salvaged))?;
                    own.may_be_stored();
                    let aside = salvage::set_aside(slot.path(), now_ms())?;
                    report(&aside, Ok(salvaged));
                }
                Err(error) => quietly(|| {
                    tracing::warn!(
                        error = %ErrorChain(&error),
                        journal = %slot.path().display(),
                        "a journal that another process has left can't be used; it stays as it is"
                    );
                }),
            }
        }
        Ok(())
    }

    /// How many entries wait for the store.
    pub(crate) fn waiting(&self) -> u64 {
        let left = self.left.iter().map(|(_, file)| file.waiting());
        self.own.waiting() + left.sum::<u64>()
    }

    /// Adds activities to the tracker's own journal: all of them, or on an error none. They may be in the store already.
    pub(crate) fn append(
        &mut self,
        activities: &[Activity],
        may_be_stored: bool,
    ) -> Result<(), JournalError> {
        self.own.append(activities)?;
        if may_be_stored {
            self.own.may_be_stored();
        }
        Ok(())
    }

    /// How many entries of the tracker's own journal wait for the store.
    pub(crate) fn own_waiting(&self) -> u64 {
        self.own.waiting()
    }

    /// Whether there is something that another process has left.
    pub(crate) fn has_left(&mut self) -> bool {
        while self
            .left
            .front()
            .is_some_and(|(_, file)| file.waiting() == 0)
        {
            let Some((slot, file)) = self.left.pop_front() else {
                break;
            };
            if let Err(error) = self.finish(file) {
                quietly(|| {
                    tracing::warn!(
                        error = %ErrorChain(&error),
                        journal = %slot.path().display(),
                        "a journal that another process has left is empty, and can't be removed"
                    );
                });
            }
        }
        !self.left.is_empty()
    }

    fn finish(&mut self, file: JournalFile) -> Result<(), JournalError> {
        self.own.take_dead_letters(&file)?;
        file.delete()
    }

    /// The first entries of a journal, at most `rows_max`, and whether they may be in the store already. They are to be
    /// [removed](Self::remove) before there are others.
    pub(crate) fn next(
        &mut self,
        source: Source,
        rows_max: usize,
    ) -> Result<(Vec<Activity>, bool), JournalError> {
        let (entries, may_be_stored) = self.file(source).next(rows_max)?;
        self.in_hand = entries.last().map(|last| InHand {
            source,
            rows: entries.len() as u64,
            last: last.seq,
        });
        let activities = entries.into_iter().map(|entry| entry.activity).collect();
        Ok((activities, may_be_stored))
    }

    /// Says that what [`next`](Self::next) gave out needs no shipping any more.
    pub(crate) fn remove(&mut self, dead: Vec<DeadLetter>) -> Result<(), JournalError> {
        let Some(in_hand) = self.in_hand.take() else {
            return Ok(());
        };
        self.file(in_hand.source)
            .remove(in_hand.rows, in_hand.last, dead)
    }

    fn file(&mut self, source: Source) -> &mut JournalFile {
        match (source, self.left.front_mut()) {
            (Source::Left, Some((_, file))) => file,
            _ => &mut self.own,
        }
    }

    /// Replaces a journal that is damaged, or was removed, by a new one with all that can be read of it.
    pub(crate) fn replace(&mut self, source: Source) -> Result<Replaced, JournalError> {
        let (waiting, aside, salvaged) = match source {
            Source::Left => {
                let Some((slot, file)) = self.left.pop_front() else {
                    return Ok(Replaced::default());
                };
                let (behind, last) = (file.shipped(), file.last());
                let mut keep = |salvaged: &[Activity]| self.own.append(salvaged);
                let salvaged = file.salvage(behind, last, &mut keep)?;
                self.own.may_be_stored();
                let aside = salvage::set_aside(slot.path(), now_ms())?;
                (file.waiting(), aside, salvaged)
            }
            Source::Own => {
                let aside = salvage::set_aside(self.own.path(), now_ms())?;
                if !self.settings.directory.try_exists()? {
                    // With the directory the lock's file has gone, and somebody else can have made and taken another.
                    self.slot = Slot::take(&self.settings.directory)?;
                }
                let Journal { bytes_max, .. } = self.settings;
                let mut new = JournalFile::open(self.slot.path(), self.durability, bytes_max)?;
                let (mut behind, last) = (self.own.shipped(), self.own.last());
                let mut waiting = self.own.waiting();
                let mut keep = |salvaged: &[Activity]| new.append(salvaged);
                let mut in_hand = self.in_hand.filter(|in_hand| in_hand.source == source);
                if let Some(in_hand) = &mut in_hand {
                    // It comes first in the new journal as well. What can't be read of it is in memory still.
                    let read = self.own.salvage(behind, in_hand.last, &mut keep)?.read;
                    behind = in_hand.last;
                    waiting -= mem::replace(&mut in_hand.rows, read);
                    in_hand.last = i64::try_from(read).unwrap_or(i64::MAX);
                }
                let salvaged = self.own.salvage(behind, last, &mut keep)?;
                new.may_be_stored();
                self.own = new;
                self.in_hand = in_hand.or(self.in_hand);
                (waiting, aside, salvaged)
            }
        };
        report(&aside, Ok(salvaged));
        Ok(Replaced {
            salvaged: salvaged.read,
            lost: waiting.saturating_sub(salvaged.read),
        })
    }
}

/// What became of the entries of a journal that was replaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Replaced {
    /// How many are in the tracker's own journal now.
    pub(crate) salvaged: u64,
    /// How many can't be read.
    pub(crate) lost: u64,
}

/// Opens a tracker's own journal; a damaged one is set aside first, and what can be read of it goes into a new one.
fn open_or_salvage(
    slot: &Slot,
    durability: Durability,
    bytes_max: u64,
) -> Result<JournalFile, JournalError> {
    match JournalFile::open(slot.path(), durability, bytes_max) {
        Err(error) if error.is_damage() => {}
        opened => return opened,
    }
    let aside = salvage::set_aside(slot.path(), now_ms())?;
    let mut own = JournalFile::open(slot.path(), durability, bytes_max)?;
    let salvaged = salvage::open(&aside, &mut |salvaged| own.append(salvaged));
    report(&aside, salvaged);
    own.may_be_stored();
    Ok(own)
}

fn now_ms() -> i64 {
    unix_ms(SystemTime::now())
}

fn report(aside: &Path, salvaged: Result<Salvaged, JournalError>) {
    quietly(|| match salvaged {
        Ok(Salvaged { read, unreadable }) => tracing::error!(
            read,
            unreadable,
            aside = %aside.display(),
            "a journal was damaged or removed: what could be read of it is in a new one"
        ),
        Err(error) => tracing::error!(
            error = %ErrorChain(&error),
            aside = %aside.display(),
            "a journal is damaged, and nothing of it could be read"
        ),
    });
}

/// Why the journals of a directory could not be read.
#[derive(Debug, Error)]
#[error("the journals in {} can't be read: check that the directory is there and can be read", directory.display())]
pub struct ReadError {
    directory: PathBuf,
    source: JournalError,
}

/// The dead letters of all journals in a directory, the oldest of each first, at most `max` of each journal.
///
/// It takes no lock, and can be called while trackers are at work.
///
/// # Errors
///
/// When the directory or one of the journals can't be read.
pub fn dead_letters(directory: impl AsRef<Path>, max: usize) -> Result<Vec<DeadLetter>, ReadError> {
    let directory = directory.as_ref();
    read_dead_letters(directory, max).map_err(|source| ReadError {
        directory: directory.to_owned(),
        source,
    })
}

fn read_dead_letters(directory: &Path, max: usize) -> Result<Vec<DeadLetter>, JournalError> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "db") {
            paths.push(path);
        }
    }
    paths.sort();
    let mut letters = Vec::new();
    for path in paths {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(file::BUSY_TIMEOUT)?;
        letters.extend(file::dead_letters(&connection, max)?);
    }
    Ok(letters)
}
