//! The dead letters of a directory of journals: [`dead_letters`].

use std::{
    fs,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags};
use thiserror::Error;

use super::file::{self, DeadLetter, JournalError};

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
