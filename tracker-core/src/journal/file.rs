//! One journal: an SQLite file that holds what waits for the store, in order, and what the store refused.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags, ToSql, TransactionBehavior, params};
use thiserror::Error;

use super::{
    Durability,
    directory::{Identity, sync_entry},
    salvage::{self, Keep, Salvaged},
};
use crate::{Activity, pipeline::queue::BATCH_BYTES, store::sqlite::rows};

/// What this crate's journals have in their header: see schema.sql.
const APPLICATION_ID: i64 = 0x7472_6b6a;
const VERSION: i64 = 1;

/// How long a statement waits while an operator's program reads or writes the file.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_millis(500);

/// The size of a page, in bytes, which is SQLite's default.
const PAGE_BYTES: i64 = 4_096;

/// The most pages that a file of SQLite's can have.
const PAGES_MAX: i64 = 4_294_967_294;

/// After how many pages the write-ahead log is moved into the file. More would save some syncing, and take more of the disk.
const CHECKPOINT_PAGES: i64 = 1_000;

/// How large the write-ahead log may be beside a smaller journal, in bytes: what it takes before it is moved, and a batch of the largest size.
const LOG_BYTES: u64 = 16 << 20;

/// Why a journal can't be used now. What is in it stays there.
#[derive(Debug, Error)]
pub(crate) enum JournalError {
    #[error("the journal can't be read or written")]
    Sqlite(#[from] rusqlite::Error),
    #[error("the journal's file can't be opened")]
    File(#[from] io::Error),
    #[error("the journal's file was removed or replaced")]
    Removed,
    #[error(
        "the journal's write-ahead log is full: another program has been reading the journal for long, end its transaction"
    )]
    LogFull,
    #[error("entries are missing in the journal")]
    Missing,
    #[error("the file is no journal of a version that this crate knows")]
    Foreign,
}

impl JournalError {
    /// Whether the file itself is broken, so that another attempt would do no better.
    pub(crate) fn is_damage(&self) -> bool {
        match self {
            Self::Sqlite(error) => matches!(
                error.sqlite_error_code(),
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
            ),
            Self::Removed | Self::Missing => true,
            Self::File(_) | Self::Foreign | Self::LogFull => false,
        }
    }
}

/// An activity in a journal, and its number there.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) seq: i64,
    pub(crate) activity: Activity,
}

/// What the store refused, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct DeadLetter {
    /// The activity.
    pub activity: Activity,
    /// What the store said.
    pub reason: String,
    /// When it was put aside, in milliseconds since the Unix epoch.
    pub died_at: i64,
}

/// An open journal.
#[derive(Debug)]
pub(crate) struct JournalFile {
    connection: Connection,
    /// How many pages it may have.
    pages_max: i64,
    path: PathBuf,
    /// What the path stood for when it was opened.
    identity: Option<Identity>,
    /// The number of the last entry, and of the last one that needs no shipping any more.
    last: i64,
    shipped: i64,
    /// How many entries are behind `shipped`.
    waiting: u64,
    /// Up to which number entries may be in the store already.
    ///
    /// Those that a process left may have been written just before it ended.
    sent: i64,
    /// What could not be put aside yet.
    dead: Vec<DeadLetter>,
}

impl JournalFile {
    /// Opens a journal, and makes it if there is none. Whoever calls holds its lock.
    pub(crate) fn open(
        path: &Path,
        durability: Durability,
        bytes_max: u64,
    ) -> Result<Self, JournalError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        let is_new = is_new(&connection)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        connection.pragma_update(None, "journal_size_limit", CHECKPOINT_PAGES * PAGE_BYTES)?;
        let pages_max = i64::try_from(bytes_max).unwrap_or(i64::MAX) / PAGE_BYTES;
        limit_pages(&connection, pages_max)?;
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
        let (waiting, first, last) =
            connection.query_row(include_str!("sql/ends.sql"), [], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get(2)?))
            })?;
        Ok(Self {
            connection,
            pages_max,
            identity: identity(path),
            path: path.to_owned(),
            last,
            shipped: if waiting > 0 { first - 1 } else { last },
            waiting: waiting.unsigned_abs(),
            sent: last,
            dead: Vec::new(),
        })
    }

    /// How many entries wait for the store.
    pub(crate) fn waiting(&self) -> u64 {
        self.waiting
    }

    /// Adds activities behind the others: all of them, or on an error none.
    pub(crate) fn append(&mut self, activities: &[Activity]) -> Result<(), JournalError> {
        // SQLite goes on with a file that has no name any more, and then nobody finds what is in it.
        if !self.is_there() {
            return Err(JournalError::Removed);
        }
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
        behind: Option<i64>,
        rows: u64,
        rows_max: usize,
    ) -> Result<(Vec<Entry>, bool), JournalError> {
        let behind = behind.unwrap_or(self.shipped);
        // Both kinds are not mixed: only what is new can go the fast way.
        let may_be_stored = behind < self.sent;
        let end = if may_be_stored { self.sent } else { i64::MAX };
        let waiting = self.waiting.saturating_sub(rows);
        let rows_max = usize::try_from(waiting).map_or(rows_max, |waiting| rows_max.min(waiting));
        let entries = entries(&self.connection, behind, end, rows_max)?;
        if entries.is_empty() && rows_max > 0 {
            return Err(JournalError::Missing);
        }
        Ok((entries, may_be_stored))
    }

    /// Says that the first `rows` entries, up to the number `last`, need no shipping any more, and puts dead letters aside.
    ///
    /// On an error they are not shipped again by this process, and are removed with the next ones.
    pub(crate) fn remove(
        &mut self,
        rows: u64,
        last: i64,
        dead: impl IntoIterator<Item = DeadLetter>,
    ) -> Result<(), JournalError> {
        self.waiting = self.waiting.saturating_sub(rows);
        self.shipped = last;
        self.dead.extend(dead);
        // Dead letters have as much room again, so that they keep no rows from being removed.
        limit_pages(&self.connection, self.pages_max.saturating_mul(2))?;
        let removed = self.remove_shipped();
        limit_pages(&self.connection, self.pages_max)?;
        removed
    }

    /// Whether the write-ahead log may grow: while another program reads the file, it is not emptied.
    fn check_log(&self) -> Result<(), JournalError> {
        let log = salvage::suffixed(&self.path, "-wal");
        let bytes = || fs::metadata(&log).map_or(0, |log| log.len());
        let pages_max = self.pages_max.unsigned_abs();
        let bytes_max = pages_max
            .saturating_mul(PAGE_BYTES.unsigned_abs())
            .max(LOG_BYTES);
        if bytes() < bytes_max {
            return Ok(());
        }
        // Otherwise a write would empty it, once the other program has ended its transaction. Nobody is waited for.
        self.connection.busy_timeout(Duration::ZERO)?;
        let emptied = self
            .connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        self.connection.busy_timeout(BUSY_TIMEOUT)?;
        emptied?;
        if bytes() < bytes_max {
            Ok(())
        } else {
            Err(JournalError::LogFull)
        }
    }

    fn remove_shipped(&mut self) -> Result<(), JournalError> {
        self.check_log()?;
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction
            .prepare_cached(include_str!("sql/remove.sql"))?
            .execute([self.shipped])?;
        for letter in &self.dead {
            add_dead_letter(&transaction, letter)?;
        }
        transaction.commit()?;
        self.dead.clear();
        Ok(())
    }

    /// All dead letters, those included that could not be put aside yet.
    fn all_dead_letters(&self) -> Result<Vec<DeadLetter>, JournalError> {
        let mut letters = dead_letters(&self.connection, usize::MAX)?;
        letters.extend(self.dead.iter().cloned());
        Ok(letters)
    }

    /// Takes as much as it is given.
    pub(super) fn lift_limit(&self) -> Result<(), JournalError> {
        Ok(limit_pages(&self.connection, i64::MAX)?)
    }

    /// Takes no more than it should.
    pub(super) fn set_limit(&self) -> Result<(), JournalError> {
        Ok(limit_pages(&self.connection, self.pages_max)?)
    }

    /// Whether its path still stands for it.
    pub(super) fn is_there(&self) -> bool {
        self.identity == identity(&self.path)
    }

    /// Writes everything into the file itself.
    pub(super) fn close(self) -> Result<(), JournalError> {
        Ok(self.connection.close().map_err(|(_, error)| error)?)
    }

    /// Takes the dead letters of another journal.
    pub(crate) fn take_dead_letters(&mut self, other: &Self) -> Result<(), JournalError> {
        // What can't be read is not there.
        let letters = other
            .all_dead_letters()
            .unwrap_or_else(|_| other.dead.clone());
        self.add_dead_letters(&letters)
    }

    /// Puts dead letters aside.
    pub(super) fn add_dead_letters(&mut self, letters: &[DeadLetter]) -> Result<(), JournalError> {
        if letters.is_empty() {
            return Ok(());
        }
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        for letter in letters {
            add_dead_letter(&transaction, letter)?;
        }
        Ok(transaction.commit()?)
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
        behind: i64,
        end: i64,
        keep: &mut Keep<'_>,
    ) -> Result<Salvaged, JournalError> {
        salvage::read(&self.connection, behind, Some(end), keep)
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

fn identity(path: &Path) -> Option<Identity> {
    let metadata = fs::metadata(path).ok()?;
    Some(Identity::from(&metadata))
}

/// The first entries behind `behind` and no further than `end`, at most `max`, and no more than make a batch full.
pub(super) fn entries(
    connection: &Connection,
    behind: i64,
    end: i64,
    max: usize,
) -> rusqlite::Result<Vec<Entry>> {
    let mut next = connection.prepare_cached(include_str!("sql/next.sql"))?;
    let max = i64::try_from(max).unwrap_or(i64::MAX);
    let mut rows = next.query(params![behind, end, max])?;
    let (mut entries, mut bytes) = (Vec::new(), 0);
    while bytes < BATCH_BYTES
        && let Some(row) = rows.next()?
    {
        let entry = Entry {
            seq: row.get(10)?,
            activity: rows::read(row)?,
        };
        bytes += entry.activity.bytes();
        entries.push(entry);
    }
    Ok(entries)
}

fn limit_pages(connection: &Connection, pages: i64) -> rusqlite::Result<()> {
    connection.pragma_update(None, "max_page_count", pages.min(PAGES_MAX))
}

/// Whether a file is still empty; one that holds something else than a journal is an error, and left as it is.
fn is_new(connection: &Connection) -> Result<bool, JournalError> {
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let kind = (pragma("application_id")?, pragma("user_version")?);
    if tables > 0 && kind != (APPLICATION_ID, VERSION) {
        return Err(JournalError::Foreign);
    }
    Ok(tables == 0)
}

fn add_dead_letter(connection: &Connection, letter: &DeadLetter) -> rusqlite::Result<()> {
    rows::with_values(&letter.activity, |values| {
        let mut values = values.to_vec();
        values.extend([&letter.reason as &dyn ToSql, &letter.died_at]);
        connection
            .prepare_cached(include_str!("sql/add_dead_letter.sql"))?
            .execute(&*values)
    })?;
    Ok(())
}

/// At most `max` dead letters, the oldest first.
pub(super) fn dead_letters(
    connection: &Connection,
    max: usize,
) -> Result<Vec<DeadLetter>, JournalError> {
    let mut letters = connection.prepare_cached(include_str!("sql/dead_letters.sql"))?;
    let letters = letters.query_map([i64::try_from(max).unwrap_or(i64::MAX)], |row| {
        Ok(DeadLetter {
            activity: rows::read(row)?,
            reason: row.get(10)?,
            died_at: row.get(11)?,
        })
    })?;
    Ok(letters.collect::<Result<_, _>>()?)
}
