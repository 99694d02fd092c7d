//! Reads a directory of journals without changing it: [`inspect`] and [`check`].

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags};
use thiserror::Error;

use super::{
    connection::{connect, is_new},
    directory,
    error::{JournalError, ReadError},
    salvage,
};
use crate::{error_chain::ErrorChain, sqlite_file::suffixed};

/// A journal on the disk.
#[derive(Debug)]
#[non_exhaustive]
pub struct JournalStatus {
    /// The file.
    pub path: PathBuf,
    /// True if a process has it. If none has, the next tracker that is built in this directory
    /// delivers its activities.
    pub is_held: bool,
    /// Its size in bytes, with its write-ahead log.
    pub bytes: u64,
    /// Its contents, if they can be read.
    pub contents: Result<JournalContents, UnreadableJournal>,
}

/// The contents of a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JournalContents {
    /// The number of activities that wait for the store.
    pub waiting: u64,
    /// The time when the first of them was recorded, in milliseconds since the Unix epoch.
    pub oldest: Option<i64>,
    /// The number of activities that the store has refused.
    pub dead_letters: u64,
}

/// The result of examining a journal.
#[derive(Debug)]
#[non_exhaustive]
pub struct JournalCheck {
    /// The file.
    pub path: PathBuf,
    /// The faults that SQLite finds in the file, at most 100; none in a sound one.
    pub faults: Vec<String>,
    /// The number of waiting activities that can be read.
    pub readable: u64,
    /// The number of those that can't be read, as far as the file tells.
    pub unreadable: u64,
}

/// An error while reading one journal.
#[derive(Debug, Error)]
#[error("the journal {} can't be read", path.display())]
pub struct UnreadableJournal {
    path: PathBuf,
    source: JournalError,
}

/// Returns the contents of each journal in a directory, in the order of their numbers.
///
/// It can be called while trackers are at work. To learn whether a journal is held, it takes the
/// lock for an instant. A tracker that is built in that instant skips the journal.
///
/// # Errors
///
/// Returns a [`ReadError`] if the directory can't be read. A journal that can't be read is no error
/// of the call: its contents are one.
pub fn inspect(directory: impl AsRef<Path>) -> Result<Vec<JournalStatus>, ReadError> {
    let paths = directory::list(directory.as_ref())?;
    Ok(paths.into_iter().map(status).collect())
}

/// Examines each journal in a directory: its file, by SQLite's own check, and every waiting row.
///
/// It reads all of them, takes no lock and changes nothing. It can be called while trackers are at
/// work.
///
/// # Errors
///
/// Returns a [`ReadError`] if the directory can't be read.
pub fn check(directory: impl AsRef<Path>) -> Result<Vec<JournalCheck>, ReadError> {
    let paths = directory::list(directory.as_ref())?;
    Ok(paths.into_iter().map(examined).collect())
}

/// Returns the damaged journals that were set aside in a directory, in the order of their paths.
///
/// Everything readable in such a file is in a journal or in the store. The file stays until an
/// operator removes it.
///
/// ```no_run
/// for path in tracker_core::journal::damaged("/var/lib/worker/journals")? {
///     println!("{}", path.display());
/// }
/// # Ok::<(), tracker_core::journal::ReadError>(())
/// ```
///
/// # Errors
///
/// Returns a [`ReadError`] if the directory can't be read.
pub fn damaged(directory: impl AsRef<Path>) -> Result<Vec<PathBuf>, ReadError> {
    directory::list_set_aside(directory.as_ref())
}

fn status(path: PathBuf) -> JournalStatus {
    JournalStatus {
        is_held: is_held(&path),
        bytes: ["", "-wal"]
            .iter()
            .filter_map(|suffix| fs::metadata(suffixed(&path, suffix)).ok())
            .map(|file| file.len())
            .sum(),
        contents: contents(&path).map_err(|source| UnreadableJournal {
            path: path.clone(),
            source,
        }),
        path,
    }
}

/// Without a file for the lock, no process has it.
fn is_held(path: &Path) -> bool {
    let lock = File::open(path.with_extension("lock"));
    lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock)))
}

fn contents(path: &Path) -> Result<JournalContents, JournalError> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    if is_new(&connection)? {
        // Its process is about to fill it, or has ended before it did.
        return Ok(JournalContents {
            waiting: 0,
            oldest: None,
            dead_letters: 0,
        });
    }
    let contents = connection.query_row(include_str!("sql/contents.sql"), [], |row| {
        Ok(JournalContents {
            waiting: row.get::<_, i64>(0)?.unsigned_abs(),
            oldest: row.get(1)?,
            dead_letters: row.get::<_, i64>(2)?.unsigned_abs(),
        })
    })?;
    Ok(contents)
}

fn examined(path: PathBuf) -> JournalCheck {
    let mut check = JournalCheck {
        path,
        faults: Vec::new(),
        readable: 0,
        unreadable: 0,
    };
    if let Err(error) = examine(&mut check) {
        check.faults.push(ErrorChain(&error).to_string());
    }
    check
}

fn examine(check: &mut JournalCheck) -> Result<(), JournalError> {
    let connection = connect(&check.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    // A transaction, so that activities which are delivered meanwhile are not missing.
    connection.execute_batch("BEGIN")?;
    let examined =
        is_new(&connection).and_then(|_| Ok(integrity_faults(&connection, &mut check.faults)?));
    // A file with faults may have rows that can be read.
    let found = salvage::read(&connection, 0, None, &mut |_| Ok(()))?;
    (check.readable, check.unreadable) = (found.read, found.unreadable);
    examined
}

fn integrity_faults(connection: &Connection, faults: &mut Vec<String>) -> rusqlite::Result<()> {
    let mut check = connection.prepare("PRAGMA integrity_check")?;
    for fault in check.query_map([], |row| row.get::<_, String>(0))? {
        faults.extend(Some(fault?).filter(|fault| fault != "ok"));
    }
    Ok(())
}
