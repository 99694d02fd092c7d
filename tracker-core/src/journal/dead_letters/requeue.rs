//! Requeuing and deleting dead letters: [`requeue_dead_letters`] and [`delete_dead_letters`].

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, TransactionBehavior, params};
use thiserror::Error;

use crate::{
    Activity,
    clock::now_ms,
    journal::{
        connection::connect,
        directory::{self, Slot},
        durability::Durability,
        error::{JournalError, ReadError},
        file::JournalFile,
        replacement::take_usable,
    },
    row::Row,
    sqlite_rows as rows,
};

/// The number of dead letters moved at once.
///
/// The tracker that uses the journal waits meanwhile, for milliseconds.
const BATCH: u32 = 1_000;

/// The outcome of [`requeue_dead_letters`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Requeued {
    /// The number of dead letters requeued.
    pub letters: u64,
    /// The journal in which they wait now, or `None` if there were none.
    pub journal: Option<PathBuf>,
}

/// An error while requeuing or deleting dead letters.
///
/// Dead letters that were already moved or deleted stay so. The others are where they were.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RequeueError {
    /// The directory can't be read.
    #[error(transparent)]
    Directory(#[from] ReadError),
    /// A journal can't be read or written.
    #[error("the dead letters of {} can't be taken: check that this process can write it", path.display())]
    Journal {
        /// The journal.
        path: PathBuf,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// No journal can take the dead letters.
    #[error("no journal in {} can take the dead letters: check that this process can write there", directory.display())]
    NoJournal {
        /// The directory.
        directory: PathBuf,
        /// The error of the last journal that was tried.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Requeues the dead letters of all journals in a directory for delivery.
///
/// They are appended to a journal that no process has locked. The next tracker that is built in
/// the directory ships them.
///
/// The function can be called while trackers are running: it only removes from their journals. A
/// dead letter is removed once it is safe in the other journal. If the process ends in between, it
/// is in both, and is still delivered no more than once.
///
/// # Errors
///
/// Returns a [`RequeueError`]; the function can be called again.
pub fn requeue_dead_letters(directory: impl AsRef<Path>) -> Result<Requeued, RequeueError> {
    let directory = directory.as_ref();
    let until = now_ms();
    let mut requeued = Requeued::default();
    let mut target = None;
    for path in directory::list(directory)? {
        let failed = |error: JournalError| RequeueError::journal(&path, error);
        let mut source = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)
            .map_err(|error| failed(error.into()))?;
        loop {
            let letters = letters(&source, until).map_err(|error| failed(error.into()))?;
            if letters.is_empty() {
                break;
            }
            let (slot, file) = match &mut target {
                Some(target) => target,
                none => none.insert(free_journal(directory)?),
            };
            file.append_all(letters.iter().map(Row::from))
                .map_err(|error| RequeueError::journal(slot.path(), error))?;
            requeued.journal = Some(slot.path().to_owned());
            remove(&mut source, &letters, until).map_err(|error| failed(error.into()))?;
            requeued.letters += letters.len() as u64;
        }
    }
    Ok(requeued)
}

/// Deletes the dead letters of all journals in a directory, and returns their number.
///
/// Dead letters that are added while it runs are kept.
///
/// The function can be called while trackers are running.
///
/// # Errors
///
/// Returns a [`RequeueError`]; the function can be called again.
pub fn delete_dead_letters(directory: impl AsRef<Path>) -> Result<u64, RequeueError> {
    let until = now_ms();
    let mut deleted = 0;
    for path in directory::list(directory.as_ref())? {
        let failed = |error: rusqlite::Error| RequeueError::journal(&path, error.into());
        let source = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
        loop {
            let sql = include_str!("../sql/remove_letters.sql");
            let some = source.execute(sql, params![until, BATCH]).map_err(failed)?;
            if some == 0 {
                break;
            }
            deleted += some as u64;
        }
    }
    Ok(deleted)
}

impl RequeueError {
    fn journal(path: &Path, error: JournalError) -> Self {
        Self::Journal {
            path: path.to_owned(),
            source: Box::new(error),
        }
    }
}

/// Returns a journal that no other process uses, and its lock.
fn free_journal(directory: &Path) -> Result<(Slot, JournalFile), RequeueError> {
    let usable = take_usable(directory, Durability::Power, u64::MAX, |_, _| {});
    usable.map_err(|source| RequeueError::NoJournal {
        directory: directory.to_owned(),
        source: Box::new(source),
    })
}

fn letters(connection: &Connection, until: i64) -> rusqlite::Result<Vec<Activity>> {
    let mut letters = connection.prepare(include_str!("../sql/letters_before.sql"))?;
    let letters = letters.query_map(params![until, BATCH], rows::read)?;
    letters.collect()
}

fn remove(connection: &mut Connection, letters: &[Activity], until: i64) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        let mut delete = transaction.prepare(include_str!("../sql/remove_letter.sql"))?;
        for letter in letters {
            delete.execute(params![letter.action_id, until])?;
        }
    }
    transaction.commit()
}
