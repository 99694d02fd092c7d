//! Where the journals are, and how large one may be: [`Journal`].

use std::path::PathBuf;

/// Where the journals are, and how large one may be.
///
/// A path alone is a journal with the defaults: `Tracker::builder().journal("/var/lib/worker/journals")`.
#[derive(Clone, Debug)]
#[must_use]
pub struct Journal {
    pub(crate) directory: PathBuf,
    pub(crate) bytes_max: u64,
}

impl Journal {
    /// Journals in this directory, which is made when the tracker is built, for its owner alone.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            bytes_max: 1 << 30,
        }
    }

    /// Sets how large this process's journal may be with what waits, in bytes. Its [dead letters](crate::journal#dead-letters) may take as much again, and 1 MiB at least. The
    /// write-ahead log beside it adds some 4 MiB; while another program reads the journal in a long transaction, as much again as the journal may have, and 16 MiB
    /// at least.
    ///
    /// Default 1 GiB, some three million activities with the usual IDs and a short line of details; at least 64 KiB. What comes
    /// when it is full stays in the [queue](crate::TrackerBuilder::queue_capacity), and is dropped and counted when that is full as well.
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
