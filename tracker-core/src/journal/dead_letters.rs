//! The dead letters of a directory of journals: [`dead_letters`].

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rusqlite::OpenFlags;
use thiserror::Error;

use super::{
    error::JournalError,
    file,
    letters::{self, DeadLetter},
};
use crate::store::BoxError;

/// Why the journals of a directory could not be read.
#[derive(Debug, Error)]
#[error("the journals in {} can't be read: {advice}", directory.display())]
pub struct ReadError {
    directory: PathBuf,
    advice: &'static str,
    source: BoxError,
}

impl ReadError {
    pub(super) fn new(directory: &Path, source: JournalError) -> Self {
        // The directory's own trouble is none of a journal's file.
        let (advice, source): (_, BoxError) = match source {
            JournalError::File(error) => (advice(error.kind()), error.into()),
            error => (advice(io::ErrorKind::Other), error.into()),
        };
        Self {
            directory: directory.to_owned(),
            advice,
            source,
        }
    }
}

/// What to do where a directory can't be read.
fn advice(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::NotFound => "there is no such directory; name the one that the workers have",
        io::ErrorKind::NotADirectory => "it is a file; name the directory in which it lies",
        _ => "check that this user may read the directory and its files",
    }
}

/// The dead letters of all journals in a directory, one journal after the other, the oldest of each first; at most `max` in all. A directory that
/// is not there has none.
///
/// It takes no lock, and can be called while trackers are at work. A letter is listed once its tracker counts it as
/// [`dead_lettered`](crate::Stats::dead_lettered).
///
/// # Errors
///
/// When the directory or one of the journals can't be read.
pub fn dead_letters(directory: impl AsRef<Path>, max: usize) -> Result<Vec<DeadLetter>, ReadError> {
    let directory = directory.as_ref();
    read_dead_letters(directory, max).map_err(|source| ReadError::new(directory, source))
}

fn read_dead_letters(directory: &Path, max: usize) -> Result<Vec<DeadLetter>, JournalError> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "db") {
            paths.push(path);
        }
    }
    paths.sort();
    let mut letters = Vec::new();
    for path in paths {
        if letters.len() >= max {
            break;
        }
        let connection = file::connect(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        letters.extend(letters::read(&connection, max - letters.len())?);
    }
    Ok(letters)
}
