//! Detects that the SQLite file of an open connection is no longer the one at its path:
//! [`OpenFile`].
//!
//! SQLite continues to use a file that was unlinked, and a write-ahead log that was removed without
//! its file, so its writes are lost to everyone else. This module never opens the files, because
//! closing one would release the locks that SQLite holds on it, which belong to the process.
//!
//! On Windows, an open file can't be moved or removed, so nothing is checked there.

use std::{
    fs::{self, Metadata},
    path::{Path, PathBuf},
};

use rusqlite::Connection;

/// The device and the inode of a file.
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

/// The change of an open file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exchange {
    /// There is no file at its path.
    Removed,
    /// There is another file at its path.
    Replaced,
    /// The file was truncated to nothing.
    Emptied,
    /// The write-ahead log was removed. The connection still has it open, and no other connection
    /// has created a new one.
    LogRemoved,
    /// There is another write-ahead log beside the file.
    LogReplaced,
}

/// A file that a connection has open.
#[derive(Debug)]
pub(crate) struct OpenFile {
    path: PathBuf,
    log_path: PathBuf,
    file: Option<Identity>,
    is_empty: bool,
    /// The write-ahead log, once the connection has opened it.
    log: Option<Identity>,
}

impl OpenFile {
    /// Identifies the file that a connection has just opened.
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

    /// Returns the file's number on its file system, which stays the same as long as the file
    /// exists; 0 if it is unknown.
    #[cfg(feature = "sqlite")]
    pub(crate) fn number(&self) -> u64 {
        #[cfg(unix)]
        return self.file.map_or(0, |Identity((_, inode))| inode);
        #[cfg(not(unix))]
        0
    }

    /// Records that the connection has read the file, and has therefore opened its write-ahead log,
    /// if there is one. As long as the connection is open, no other program removes the log when it
    /// closes.
    pub(crate) fn was_read(&mut self, connection: &Connection) {
        if self.log.is_none() && is_in_wal_mode(connection) {
            self.log = identity(&self.log_path);
        }
        if self.is_empty {
            self.is_empty = fs::metadata(&self.path).is_ok_and(|metadata| metadata.len() == 0);
        }
    }

    /// Returns whether the connection has a write-ahead log open. If not, it would open the one
    /// that is now beside the path.
    #[cfg(feature = "sqlite")]
    pub(crate) fn has_log(&self) -> bool {
        self.log.is_some()
    }

    /// Returns whether its path still leads to the file, whatever the content.
    pub(crate) fn is_there(&self) -> bool {
        self.file == identity(&self.path)
    }

    /// Removes its write-ahead log if the log is still the one beside the path, because SQLite
    /// would apply it to another file that is put there, even to a new one. The connection keeps
    /// the log open.
    pub(crate) fn remove_log(&self) {
        if self.log.is_some() && self.log == identity(&self.log_path) {
            let _ = fs::remove_file(&self.log_path);
            let _ = fs::remove_file(suffixed(&self.path, "-shm"));
        }
    }

    /// Returns the change of the file; `None` if there is none.
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

/// Returns the path with `suffix` appended to its file name.
pub(crate) fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

/// Returns whether the connection itself is in WAL mode. The file alone does not tell, because
/// another connection may have changed its mode.
fn is_in_wal_mode(connection: &Connection) -> bool {
    let mode = connection.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0));
    mode.is_ok_and(|mode| mode == "wal")
}

fn identity(path: &Path) -> Option<Identity> {
    let metadata = fs::metadata(path).ok()?;
    Some(Identity::from(&metadata))
}
