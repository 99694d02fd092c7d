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
//! With a journal a short deadline for the [shutdown](crate::Tracker::shutdown) is enough: what is not in the store by then stays on the disk, and the
//! next process in the same directory ships it.
//!
//! # The files
//!
//! Each process has an SQLite file of its own in the directory, `journal-0.db`, `journal-1.db`, …, under a lock that the
//! operating system releases when the process ends, however it does. A process that starts takes the first file that is free,
//! and ships what others have left behind that ended; a file that has been emptied so is removed, and its dead letters move to the file of the process that
//! emptied it. So a directory is shared by the processes of one machine that write to the same
//! store; on a network file system locks may not hold, and two processes take the same file.
//!
//! Beside a file are its write-ahead log and SQLite's index of it, `journal-0.db-wal` and `journal-0.db-shm`, which belong to it, and are gone while no program has
//! it open unless the last was killed; and the lock, `journal-0.lock`, which is empty and always stays. Leave all of them alone while a process has the journal.
//!
//! They hold who did what, and are readable and writable by their owner alone (`0600`), as are the directories that are made for them (`0700`). A directory or
//! file that is there keeps its permissions. So the processes that share a directory run as the same user.
//!
//! A file keeps its size while its tracker runs, as SQLite fills its pages again. One of more than 4 MiB with hardly anything in it, 256 KiB at most, is made small
//! when it is opened, and at the shutdown.
//!
//! `sqlite3 journal-0.db 'SELECT * FROM activities'` shows what waits.
//!
//! # When the disk fails
//!
//! What can't be put into the journal, because it has reached its [size](Journal::bytes_max), the disk is full, or the directory can't be
//! written, goes to the store from memory, and waits in the queue while that is away too; of a batch that does not fit, the first ones that do are put there. The journal is tried again with
//! each batch, and once a second while the store is away or the journal is not open. A file that is damaged is set aside as `journal-0.damaged-…`, and everything that can be read of it goes into a new one; what can't
//! is counted in [`Dropped::journal_damaged`](crate::Dropped::journal_damaged) where its number is known, and logged. None of it keeps a tracker from
//! being built.
//!
//! A process that forks is no good place for a tracker: the child has no thread that writes, and holds the lock of its parent's journal.
//!
//! # Dead letters
//!
//! A row that the store refuses is put aside with the reason, and [`dead_letters`] lists it:
//!
//! ```no_run
//! for letter in tracker_core::journal::dead_letters("/var/lib/worker/journals", 100)? {
//!     println!("{}: {}", letter.activity.action_id, letter.reason);
//! }
//! # Ok::<(), tracker_core::journal::ReadError>(())
//! ```
//!
//! Refused is what a store calls [`Refused`](crate::StoreError::Refused): in Postgres a value that its column can't hold, or that violates a constraint, a `CHECK` for
//! example (SQLSTATE classes 22 and 23). One that violates a foreign key, a [`MissingReference`](crate::StoreError::MissingReference), is tried again
//! first, for as long as the builder's [`missing_reference_wait`](crate::TrackerBuilder::missing_reference_wait) says; it keeps its place in the file
//! meanwhile, while those around it leave it. A row that fails again and again for a reason that is unknown, though the store answers, is put aside as
//! well, after the builder's [`retries`](crate::TrackerBuilder::retries), and so is one that fails alone while others go through. A store that is away
//! or busy, or lacks the table, a column or a grant, is waited for, and refuses nothing.
//!
//! A dead letter is in the file when it is counted in [`Stats::dead_lettered`](crate::Stats::dead_lettered), and its row counts as journaled until then. It is kept until
//! somebody removes it. Dead letters have room of their own, as much as the [size](Journal::bytes_max) that is set for what waits, and 1 MiB at least; so the file can
//! have twice that size. What is refused when it is full is lost, counted in [`Dropped::refused`](crate::Dropped::refused) and logged, since a store that refuses everything must
//! not hold up what another row brings. So is what is refused on its way from memory, the journal being full.
//!
//! While the disk does not let dead letters be put aside, no more is shipped, and the removal is tried again each second.
//!
//! Each row in a series that is refused costs one write to the store, some 2 ms in a Postgres on the same machine, and one among good ones some twenty, 30 ms there, as its batch
//! is written in parts. The rows behind it arrive that much later.
//!
//! [`requeue_dead_letters`] has them delivered again, once the reason is mended, and [`delete_dead_letters`] forgets them; both at any time, while trackers are at work,
//! as do `tracker journal dead-letters --requeue` and `--delete`.

mod connection;
mod dead_letter_table;
mod dead_letters;
mod directory;
mod durability;
mod entry;
mod error;
mod file;
mod held;
mod inspect;
mod journals;
mod replacement;
mod salvage;
mod settings;
mod size;

pub(crate) use self::{
    dead_letter_table::Cleared,
    error::JournalError,
    journals::{Journals, Source, replace::Replaced},
};
pub use self::{
    dead_letter_table::DeadLetter,
    dead_letters::{
        RequeueError, Requeued, dead_letters, delete_dead_letters, requeue_dead_letters,
    },
    durability::Durability,
    error::ReadError,
    inspect::{JournalCheck, JournalContents, JournalStatus, UnreadableJournal, check, inspect},
    settings::Journal,
};
