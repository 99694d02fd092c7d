//! A handle to an SQLite file, and work on its connections: [`SqliteStore`].

use std::{sync::Arc, time::Duration};

use futures_timer::Delay;
use rusqlite::Connection;

use super::{
    connections::{Connections, Purpose, is_log_removed},
    error::ErrorContext,
    synchronous::Synchronous,
};
use crate::store::{
    FileProblem, StoreError,
    background::{Background, cut_off},
};

/// The number of attempts at work that is repeated because the file was replaced meanwhile.
const ATTEMPTS: usize = 4;

/// The time that a file is left alone after its write-ahead log was removed.
const SETTLING: Duration = Duration::from_millis(250);

/// Keeps activities in an SQLite file; a clone is a handle to the same connections.
///
/// One connection writes and one reads, so that a long read delays no write. Both work on threads
/// of the store's own: no method of [`Store`](crate::Store) blocks the executor that calls it. The
/// file is in WAL mode from the first [`migrate`](crate::Store::migrate) on, unless its file system
/// can't do that. It then has a `-wal` and a `-shm` file beside it while it is in use.
///
/// # A file that is exchanged
///
/// The store notices at the next operation if the file in use has been replaced, as by a
/// restored backup, or removed, or if its `-wal` alone was removed. It logs this and continues
/// with the file at the path. While there is none, operations fail with
/// [`FileProblem::Removed`]; until it has the table, with [`StoreError::NotMigrated`]. A write
/// that succeeds is in the file then at the path; a write in progress is repeated. Earlier
/// writes are in the old file; the content of a `-wal` removed alone is moved into the file. On
/// Windows an open file can't be replaced.
#[derive(Clone)]
pub struct SqliteStore {
    pub(super) shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) context: ErrorContext,
    pub(super) synchronous: Synchronous,
    pub(super) connections: Connections,
    pub(super) background: Background,
}

impl SqliteStore {
    /// Runs `work` on one of the connections, on a thread of the store's own, and repeats it if the
    /// file was replaced meanwhile.
    ///
    /// Work that has begun runs to its end even if the returned future is dropped.
    pub(super) async fn on<T: Send + 'static>(
        &self,
        purpose: Purpose,
        operation: &'static str,
        work: impl Fn(&mut Connection, &Shared) -> Result<T, StoreError> + Send + Sync + 'static,
    ) -> Result<T, StoreError> {
        let work = Arc::new(work);
        for _ in 0..ATTEMPTS {
            let mut lease = self.shared.connections.lease(purpose).await;
            let (shared, work) = (Arc::clone(&self.shared), Arc::clone(&work));
            let done = self.blocking(operation, move || {
                let open = lease.as_mut();
                Ok(open.and_then(|open| open.run(purpose, |connection| work(connection, &shared))))
            });
            if let Some(outcome) = done.await? {
                return outcome;
            }
            let (mut writer, mut reader) = self.shared.connections.lease_both().await;
            if is_log_removed(&writer, &reader) {
                // The process that removed the log may be about to replace the file, to which a new
                // log would not belong.
                Delay::new(SETTLING).await;
            }
            let shared = Arc::clone(&self.shared);
            let reopened = self.blocking(operation, move || {
                let connections = &shared.connections;
                connections.reopen(&mut writer, &mut reader, purpose, &shared.context)
            });
            reopened.await?;
        }
        let again = "the file is another one after each attempt";
        Err(self
            .shared
            .context
            .file_problem(FileProblem::Replaced, again))
    }

    async fn blocking<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let done = self.shared.background.run_blocking(work).await;
        done.unwrap_or_else(|ended| Err(cut_off(&self.shared.context.store, operation, ended)))
    }

    /// Reads on the reading connection.
    pub(super) async fn reading<T: Send + 'static>(
        &self,
        read: impl Fn(&Connection) -> rusqlite::Result<T> + Send + Sync + 'static,
    ) -> Result<T, StoreError> {
        self.following(move |connection, _| read(connection)).await
    }

    /// Reads what depends on a place. `read` returns `None` if the place does not belong to the
    /// open file.
    pub(super) async fn at_place<T: Send + 'static>(
        &self,
        read: impl Fn(&Connection, u64) -> rusqlite::Result<Option<T>> + Send + Sync + 'static,
    ) -> Result<T, StoreError> {
        let found = self.following(read).await?;
        found.ok_or_else(|| StoreError::UnknownPlace {
            store: self.shared.context.store.clone(),
        })
    }

    /// Reads with the number of the open file.
    pub(super) async fn following<T: Send + 'static>(
        &self,
        read: impl Fn(&Connection, u64) -> rusqlite::Result<T> + Send + Sync + 'static,
    ) -> Result<T, StoreError> {
        const OPERATION: &str = "reading";
        self.on(Purpose::Read, OPERATION, move |connection, shared| {
            let read = read(connection, shared.connections.numbering());
            read.map_err(|error| shared.context.explain(connection, OPERATION, error))
        })
        .await
    }
}
