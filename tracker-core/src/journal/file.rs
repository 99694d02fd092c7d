//! A journal: an SQLite file with the activities that wait for the store, in order, and the dead
//! letters.

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
    entries::Entries,
    error::JournalError,
    held::Held,
    salvage::{self, Keep, Salvaged},
    size,
};
use crate::{
    row::Row,
    sqlite_file::{OpenFile, suffixed},
    sqlite_rows,
    store::{Batch, PackedRows},
};

/// The number of pages after which the write-ahead log is checkpointed into the file.
///
/// A larger number would save some syncing, but use more disk space.
const CHECKPOINT_PAGES: i64 = 1_000;

/// The size in bytes that the write-ahead log may reach even if the journal's limit is smaller.
///
/// It covers the log up to a checkpoint, and a batch of the largest size.
const LOG_BYTES: u64 = 16 << 20;

/// An open journal.
#[derive(Debug)]
pub(crate) struct JournalFile {
    connection: Connection,
    /// The maximum number of pages, not counting those of the dead letters.
    pages_max: i64,
    /// The number of pages that the dead letters take.
    letters_pages: i64,
    /// True if the file may contain dead letters.
    has_letters: bool,
    path: PathBuf,
    /// The identities of the file and its write-ahead log at the time of opening.
    open: OpenFile,
    /// The number of the last entry. `shipped` is the number of the last entry that no longer needs
    /// shipping.
    last: i64,
    shipped: i64,
    /// The number of entries after `shipped` that wait for the store.
    waiting: u64,
    /// The number up to which entries may already be in the store.
    ///
    /// A previous process may have written its remaining entries just before it ended.
    sent: i64,
    /// True if entries up to `shipped` are still to be removed from the file.
    is_unremoved: bool,
    /// The shipped entries that are to become dead letters.
    dead: Vec<DeadLetter>,
    /// The shipped entries that the store does not accept yet.
    held: Held,
}

impl JournalFile {
    /// Opens a journal, and creates it if it does not exist. The caller holds its lock.
    pub(crate) fn open(
        path: &Path,
        durability: Durability,
        bytes_max: u64,
    ) -> Result<Self, JournalError> {
        // SQLite creates its own files beside this one with the same permissions.
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
        // A commit survives the end of the process, but a power failure only if it was synced.
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
        // Shrinking is best effort: on an error the file keeps its size.
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

    /// Returns the number of entries that wait for the store.
    pub(crate) fn waiting(&self) -> u64 {
        self.waiting
    }

    /// Appends as many of the activities, from the first on, as there is room for.
    ///
    /// Returns the number appended, and the error if that is not all of them. If all went into
    /// a file that was removed meanwhile, it returns their number and [`JournalError::Removed`].
    pub(crate) fn append(&mut self, batch: &Batch) -> (usize, Result<(), JournalError>) {
        let (mut added, mut rows) = (0, batch.len());
        loop {
            let left = batch.len() - added;
            rows = rows.min(left);
            match self.append_all(batch.part(added, rows).iter()) {
                Ok(()) if rows == left => return (batch.len(), self.look_after()),
                Ok(()) => added += rows,
                Err(error) if error.is_want_of_room() && rows > 1 => rows /= 2,
                Err(error) => return (added, Err(self.explained(error, &batch.rest(added)))),
            }
        }
    }

    /// Turns a lack of room for the first activity into [`JournalError::Full`] if the journal's own
    /// limit, rather than the disk's, was reached.
    fn explained(&self, error: JournalError, left: &Batch) -> JournalError {
        let row_bytes = left.iter().next().map_or(0, |row| row.bytes());
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

    /// Appends all of the rows, or none on an error.
    pub(super) fn append_all<'a>(
        &mut self,
        rows: impl ExactSizeIterator<Item = Row<'a>>,
    ) -> Result<(), JournalError> {
        self.look_after()?;
        let added = rows.len() as u64;
        if added == 0 {
            return Ok(());
        }
        self.check_log()?;
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        sqlite_rows::insert(&transaction, include_str!("sql/append.sql"), rows)?;
        let last = transaction.last_insert_rowid();
        transaction.commit()?;
        self.waiting += added;
        self.last = last;
        Ok(())
    }

    /// Returns up to `rows_max` waiting entries, and whether they may already be in the store.
    ///
    /// The entries start after number `after`, before which `rows` entries are in flight.
    pub(crate) fn next(
        &self,
        after: Option<i64>,
        rows: u64,
        rows_max: usize,
    ) -> Result<(Entries, bool), JournalError> {
        let after = after.unwrap_or(self.shipped);
        // The two kinds are not mixed, because only new entries can take the fast path.
        let may_be_stored = after < self.sent;
        let end = if may_be_stored { self.sent } else { i64::MAX };
        let waiting = self.waiting.saturating_sub(rows);
        let rows_max = usize::try_from(waiting).map_or(rows_max, |waiting| rows_max.min(waiting));
        let entries = Entries::read(&self.connection, after, end, rows_max)?;
        if entries.len() == 0 && rows_max > 0 {
            return Err(JournalError::Missing);
        }
        Ok((entries, may_be_stored))
    }

    /// Marks the first `rows` waiting entries, up to number `last`, as no longer needing shipping.
    ///
    /// They are removed, and those in `dead` become dead letters, when the journal is
    /// [cleared](Self::clear). The rows in `held` stay until they are [settled](Self::settled).
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

    /// Marks a held row as no longer needing shipping.
    pub(crate) fn settled(&mut self, row: &Batch, dead: Vec<DeadLetter>) {
        self.held.remove(row);
        self.is_unremoved = true;
        self.dead.extend(dead);
    }

    /// Appends the held rows of another journal, before anything else is in this one.
    pub(super) fn append_held(&mut self, other: &Self) -> Result<(), JournalError> {
        self.append_all(other.held.activities().iter().map(Row::from))
    }

    /// Takes over the held rows of another journal, which are the first entries of this one.
    pub(super) fn hold_first(&mut self, other: &Self) {
        self.held.take(&other.held, self.shipped + 1);
        let held = self.held.len();
        self.waiting = self.waiting.saturating_sub(held as u64);
        self.shipped += i64::try_from(held).unwrap_or(i64::MAX);
    }

    /// Removes the entries that no longer need shipping, and stores as many of the dead letters as
    /// there is room for. On an error, nothing changes.
    pub(crate) fn clear(&mut self) -> Result<Cleared, JournalError> {
        self.lift_limit()?;
        let cleared = self.try_clear();
        // The entries are already removed, even if the limit can't be restored.
        let _ = self.set_limit();
        if cleared.as_ref().is_err_and(JournalError::is_want_of_room) {
            // This leaves the disk some room for the next attempt.
            let _ = self.empty_log();
        }
        cleared
    }

    fn try_clear(&mut self) -> Result<Cleared, JournalError> {
        // Dead letters in a file that was removed could never be found.
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

    /// Returns whether there is something to be [cleared](Self::clear).
    pub(crate) fn is_unremoved(&self) -> bool {
        self.is_unremoved
    }

    /// Fails with [`JournalError::LogFull`] if the write-ahead log must not grow any further.
    ///
    /// The log can't be emptied while another program reads the file.
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
        // Without this, the log is emptied only by a write after the other program's transaction.
        self.empty_log()?;
        if bytes() < bytes_max {
            Ok(())
        } else {
            Err(JournalError::LogFull)
        }
    }

    /// Checkpoints the write-ahead log into the file, as far as no other program reads it.
    ///
    /// It does not wait for other programs.
    pub(super) fn empty_log(&self) -> Result<(), JournalError> {
        self.connection.busy_timeout(Duration::ZERO)?;
        let emptied = self
            .connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        self.connection.busy_timeout(BUSY_TIMEOUT)?;
        Ok(emptied?)
    }

    /// Lifts the limit on the file's size.
    pub(super) fn lift_limit(&self) -> Result<(), JournalError> {
        Ok(size::limit(&self.connection, i64::MAX)?)
    }

    /// Restores the limit on the file's size.
    pub(super) fn set_limit(&self) -> Result<(), JournalError> {
        let pages = self.pages_max.saturating_add(self.letters_pages);
        Ok(size::limit(&self.connection, pages)?)
    }

    /// Fails with [`JournalError::Removed`] if the path or its write-ahead log's path no longer
    /// refers to this journal.
    ///
    /// SQLite continues to use files without a name, whose content nobody would find.
    pub(super) fn look_after(&self) -> Result<(), JournalError> {
        match self.open.exchange() {
            None => Ok(()),
            Some(_) => Err(JournalError::Removed),
        }
    }

    /// Returns whether its path still stands for this file, whatever its content and its log.
    pub(super) fn is_there(&self) -> bool {
        self.open.is_there()
    }

    /// Removes its write-ahead log from the path, so that another file can take its place.
    ///
    /// All of the content can still be read.
    pub(super) fn remove_log(&self) {
        self.open.remove_log();
    }

    /// Returns whether the journal has waiting entries, or may have dead letters.
    pub(super) fn holds_something(&self) -> bool {
        self.waiting > 0 || self.has_letters || !self.dead.is_empty()
    }

    /// Shrinks a large file that is almost empty, unless another program is using it.
    pub(super) fn shrink(&self) {
        let _ = size::shrink(&self.connection);
    }

    /// Closes the journal, and writes everything into the main file.
    pub(super) fn close(self) -> Result<(), JournalError> {
        Ok(self.connection.close().map_err(|(_, error)| error)?)
    }

    /// Deletes the file, whose content is no longer needed.
    pub(crate) fn delete(self) -> Result<(), JournalError> {
        let path = self.path.clone();
        self.close()?;
        Ok(salvage::remove_journal(&path)?)
    }

    /// Reads the entries after number `after`, up to and including `end`, that are still readable.
    pub(super) fn salvage(
        &self,
        after: i64,
        end: i64,
        keep: &mut Keep<'_>,
    ) -> Result<Salvaged, JournalError> {
        salvage::read(&self.connection, after, Some(end), keep)
    }

    /// Returns the number of the last entry that no longer needs shipping.
    pub(super) fn shipped(&self) -> i64 {
        self.shipped
    }

    /// Returns the number of the last entry.
    pub(super) fn last(&self) -> i64 {
        self.last
    }

    /// Marks all entries as possibly already in the store.
    pub(super) fn may_be_stored(&mut self) {
        self.sent = self.last;
    }
}
