//! What was recorded and is not yet in the store, on the local disk: [`Journal`].
//!
//! Without a journal activities wait in memory, and go with their process. With one they are in a file a few
//! milliseconds after they were recorded, and stay there until the store has them: through a killed process, an outage of the
//! store of any length, and with [`Durability::Power`] a machine that loses its power.
//!
//! ```
//! use tracker_core::{Durability, SqliteStore, Store, Tracker};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let directory = tempfile::tempdir()?;
//! # let (database, journals) = (directory.path().join("tracker.db"), directory.path().join("journals"));
//! let store = SqliteStore::open(database)?;
//! store.migrate().await?;
//! let tracker = Tracker::builder()
//!     .store(store)
//!     .journal(journals)
//!     .durability(Durability::Process)
//!     .build()?;
//! # Ok(())
//! # }
//! ```
//!
//! # The files
//!
//! Each process has an SQLite file of its own in the directory, `journal-0.db`, `journal-1.db`, …, under a lock that the
//! operating system releases when the process ends, however it does. A process that starts takes the first file that is free,
//! and ships what others have left behind that ended. So a directory is shared by the processes of one machine that write to the same
//! store; on a network file system locks may not hold, and two processes take the same file.
//!
//! `sqlite3 journal-0.db 'SELECT * FROM activities'` shows what waits.
//!
//! # When the disk fails
//!
//! What can't be put into the journal, because it has reached its [size](Journal::bytes_max), the disk is full, or the directory can't be
//! written, goes to the store from memory, and waits in the queue while that is away too. The journal is tried again with
//! each batch, and once a second until it has been opened. A file that is damaged is set aside as `journal-0.damaged-…`, and everything that can be read of it goes into a new one; what can't
//! is counted in [`Dropped::journal_damaged`](crate::Dropped::journal_damaged) where its number is known, and logged. None of it keeps a tracker from
//! being built.
//!
//! A process that forks is no good place for a tracker: the child has no thread that writes, and holds the lock of its parent's journal.
//!
//! # Dead letters
//!
//! A row that the store refuses is put aside with the reason, and holds nothing up: [`dead_letters`] lists them.

mod dead_letters;
mod directory;
mod durability;
mod file;
mod journals;
mod replacement;
mod salvage;

use std::path::{Path, PathBuf};

pub use self::{
    dead_letters::{ReadError, dead_letters},
    durability::Durability,
    file::DeadLetter,
};
pub(crate) use self::{
    file::JournalError,
    journals::{Journals, Replaced, Source},
};

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
    /// Journals in this directory, which is made when the tracker is built.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            bytes_max: 1 << 30,
        }
    }

    /// Sets how large this process's journal may be, in bytes, without its write-ahead log, which adds some 4 MiB; while another program
    /// reads the journal in a long transaction, as much again as the journal may have, and 16 MiB at least.
    ///
    /// Default 1 GiB, some three million activities with the usual IDs and a short line of details; at least 64 KiB. What comes
    /// when it is full stays in the [queue](crate::TrackerBuilder::queue_capacity), and is dropped and counted when that is full as well.
    pub fn bytes_max(mut self, bytes: u64) -> Self {
        self.bytes_max = bytes.max(64 << 10);
        self
    }
}

impl From<&str> for Journal {
    fn from(directory: &str) -> Self {
        Self::new(directory)
    }
}

impl From<String> for Journal {
    fn from(directory: String) -> Self {
        Self::new(directory)
    }
}

impl From<&Path> for Journal {
    fn from(directory: &Path) -> Self {
        Self::new(directory)
    }
}

impl From<PathBuf> for Journal {
    fn from(directory: PathBuf) -> Self {
        Self::new(directory)
    }
}
