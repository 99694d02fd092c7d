//! The place of the journals, and the size of one: [`Journal`].

use std::path::PathBuf;

/// The place of the journals, and the size of one.
///
/// A path alone is a journal with the defaults:
/// `Tracker::builder().journal("/var/lib/worker/journals")`.
#[derive(Clone, Debug)]
#[must_use]
pub struct Journal {
    pub(crate) directory: PathBuf,
    pub(crate) bytes_max: u64,
}

impl Journal {
    /// Returns the defaults for journals in this directory. A missing directory is created when
    /// the tracker is built, for its owner alone.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            bytes_max: 1 << 30,
        }
    }

    /// Sets the maximum size of this process's journal, in bytes, for waiting activities.
    ///
    /// Default: 1 GiB, which is some three million activities with the usual IDs and a short line
    /// of details. Minimum: 64 KiB. If the journal is full, later activities stay in the
    /// [queue](crate::TrackerBuilder::queue_capacity). If that is full too, they are dropped and
    /// counted.
    ///
    /// [Dead letters](crate::journal#dead-letters) may take as much again, and at least 1 MiB. The
    /// write-ahead log adds some 4 MiB. While another program reads the journal in a long
    /// transaction, the log may be as large as the journal, and at least 16 MiB.
    pub fn bytes_max(mut self, bytes: u64) -> Self {
        self.bytes_max = bytes.max(64 << 10);
        self
    }
}

impl<T: Into<PathBuf>> From<T> for Journal {
    fn from(directory: T) -> Self {
        Self::new(directory)
    }
}
