//! Keeps activities that are not yet in the store on the local disk: [`Journal`].
//!
//! Without a journal, activities wait in memory, and are lost with their process. With one, they
//! are in a file a few milliseconds after they were recorded, and stay there until the store has
//! them. They survive a killed process, an outage of the store of any length, and with
//! [`Durability::Power`] a machine that loses its power.
//!
//! ```
//! use tracker_core::{Durability, SqliteStore, Store, Tracker};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let directory = tempfile::tempdir()?;
//! # let database = directory.path().join("tracker.db");
//! # let journals = directory.path().join("journals");
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
//! A short deadline for the [shutdown](crate::Tracker::shutdown) is enough with a journal.
//! Activities that are not in the store by then stay on the disk, and the next process in the same
//! directory delivers them.
//!
//! # The files
//!
//! Each process has an SQLite file of its own in the directory, `journal-0.db`, `journal-1.db`, …,
//! under a lock that the operating system releases when the process ends, however it ends. A
//! process that starts takes the first free file, and delivers what ended processes left in others.
//! A file that is emptied this way is removed, and its dead letters move to the file of the process
//! that emptied it. Processes of one machine that write to the same store therefore share a
//! directory. On a network file system locks may not work, and two processes may take the same
//! file.
//!
//! Beside a file are its write-ahead log and SQLite's index of it, `journal-0.db-wal` and
//! `journal-0.db-shm`. They belong to the file, and are gone while no program has it open, unless
//! the last one was killed. The lock, `journal-0.lock`, is empty and always stays. Leave all of
//! them alone while a process has the journal.
//!
//! The files tell who did what. They are readable and writable by their owner alone (`0600`), as
//! are the directories that are created for them (`0700`). An existing directory or file keeps its
//! permissions. Processes that share a directory therefore run as the same user.
//!
//! A file keeps its size while its tracker runs, because SQLite fills its pages again. A file of
//! more than 4 MiB that has at most 256 KiB in use is shrunk when it is opened, and at the
//! shutdown.
//!
//! `sqlite3 journal-0.db 'SELECT * FROM activities'` shows the waiting activities.
//!
//! # When the disk fails
//!
//! Activities may not fit into the journal: it has reached its [size](Journal::bytes_max), the disk
//! is full, or the directory can't be written. They go to the store from memory then, and wait in
//! the queue while the store is away too. If a part of a batch fits, its first activities are
//! written. The journal is tried again with each batch, and once a second while the store is away
//! or the journal is not open.
//!
//! A damaged file is set aside as `journal-0.damaged-…`, and everything readable in it goes into a
//! new one. The rest is logged, and counted in
//! [`Dropped::journal_damaged`](crate::Dropped::journal_damaged) if its number is known. None of
//! this keeps a tracker from being built.
//!
//! A process that forks is no good place for a tracker: the child has no thread that writes, and
//! holds the lock of its parent's journal.
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
//! A row is refused if the store returns [`Refused`](crate::StoreError::Refused). In Postgres this
//! is a value that its column can't hold, or that violates a constraint such as a `CHECK` (SQLSTATE
//! classes 22 and 23). A row that violates a foreign key, a
//! [`MissingReference`](crate::StoreError::MissingReference), is retried first, for as long as the
//! builder's [`missing_reference_wait`](crate::TrackerBuilder::missing_reference_wait) says. It
//! keeps its place in the file meanwhile, while rows around it leave the file.
//!
//! A row is also put aside if it fails again and again for an unknown reason though the store
//! answers, after the builder's [`retries`](crate::TrackerBuilder::retries), or if it fails alone
//! while others succeed. A store that is away or busy, or lacks the table, a column or a grant, is
//! waited for, and refuses nothing.
//!
//! A dead letter is in the file when it is counted in
//! [`Stats::dead_lettered`](crate::Stats::dead_lettered); its row counts as journaled until then.
//! It is kept until somebody removes it. Dead letters have room of their own: the
//! [size](Journal::bytes_max) that is set for waiting activities, and at least 1 MiB. The file can
//! therefore have twice that size. Rows that are refused when this room is full are lost, counted
//! in [`Dropped::refused`](crate::Dropped::refused) and logged, since a store that refuses
//! everything must not delay other rows. So are rows that are refused on their way from memory
//! while the journal is full.
//!
//! While the disk does not accept dead letters, nothing more is delivered, and the removal is tried
//! again each second.
//!
//! In a series of refused rows, each costs one write to the store, some 2 ms in a Postgres on the
//! same machine. A refused row among good ones costs some twenty writes, 30 ms there, because its
//! batch is written in parts. The rows after it arrive that much later.
//!
//! [`requeue_dead_letters`] has them delivered again, once the reason is mended, and
//! [`delete_dead_letters`] removes them. Both can be called at any time, while trackers are at
//! work, as can `tracker journal dead-letters --requeue` and `--delete`.

mod connection;
mod dead_letter_table;
mod dead_letters;
mod directory;
mod durability;
mod entries;
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
    inspect::{
        JournalCheck, JournalContents, JournalStatus, UnreadableJournal, check, damaged, inspect,
    },
    settings::Journal,
};
