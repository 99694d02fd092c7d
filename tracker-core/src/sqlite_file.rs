//! Whether the SQLite file that a connection has open is still the one at its path: [`OpenFile`].
//!
//! SQLite goes on with a file that has no name any more, and with a write-ahead log that was removed alone, and then nobody else finds what it writes.
//! The files are never opened here: closing one would release the locks that SQLite has on it, which are the process's.
//!
//! On Windows nobody can move or remove a file that is open, so nothing is looked at there.

use std::{
    fs::{self, Metadata},
    path::{Path, PathBuf},
};

use rusqlite::Connection;

/// Which file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity(#[cfg(unix)] (u64, u64));

impl From<&Metadata> for Identity {
    #[cfg(unix)]
    fn from(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;

        Self((metadata.dev(), metadata.ino()))
    }

    #[cfg(not(unix))]
    fn from(_: &Metadata) -> Self {
        Self()
    }
}

/// What became of a file that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exchange {
    /// There is none at its path.
    Removed,
    /// There is another one.
    Replaced,
    /// It has no content any more.
    Emptied,
    /// Its write-ahead log was removed. The connection still has it, and nobody has made another one.
    LogRemoved,
    /// There is another write-ahead log beside it.
    LogReplaced,
}

/// A file that a connection has open.
#[derive(Debug)]
pub(crate) struct OpenFile {
    path: PathBuf,
    log_path: PathBuf,
    file: Option<Identity>,
    is_empty: bool,
    /// The write-ahead log, once the connection has it open.
    log: Option<Identity>,
}

impl OpenFile {
    /// The file that was just opened.
    pub(crate) fn new(path: &Path) -> Self {
        let metadata = fs::metadata(path).ok();
        Self {
            path: path.to_owned(),
            log_path: suffixed(path, "-wal"),
            file: metadata.as_ref().map(Identity::from),
            is_empty: metadata.is_none_or(|metadata| metadata.len() == 0),
            log: None,
        }
    }

    /// What tells it from other files on its file system, as far as that is known: a number that it keeps for as long as it exists.
    #[cfg(feature = "sqlite")]
    pub(crate) fn number(&self) -> u64 {
        #[cfg(unix)]
        return self.file.map_or(0, |Identity((_, inode))| inode);
        #[cfg(not(unix))]
        0
    }

    /// Says that the connection has read it, and so has its write-ahead log open, if there is one. As long as it has, no other program that ends removes it.
    pub(crate) fn was_read(&mut self, connection: &Connection) {
        if self.log.is_none() && is_in_wal_mode(connection) {
            self.log = identity(&self.log_path);
        }
        if self.is_empty {
            self.is_empty = fs::metadata(&self.path).is_ok_and(|metadata| metadata.len() == 0);
        }
    }

    /// Whether the connection has a write-ahead log open: one that has not would open the one that is now beside the path.
    #[cfg(feature = "sqlite")]
    pub(crate) fn has_log(&self) -> bool {
        self.log.is_some()
    }

    /// Whether its path still stands for it, whatever is in it now.
    pub(crate) fn is_there(&self) -> bool {
        self.file == identity(&self.path)
    }

    /// Removes its write-ahead log, where that is still the one beside its path: SQLite would take it for that of another file that comes there, even of a new one.
    /// The connection still has it.
    pub(crate) fn remove_log(&self) {
        if self.log.is_some() && self.log == identity(&self.log_path) {
            let _ = fs::remove_file(&self.log_path);
            let _ = fs::remove_file(suffixed(&self.path, "-shm"));
        }
    }

    /// What became of it; `None` where it is as it was.
    pub(crate) fn exchange(&self) -> Option<Exchange> {
        let Ok(metadata) = fs::metadata(&self.path) else {
            return Some(Exchange::Removed);
        };
        if self.file != Some(Identity::from(&metadata)) {
            return Some(Exchange::Replaced);
        }
        if metadata.len() == 0 && !self.is_empty {
            return Some(Exchange::Emptied);
        }
        let log = self.log?;
        match identity(&self.log_path) {
            None => Some(Exchange::LogRemoved),
            Some(other) if other != log => Some(Exchange::LogReplaced),
            Some(_) => None,
        }
    }
}

/// The file beside one whose name has this at its end.
pub(crate) fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

/// Whether the connection itself is, which a file that was put into that mode by another one does not tell.
fn is_in_wal_mode(connection: &Connection) -> bool {
    let mode = connection.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0));
    mode.is_ok_and(|mode| mode == "wal")
}

fn identity(path: &Path) -> Option<Identity> {
    let metadata = fs::metadata(path).ok()?;
    Some(Identity::from(&metadata))
}
