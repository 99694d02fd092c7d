//! The two connections to a file, which are reopened when the file is replaced: [`Connections`].
//!
//! Before each use, a connection's open file is compared with the one at its path, and once more
//! after a write. A batch that counts as written is therefore in the file that others open. If the
//! file at the path is another one, both connections are closed, the new file is opened, and the
//! work is repeated.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rusqlite::{Connection, Error, OpenFlags, config::DbConfig};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::error::{ErrorContext, is_busy};
use crate::{
    panics::quietly,
    sqlite_file::{Exchange, OpenFile},
    store::{BoxError, FileProblem, StoreError},
};

/// The use of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Read,
    Write,
    /// Migrating; a missing file is created.
    Migrate,
}

/// A connection that writes and one that reads, so that a long read delays no write.
#[derive(Debug)]
pub(super) struct Connections {
    path: PathBuf,
    busy_timeout: Duration,
    // An async mutex, so that work that waits for its connection occupies no thread. It can't be
    // poisoned; a transaction that a panic interrupts is rolled back.
    writer: Arc<Mutex<Slot>>,
    reader: Arc<Mutex<Slot>>,
    /// The number of the open file, which is part of a place among arrivals.
    numbering: AtomicU64,
    /// The number of times that the connections were opened.
    openings: AtomicU64,
    /// The number of rows that were written to the current file.
    written: AtomicU64,
}

/// A connection, or `None` if its file is gone and no other could be opened yet.
type Slot = Option<Open>;

/// An open connection and its file.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) connection: Connection,
    file: OpenFile,
}

impl Connections {
    /// Opens the file at an absolute path, and creates it if there is none.
    pub(super) fn open(path: PathBuf, busy_timeout: Duration) -> Result<Self, BoxError> {
        if path.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory).into());
        }
        let (writer, reader) = open(&path, busy_timeout, true)?;
        Ok(Self {
            path,
            busy_timeout,
            numbering: AtomicU64::new(writer.file.number()),
            writer: Arc::new(Mutex::new(Some(writer))),
            reader: Arc::new(Mutex::new(Some(reader))),
            openings: AtomicU64::new(1),
            written: AtomicU64::new(0),
        })
    }

    /// Waits until nobody else uses the connection.
    pub(super) async fn lease(&self, purpose: Purpose) -> OwnedMutexGuard<Slot> {
        let slot = match purpose {
            Purpose::Read => &self.reader,
            Purpose::Write | Purpose::Migrate => &self.writer,
        };
        Arc::clone(slot).lock_owned().await
    }

    /// Waits until nobody uses either connection. The writer always comes first, so that two
    /// callers can't wait for each other.
    pub(super) async fn lease_both(&self) -> (OwnedMutexGuard<Slot>, OwnedMutexGuard<Slot>) {
        (
            self.lease(Purpose::Write).await,
            self.lease(Purpose::Read).await,
        )
    }

    /// Returns the number of the open file; call it while a connection is leased.
    pub(super) fn numbering(&self) -> u64 {
        self.numbering.load(Ordering::Relaxed)
    }

    /// Returns the number of times that the connections were opened.
    pub(super) fn openings(&self) -> u64 {
        self.openings.load(Ordering::Relaxed)
    }

    /// Counts rows that were written to the file.
    pub(super) fn wrote(&self, rows: usize) {
        self.written.fetch_add(rows as u64, Ordering::Relaxed);
    }

    /// Opens the file at the path, unless someone else has done so meanwhile.
    pub(super) fn reopen(
        &self,
        writer: &mut Slot,
        reader: &mut Slot,
        purpose: Purpose,
        context: &ErrorContext,
    ) -> Result<(), StoreError> {
        match exchange(writer, reader) {
            None if writer.is_some() && reader.is_some() => return Ok(()),
            None => {}
            // The file may come back.
            Some(Exchange::Removed) if purpose != Purpose::Migrate => {
                return Err(context.file_problem(FileProblem::Removed, "nothing is at its path"));
            }
            Some(Exchange::LogRemoved) => keep_log(writer, reader, context)?,
            Some(exchange) => self.let_go(exchange, writer, reader, context),
        }
        // Both are closed before one is opened, because the connections of a process to one file
        // must have the same log.
        (*writer, *reader) = (None, None);
        let opened = open(&self.path, self.busy_timeout, purpose == Purpose::Migrate);
        let (new_writer, new_reader) =
            opened.map_err(|source| self.cannot_open(source, context))?;
        // The number changes while nobody leases either connection.
        let numbering = new_writer.file.number();
        self.numbering.store(numbering, Ordering::Relaxed);
        (*writer, *reader) = (Some(new_writer), Some(new_reader));
        self.openings.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Prepares the old file for the closing of its connections, and logs the change.
    fn let_go(&self, exchange: Exchange, writer: &Slot, reader: &Slot, context: &ErrorContext) {
        let what = match exchange {
            Exchange::LogReplaced | Exchange::LogRemoved => {
                "the write-ahead log of the SQLite file was replaced"
            }
            Exchange::Emptied => "the SQLite file was emptied",
            Exchange::Removed | Exchange::Replaced => "the SQLite file was removed or replaced",
        };
        for Open { connection, file } in both(writer, reader) {
            if file.is_there() {
                // A checkpoint at closing would overwrite the file's newer content.
                let _ = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
            } else if file.has_log() {
                // The old file, wherever it is, then has everything that was written to it, and the
                // new file's log has none of it.
                let _ = empty_log(connection);
                file.remove_log();
            }
        }
        let written = self.written.swap(0, Ordering::Relaxed);
        let store = &context.store;
        quietly(|| {
            tracing::error!(
                store,
                written,
                "{what} while it was in use: what is at its path is used from now on, and may lack what was written to the old one"
            );
        });
    }

    fn cannot_open(&self, source: BoxError, context: &ErrorContext) -> StoreError {
        match source.downcast::<Error>() {
            Ok(error) if self.path.exists() => context.classify("opening the file again", *error),
            Ok(error) => context.file_problem(FileProblem::Removed, error),
            Err(source) => context.file_problem(FileProblem::CannotOpen, source),
        }
    }
}

impl Open {
    /// Does some work if the file is still the one at its path. Returns `None` if it is another
    /// one, before or after the work, so that the work has to be repeated.
    pub(super) fn run<T>(
        &mut self,
        purpose: Purpose,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Option<Result<T, StoreError>> {
        if self.file.exchange().is_some() {
            return None;
        }
        let outcome = work(&mut self.connection);
        if outcome.is_ok() {
            self.file.was_read(&self.connection);
        }
        // A successful read was valid when it was done.
        let is_final = purpose == Purpose::Read && outcome.is_ok();
        (is_final || self.file.exchange().is_none()).then_some(outcome)
    }
}

/// Returns whether only the write-ahead log was removed.
pub(super) fn is_log_removed(writer: &Slot, reader: &Slot) -> bool {
    exchange(writer, reader) == Some(Exchange::LogRemoved)
}

/// Returns the change of the file, as the first connection that notices one sees it.
fn exchange(writer: &Slot, reader: &Slot) -> Option<Exchange> {
    both(writer, reader).find_map(|open| open.file.exchange())
}

fn both<'a>(writer: &'a Slot, reader: &'a Slot) -> impl Iterator<Item = &'a Open> {
    [writer, reader].into_iter().flatten()
}

/// Moves the content of a removed log into the file.
///
/// Nobody else has written to the file since. Another connection that opened it would have created
/// another log, which would be there: no connection that closes removes a log while these have the
/// file open.
fn keep_log(writer: &Slot, reader: &Slot, context: &ErrorContext) -> Result<(), StoreError> {
    let has_it = |open: &&Open| open.file.exchange() == Some(Exchange::LogRemoved);
    if let Some(open) = both(writer, reader).find(has_it) {
        empty_log(&open.connection)
            .map_err(|error| context.classify("keeping what was written", error))?;
    }
    let store = &context.store;
    quietly(|| {
        tracing::warn!(
            store,
            "the write-ahead log of the SQLite file was removed while it was in use: what was in it is in the file now; leave it alone"
        );
    });
    Ok(())
}

/// Opens the connection that writes and the one that reads. Waits for no lock.
fn open(path: &Path, busy_timeout: Duration, create: bool) -> Result<(Open, Open), BoxError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let writable = if create {
        flags | OpenFlags::SQLITE_OPEN_CREATE
    } else {
        flags
    };
    let writer = connect(path, writable, busy_timeout)?;
    let reader = connect(path, flags, busy_timeout)?;
    reader.connection.pragma_update(None, "query_only", true)?;
    Ok((writer, reader))
}

fn connect(path: &Path, flags: OpenFlags, busy_timeout: Duration) -> rusqlite::Result<Open> {
    let connection = Connection::open_with_flags(path, flags)?;
    let mut file = OpenFile::new(path);
    connection.busy_timeout(Duration::ZERO)?;
    match connection.query_row("PRAGMA schema_version", [], |_| Ok(())) {
        Ok(()) => file.was_read(&connection),
        // A locked file is a database, and may be unlocked when it is used.
        Err(error) if is_busy(&error) => {}
        Err(error) => return Err(error),
    }
    connection.busy_timeout(busy_timeout)?;
    Ok(Open { connection, file })
}

/// Moves the write-ahead log into the file.
fn empty_log(connection: &Connection) -> rusqlite::Result<()> {
    let is_busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
        row.get::<_, bool>(0)
    })?;
    if is_busy {
        let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
        return Err(Error::SqliteFailure(busy, None));
    }
    Ok(())
}
