//! One journal: an SQLite file that holds what waits for the store, in order, and what the store refused.

mod dead_letters;

use std::{
    fs, mem,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::{
    connection::{BUSY_TIMEOUT, connect, is_new},
    dead_letter_table::{self as table, Cleared, DeadLetter},
    directory::{make_file, sync_entry},
    durability::Durability,
    entry::{self, Entry},
    error::JournalError,
    held::Held,
    salvage::{self, Keep, Salvaged},
    size,
};
use crate::{
    Activity,
    sqlite_file::{OpenFile, suffixed},
    sqlite_rows as rows,
    store::Batch,
};

/// After how many pages the write-ahead log is moved into the file. More would save some syncing, and take more of the disk.
const CHECKPOINT_PAGES: i64 = 1_000;

/// How large the write-ahead log may be beside a smaller journal, in bytes: what it takes before it is moved, and a batch of the largest size.
const LOG_BYTES: u64 = 16 << 20;

/// An open journal.
#[derive(Debug)]
pub(crate) struct JournalFile {
    connection: Connection,
    /// How many pages it may have beside those of its dead letters.
    pages_max: i64,
    /// How many those are.
    letters_pages: i64,
    /// Whether there may be some.
    has_letters: bool,
    path: PathBuf,
    /// What its path and that of its write-ahead log stood for when it was opened.
    open: OpenFile,
    /// The number of the last entry, and of the last one that needs no shipping any more.
    last: i64,
    shipped: i64,
    /// How many entries are behind `shipped`.
    waiting: u64,
    /// Up to which number entries may be in the store already.
    ///
    /// Those that a process left may have been written just before it ended.
    sent: i64,
    /// Whether the file still holds entries up to `shipped`.
    is_unremoved: bool,
    /// Those of them that are to be put aside.
    dead: Vec<DeadLetter>,
    /// Those of them that the store does not take yet.
    held: Held,
}

impl JournalFile {
    /// Opens a journal, and makes it if there is none. Whoever calls holds its lock.
    pub(crate) fn open(
        path: &Path,
        durability: Durability,
        bytes_max: u64,
    ) -> Result<Self, JournalError> {
        // SQLite gives its own files beside it the same permissions.
        make_file(path)?;
        let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let mut open = OpenFile::new(path);
        let is_new = is_new(&connection)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        connection.pragma_update(
            None,
            "journal_size_limit",
            CHECKPOINT_PAGES * size::PAGE_BYTES,
        )?;
        let pages_max = size::pages(bytes_max);
        // A commit survives the process either way; it survives the machine where it was synced.
        let synchronous = match durability {
            Durability::Memory | Durability::Process => "off",
            Durability::Power => "full",
        };
        connection.pragma_update(None, "synchronous", synchronous)?;
        if is_new {
            let transaction = connection.transaction()?;
            transaction.execute_batch(include_str!("sql/schema.sql"))?;
            transaction.commit()?;
            if durability == Durability::Power {
                sync_entry(path);
            }
        }
        // What can't be made small now stays as it is.
        let _ = size::shrink(&connection);
        let (waiting, first, last) =
            connection.query_row(include_str!("sql/ends.sql"), [], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get(2)?))
            })?;
        open.was_read(&connection);
        let file = Self {
            letters_pages: size::pages_of_letters(&connection),
            has_letters: table::read(&connection, 1).map_or(true, |letters| !letters.is_empty()),
            connection,
            pages_max,
            open,
            path: path.to_owned(),
            last,
            shipped: if waiting > 0 { first - 1 } else { last },
            waiting: waiting.unsigned_abs(),
            sent: last,
            is_unremoved: false,
            dead: Vec::new(),
            held: Held::default(),
        };
        file.set_limit()?;
        Ok(file)
    }

    /// How many entries wait for the store.
    pub(crate) fn waiting(&self) -> u64 {
        self.waiting
    }

    /// Adds activities behind the others: the first of them for which there is room. Tells how many, and why not all; where all were added to a file that was
    /// removed meanwhile, that as well.
    pub(crate) fn append(&mut self, activities: &[Activity]) -> (usize, Result<(), JournalError>) {
        let (mut added, mut rows) = (0, activities.len());
        loop {
            let left = &activities[added..];
            rows = rows.min(left.len());
            match self.append_all(&left[..rows]) {
                Ok(()) if rows == left.len() => return (activities.len(), self.look_after()),
                Ok(()) => added += rows,
                Err(error) if error.is_want_of_room() && rows > 1 => rows /= 2,
                Err(error) => return (added, Err(self.explained(error, left))),
            }
        }
    }

    /// An error of the first of these activities, which says whether the journal's own limit was reached, and not the disk's.
    fn explained(&self, error: JournalError, activities: &[Activity]) -> JournalError {
        let row_bytes = activities.first().map_or(0, Activity::bytes);
        if error.is_want_of_room()
            && size::is_at_limit(&self.connection, row_bytes).unwrap_or(false)
        {
            let bytes_max = self.pages_max.saturating_mul(size::PAGE_BYTES);
            return JournalError::Full {
                bytes_max: bytes_max.unsigned_abs(),
            };
        }
        error
    }

    /// Adds activities: all of them, or on an error none.
    pub(super) fn append_all(&mut self, activities: &[Activity]) -> Result<(), JournalError> {
        self.look_after()?;
        if activities.is_empty() {
            return Ok(());
        }
        self.check_log()?;
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        rows::insert(&transaction, include_str!("sql/append.sql"), activities)?;
        let last = transaction.last_insert_rowid();
        transaction.commit()?;
        self.waiting += activities.len() as u64;
        self.last = last;
        Ok(())
    }

    /// The first entries that wait for the store, at most `rows_max`, and whether they may be there already: those behind the number `behind`, where the
    /// `rows` before it are on their way.
    pub(crate) fn next(
        &self,
        after: Option<i64>,
        rows: u64,
        rows_max: usize,
    ) -> Result<(Vec<Entry>, bool), JournalError> {
        let after = after.unwrap_or(self.shipped);
        // Both kinds are not mixed: only what is new can go the fast way.
        let may_be_stored = after < self.sent;
        let end = if may_be_stored { self.sent } else { i64::MAX };
        let waiting = self.waiting.saturating_sub(rows);
        let rows_max = usize::try_from(waiting).map_or(rows_max, |waiting| rows_max.min(waiting));
        let entries = entry::read(&self.connection, after, end, rows_max)?;
        if entries.is_empty() && rows_max > 0 {
            return Err(JournalError::Missing);
        }
        Ok((entries, may_be_stored))
    }

    /// Says that the first `rows` entries, up to the number `last`, need no shipping any more. They leave the file, those that are
    /// dead letters to be put aside, when it is [cleared](Self::clear); but those that are held stay until they are [settled](Self::settled).
    pub(crate) fn shipped_to(
        &mut self,
        rows: u64,
        last: i64,
        dead: Vec<DeadLetter>,
        held: Vec<Batch>,
    ) {
        self.held.add(&self.connection, self.shipped, last, held);
        self.waiting = self.waiting.saturating_sub(rows);
        self.shipped = last;
        self.is_unremoved = true;
        self.dead.extend(dead);
    }

    /// Says that a row that was held needs no shipping any more.
    pub(crate) fn settled(&mut self, row: &Batch, dead: Vec<DeadLetter>) {
        self.held.remove(row);
        self.is_unremoved = true;
        self.dead.extend(dead);
    }

    /// Adds what another journal holds, before anything else is in this one.
    pub(super) fn append_held(&mut self, other: &Self) -> Result<(), JournalError> {
        self.append_all(&other.held.activities())
    }

    /// Holds what another journal held, which are the first entries of this one.
    pub(super) fn hold_first(&mut self, other: &Self) {
        self.held.take(&other.held, self.shipped + 1);
        let held = self.held.len();
        self.waiting = self.waiting.saturating_sub(held as u64);
        self.shipped += i64::try_from(held).unwrap_or(i64::MAX);
    }

    /// Removes what needs no shipping any more, and puts its dead letters aside, as many as there is room for. On an error all is as it was.
    pub(crate) fn clear(&mut self) -> Result<Cleared, JournalError> {
        self.lift_limit()?;
        let cleared = self.try_clear();
        // What is cleared is cleared, whatever becomes of the rest.
        let _ = self.set_limit();
        if cleared.as_ref().is_err_and(JournalError::is_want_of_room) {
            // That leaves the disk some room for the next attempt.
            let _ = self.empty_log();
        }
        cleared
    }

    fn try_clear(&mut self) -> Result<Cleared, JournalError> {
        // Nobody would find them in a file that has no name any more.
        if !self.dead.is_empty() {
            self.look_after()?;
        }
        self.check_log()?;
        let room = self.room_for_letters();
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        self.held.remove_others(&transaction, self.shipped)?;
        let added = table::add(&transaction, &self.dead, room)?;
        transaction.commit()?;
        self.letters_pages += added.pages;
        self.has_letters |= added.letters > 0;
        self.is_unremoved = false;
        let mut put_aside = mem::take(&mut self.dead);
        let lost = put_aside.split_off(added.letters);
        Ok(Cleared { put_aside, lost })
    }

    /// Whether there is something to be [cleared](Self::clear).
    pub(crate) fn is_unremoved(&self) -> bool {
        self.is_unremoved
    }

    /// Whether the write-ahead log may grow: while another program reads the file, it is not emptied.
    fn check_log(&self) -> Result<(), JournalError> {
        let log = suffixed(&self.path, "-wal");
        let bytes = || fs::metadata(&log).map_or(0, |log| log.len());
        let pages_max = self.pages_max.unsigned_abs();
        let bytes_max = pages_max
            .saturating_mul(size::PAGE_BYTES.unsigned_abs())
            .max(LOG_BYTES);
        if bytes() < bytes_max {
            return Ok(());
        }
        // Otherwise a write would empty it, once the other program has ended its transaction.
        self.empty_log()?;
        if bytes() < bytes_max {
            Ok(())
        } else {
            Err(JournalError::LogFull)
        }
    }

    /// Moves the write-ahead log into the file, as far as no other program reads it. Nobody is waited for.
    pub(super) fn empty_log(&self) -> Result<(), JournalError> {
        self.connection.busy_timeout(Duration::ZERO)?;
        let emptied = self
            .connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        self.connection.busy_timeout(BUSY_TIMEOUT)?;
        Ok(emptied?)
    }

    /// Takes as much as it is given.
    pub(super) fn lift_limit(&self) -> Result<(), JournalError> {
        Ok(size::limit(&self.connection, i64::MAX)?)
    }

    /// Takes no more than it should.
    pub(super) fn set_limit(&self) -> Result<(), JournalError> {
        let pages = self.pages_max.saturating_add(self.letters_pages);
        Ok(size::limit(&self.connection, pages)?)
    }

    /// Fails where its path, or that of its write-ahead log, does not stand for it any more: SQLite goes on with files that have no name, and then
    /// nobody finds what is in them.
    pub(super) fn look_after(&self) -> Result<(), JournalError> {
        match self.open.exchange() {
            None => Ok(()),
            Some(_) => Err(JournalError::Removed),
        }
    }

    /// Whether its path still stands for it, whatever became of its content and its write-ahead log.
    pub(super) fn is_there(&self) -> bool {
        self.open.is_there()
    }

    /// Removes its write-ahead log from beside its path, where another file is to be. All of it can still be read.
    pub(super) fn remove_log(&self) {
        self.open.remove_log();
    }

    /// Whether it holds what would be missed.
    pub(super) fn holds_something(&self) -> bool {
        self.waiting > 0 || self.has_letters || !self.dead.is_empty()
    }

    /// Makes a large file small where hardly anything is in it. Where another program is at work on it, it stays as it is.
    pub(super) fn shrink(&self) {
        let _ = size::shrink(&self.connection);
    }

    /// Writes everything into the file itself.
    pub(super) fn close(self) -> Result<(), JournalError> {
        Ok(self.connection.close().map_err(|(_, error)| error)?)
    }

    /// Removes the file, of which nothing is needed any more.
    pub(crate) fn delete(self) -> Result<(), JournalError> {
        let path = self.path.clone();
        self.close()?;
        Ok(salvage::remove_journal(&path)?)
    }

    /// Reads what can still be read of the entries behind the number `behind`, up to `end`.
    pub(super) fn salvage(
        &self,
        after: i64,
        end: i64,
        keep: &mut Keep<'_>,
    ) -> Result<Salvaged, JournalError> {
        salvage::read(&self.connection, after, Some(end), keep)
    }

    /// The number of the last entry that needs no shipping any more.
    pub(super) fn shipped(&self) -> i64 {
        self.shipped
    }

    /// The number of the last entry.
    pub(super) fn last(&self) -> i64 {
        self.last
    }

    /// Says that what is in it may be in the store already.
    pub(super) fn may_be_stored(&mut self) {
        self.sent = self.last;
    }
}
