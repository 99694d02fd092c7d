//! Listing the dead letters of a directory of journals: [`dead_letters`].

use std::path::{Path, PathBuf};

use rusqlite::OpenFlags;

use crate::journal::{
    connection::connect,
    dead_letter_table::{self as table, DeadLetter},
    directory,
    error::{JournalError, ReadError},
};

/// Returns up to `max` dead letters of all journals in a directory.
///
/// The journals follow one another in the order of their numbers, each with its oldest dead letter
/// first. A directory that does not exist has none.
///
/// The function takes no lock, and can be called while trackers are running. A dead letter is
/// listed once its tracker counts it as [`dead_lettered`](crate::Stats::dead_lettered).
///
/// # Errors
///
/// Returns an error if the directory or one of the journals can't be read.
pub fn dead_letters(directory: impl AsRef<Path>, max: usize) -> Result<Vec<DeadLetter>, ReadError> {
    let directory = directory.as_ref();
    let journals = match directory::list(directory) {
        Err(error) if error.is_missing() => return Ok(Vec::new()),
        journals => journals?,
    };
    read(&journals, max).map_err(|source| ReadError::new(directory, source))
}

fn read(journals: &[PathBuf], max: usize) -> Result<Vec<DeadLetter>, JournalError> {
    let mut letters = Vec::new();
    for path in journals {
        if letters.len() >= max {
            break;
        }
        let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        letters.extend(table::read(&connection, max - letters.len())?);
    }
    Ok(letters)
}
