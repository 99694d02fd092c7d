//! What can be read of a damaged journal.
//!
//! The file is set aside under another name, and keeps whatever could not be read for whoever wants to look at it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags};

use super::file::{JournalError, entries};
use crate::Activity;

/// How many entries are read at once where nothing is damaged, and one by one where something is.
const BLOCK: i64 = 256;

/// The most numbers that are tried in a file that does not tell where its entries end.
const NUMBERS_MAX: i64 = 1 << 20;

/// What was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Salvaged {
    /// How many entries.
    pub(crate) read: u64,
    /// How many between the first and the last could not be read, as far as the file tells.
    pub(crate) unreadable: u64,
}

/// Takes what was read.
pub(super) type Keep<'a> = dyn FnMut(&[Activity]) -> Result<(), JournalError> + 'a;

/// Moves a journal out of the way, with the files that belong to it, as far as they are there; returns its new path.
pub(super) fn set_aside(path: &Path, now_ms: i64) -> io::Result<PathBuf> {
    let aside = path.with_extension(format!("damaged-{now_ms}.db"));
    for suffix in ["", "-wal", "-shm"] {
        let suffixed = |path: &Path| {
            let mut path = path.as_os_str().to_owned();
            path.push(suffix);
            path
        };
        match fs::rename(suffixed(path), suffixed(&aside)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(aside)
}

/// Reads a journal that can't be opened as one.
pub(super) fn open(path: &Path, keep: &mut Keep<'_>) -> Result<Salvaged, JournalError> {
    // Writable, since it may have a write-ahead log to be read first.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    read(&connection, 0, None, keep)
}

/// Reads the entries behind `behind`, up to the number `last` where that is known. Only an error of `keep` ends it.
pub(super) fn read(
    connection: &Connection,
    behind: i64,
    last: Option<i64>,
    keep: &mut Keep<'_>,
) -> Result<Salvaged, JournalError> {
    let first = number(connection, "SELECT min(seq) FROM activities");
    let behind = first.map_or(behind, |first| behind.max(first - 1));
    let last = last.or_else(|| last_number(connection));
    let end = last.unwrap_or_else(|| behind.saturating_add(NUMBERS_MAX));
    let mut read = 0;
    let mut at = behind;
    while at < end {
        let block = at.saturating_add(BLOCK).min(end);
        // Damage takes a page. What is in its neighbours is read number by number.
        let entries = entries(connection, at, block, usize::MAX).unwrap_or_else(|_| {
            let one_by_one = (at..block).map(|at| entries(connection, at, at + 1, 1));
            one_by_one.flat_map(Result::unwrap_or_default).collect()
        });
        let activities: Vec<_> = entries.into_iter().map(|entry| entry.activity).collect();
        keep(&activities)?;
        read += activities.len() as u64;
        at = block;
    }
    let expected = last.map_or(0, |last| u64::try_from(last - behind).unwrap_or(0));
    Ok(Salvaged {
        read,
        unreadable: expected.saturating_sub(read),
    })
}

/// The last number there is, or the last that was ever given.
fn last_number(connection: &Connection) -> Option<i64> {
    number(connection, "SELECT max(seq) FROM activities").or_else(|| {
        let given = "SELECT seq FROM sqlite_sequence WHERE name = 'activities'";
        number(connection, given)
    })
}

/// A number that SQLite finds at the edge of a tree.
fn number(connection: &Connection, query: &str) -> Option<i64> {
    connection
        .query_row(query, [], |row| row.get(0))
        .ok()
        .flatten()
}
