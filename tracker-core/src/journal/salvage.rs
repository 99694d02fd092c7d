//! Reads a damaged journal as far as possible.
//!
//! The file is set aside under another name, with the parts that could not be read.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags};

use super::{
    dead_letter_table::{self as table, DeadLetter},
    entries::Entries,
    error::JournalError,
};
use crate::{sqlite_file::suffixed, store::Batch};

/// The number of entries that are read at once.
const BLOCK: usize = 1_024;

/// More entries than a page of the file can hold.
const PAGE_ENTRIES_MAX: i64 = 128;

/// The most numbers that are tried in a file that does not tell where its entries end.
const NUMBERS_MAX: i64 = 1 << 20;

/// The counts of a reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Salvaged {
    /// The number of entries that were read.
    pub(crate) read: u64,
    /// The number of entries between the first and the last that could not be read, as far as the
    /// file tells.
    pub(crate) unreadable: u64,
}

/// A callback that stores a block of salvaged activities. An error from it ends the reading.
pub(super) type Keep<'a> = dyn FnMut(&Batch) -> Result<(), JournalError> + 'a;

/// Returns the path of the complete readable contents, before they take the journal's place.
pub(super) fn salvaged(path: &Path) -> PathBuf {
    path.with_extension("salvaged")
}

/// The start of the extension of a journal that was set aside; the time follows.
const SET_ASIDE: &str = "damaged-";

/// Returns whether this is the path of a journal that was set aside, and not of a file beside it.
pub(super) fn is_set_aside(path: &Path) -> bool {
    let extension = path.extension().and_then(OsStr::to_str);
    let time = extension.and_then(|extension| extension.strip_prefix(SET_ASIDE));
    time.is_some_and(|time| time.parse::<i64>().is_ok())
}

/// Moves a journal out of the way, with those files of it that exist. Returns its new path.
pub(super) fn set_aside(path: &Path, now_ms: i64) -> io::Result<PathBuf> {
    let aside = |now_ms| path.with_extension(format!("{SET_ASIDE}{now_ms}"));
    let free = (now_ms..now_ms + 1_000)
        .map(aside)
        .find(|aside| !aside.exists());
    let aside = free.unwrap_or_else(|| aside(now_ms));
    move_journal(path, &aside)?;
    Ok(aside)
}

/// Moves a journal and the files that belong to it. The journal itself is the last one, because it
/// would be another without them.
fn move_journal(from: &Path, to: &Path) -> io::Result<()> {
    for suffix in ["-wal", "-shm", ""] {
        match fs::rename(suffixed(from, suffix), suffixed(to, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Removes a journal and the files that belong to it, as far as they are there.
pub(super) fn remove_journal(path: &Path) -> io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        match fs::remove_file(suffixed(path, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Reads a journal that can't be opened as one. A file that is no database has nothing readable.
pub(super) fn open(
    path: &Path,
    keep: &mut Keep<'_>,
) -> Result<(Salvaged, Vec<DeadLetter>), JournalError> {
    // Writable, since it may have a write-ahead log to be read first.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let Ok(connection) = Connection::open_with_flags(path, flags) else {
        return Ok((Salvaged::default(), Vec::new()));
    };
    let letters = table::read(&connection, usize::MAX).unwrap_or_default();
    Ok((read(&connection, 0, None, keep)?, letters))
}

/// Reads the entries after a number, up to the number `last` if that is known. Only an error of
/// `keep` ends the reading.
pub(super) fn read(
    connection: &Connection,
    after: i64,
    last: Option<i64>,
    keep: &mut Keep<'_>,
) -> Result<Salvaged, JournalError> {
    let first = number(connection, "SELECT min(seq) FROM activities");
    let after = first.map_or(after, |first| after.max(first - 1));
    let Some(end) = last.or_else(|| last_number(connection)) else {
        return read_forwards(connection, after, keep);
    };
    let mut read = 0;
    let mut at = after;
    while at < end {
        // A block that fails is read again as a single entry, to reach the entries just before the
        // damage.
        let next = Entries::read(connection, at, end, BLOCK)
            .or_else(|_| Entries::read(connection, at, end, 1));
        let batch = if let Ok(entries) = next {
            let Some(last) = entries.last() else { break };
            at = last;
            Batch::packed(entries)
        } else {
            let readable = first_readable(connection, at, end);
            let batch = read_around(connection, at, readable);
            at = readable;
            batch
        };
        keep(&batch)?;
        read += batch.rows();
    }
    let expected = u64::try_from(end - after).unwrap_or(0);
    // If the first number can't be read, most of these entries were delivered long ago.
    let unreadable = if first.is_some() {
        expected.saturating_sub(read)
    } else {
        0
    };
    Ok(Salvaged { read, unreadable })
}

/// Reads the entries between two numbers one by one, from either end. Damage affects a page of the
/// file, and leaves other pages readable.
fn read_around(connection: &Connection, from: i64, to: i64) -> Batch {
    let left = from..to.min(from + PAGE_ENTRIES_MAX);
    let right = left.end.max(to - PAGE_ENTRIES_MAX)..to;
    left.chain(right)
        .flat_map(|at| {
            let entry = Entries::read(connection, at, at + 1, 1).unwrap_or_default();
            Batch::packed(entry).activities().to_vec()
        })
        .collect()
}

/// Reads a file that does not tell where its entries end, as far as it goes.
fn read_forwards(
    connection: &Connection,
    after: i64,
    keep: &mut Keep<'_>,
) -> Result<Salvaged, JournalError> {
    let mut salvaged = Salvaged::default();
    let mut at = after;
    while at < after.saturating_add(NUMBERS_MAX) {
        let Ok(entries) = Entries::read(connection, at, i64::MAX, BLOCK) else {
            break;
        };
        let Some(last) = entries.last() else { break };
        at = last;
        let batch = Batch::packed(entries);
        keep(&batch)?;
        salvaged.read += batch.rows();
    }
    Ok(salvaged)
}

/// Returns the first number after `at` after which an entry can be read, by bisection, or `end` if
/// there is none.
fn first_readable(connection: &Connection, at: i64, end: i64) -> i64 {
    let (mut low, mut high) = (at, end);
    while low + 1 < high {
        let middle = low + (high - low) / 2;
        match Entries::read(connection, middle, end, 1) {
            Ok(found) if found.last().is_some() => high = middle,
            _ => low = middle,
        }
    }
    high
}

/// Returns the highest sequence number in the table, or else the last one that SQLite assigned.
fn last_number(connection: &Connection) -> Option<i64> {
    number(connection, "SELECT max(seq) FROM activities").or_else(|| {
        let given = "SELECT seq FROM sqlite_sequence WHERE name = 'activities'";
        number(connection, given)
    })
}

/// Returns the result of a query for one number, or `None` if it is null or unreadable.
fn number(connection: &Connection, query: &str) -> Option<i64> {
    connection
        .query_row(query, [], |row| row.get(0))
        .ok()
        .flatten()
}
