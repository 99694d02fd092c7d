//! The errors of a journal, [`JournalError`], and of a directory of them, [`ReadError`].

use std::{
    io,
    path::{Path, PathBuf},
};

use rusqlite::ErrorCode;
use thiserror::Error;

use crate::store::BoxError;

/// An error that keeps a journal from being used. Its content is kept.
#[derive(Debug, Error)]
pub(crate) enum JournalError {
    #[error("the journal can't be read or written")]
    Sqlite(#[from] rusqlite::Error),
    #[error("the journal's file can't be opened")]
    File(#[from] io::Error),
    #[error("the journal has reached its limit of {bytes_max} bytes")]
    Full { bytes_max: u64 },
    #[error("the journal has no room for more dead letters")]
    DeadLettersFull,
    #[error("the journal's file, or its write-ahead log, was removed, replaced or emptied")]
    Removed,
    #[error(
        "the journal's write-ahead log is full: another program has been reading the journal for long, end its transaction"
    )]
    LogFull,
    #[error("entries are missing in the journal")]
    Missing,
    #[error("the file is no journal of a version that this program knows")]
    Foreign,
}

impl JournalError {
    /// Returns whether the file itself is damaged, so that another attempt would fail as well.
    pub(crate) fn is_damage(&self) -> bool {
        match self {
            Self::Sqlite(error) => matches!(
                error.sqlite_error_code(),
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
            ),
            Self::Removed | Self::Missing => true,
            Self::File(_)
            | Self::Foreign
            | Self::Full { .. }
            | Self::DeadLettersFull
            | Self::LogFull => false,
        }
    }

    /// Returns whether there was no room, so that less data may fit. For a quota or a limit of file
    /// sizes, SQLite only reports that the system failed.
    pub(super) fn is_want_of_room(&self) -> bool {
        matches!(self, Self::Sqlite(error) if matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure)
        ))
    }
}

/// An error while reading the journals of a directory.
#[derive(Debug, Error)]
#[error("the journals in {} can't be read: {}", directory.display(), advice(*kind))]
pub struct ReadError {
    directory: PathBuf,
    kind: io::ErrorKind,
    source: BoxError,
}

impl ReadError {
    pub(super) fn new(directory: &Path, source: JournalError) -> Self {
        let (kind, source) = match source {
            // The directory's own error does not concern the file of a journal.
            JournalError::File(error) => (error.kind(), error.into()),
            error => (io::ErrorKind::Other, error.into()),
        };
        Self {
            directory: directory.to_owned(),
            kind,
            source,
        }
    }

    /// Returns whether there is no such directory.
    pub(super) fn is_missing(&self) -> bool {
        self.kind == io::ErrorKind::NotFound
    }
}

/// Returns the advice for a directory that can't be read.
fn advice(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::NotFound => "there is no such directory; name the one that the workers have",
        io::ErrorKind::NotADirectory => "it is a file; name the directory in which it lies",
        _ => "check that this user may read the directory and its files",
    }
}
