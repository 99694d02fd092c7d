//! A store of activities in an SQLite file: [`SqliteStore`].
//!
//! The file needs no server, `sqlite3` opens it, and any number of processes may write to it at
//! once. SQLite itself is compiled in.
//!
//! ```
//! use tracker_core::{ActionType, Activity, SqliteStore, Store, timeline::Query};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("tracker.db");
//! let store = SqliteStore::open(path)?;
//! store.migrate().await?;
//!
//! let activity = Activity::new(ActionType::Deployment).project_id("project_7");
//! store.write(vec![activity.clone()].into()).await?;
//!
//! let page = store.timeline(Query::project("project_7")).await?;
//! assert_eq!(page.activities, [activity]);
//! # Ok(())
//! # }
//! ```
//!
//! # Rows of other programs
//!
//! A column of an SQLite table holds values of any type, whatever its declaration says. All of them
//! can be read:
//!
//! | column | value | is read as |
//! | --- | --- | --- |
//! | text | a number | its decimal text |
//! | text | bytes that are not UTF-8 | text with U+FFFD in their place |
//! | `status` | an unknown text | [`Status::Other`](crate::Status::Other) |
//! | `reference_ids` | text that is not JSON | a JSON string of that text |
//! | `reference_ids` | SQLite's own JSONB | the JSON that it encodes |
//! | `created_at` | not an integer | no time; the row comes last |
//! | `reference_ids` | numbers of any length | every digit of them |
//! | `action_id` | not a text, or bytes that are not UTF-8 | the row is on no timeline, because no cursor can name it |
//!
//! # Looking up reference IDs
//!
//! SQLite has no index that finds a JSON object by its content: an index on `json_extract` serves
//! only one name, and the names are the caller's choice. A look-up by reference ID reads the rows
//! that the other conditions leave, for instance those of a project. Create an index for a name
//! that is looked up often:
//!
//! ```sql
//! CREATE INDEX deployments ON project_actions (reference_ids ->> 'deployment_id');
//! SELECT * FROM project_actions WHERE reference_ids ->> 'deployment_id' = 'deploy_xyz789';
//! ```

mod builder;
pub(crate) mod caller;
mod connections;
mod error;
pub(super) mod migrate;
mod notes;
#[cfg(any(feature = "sea-orm", feature = "sqlx-sqlite"))]
pub(crate) mod other_drivers;
mod prune;
mod shape;
mod timeline;
mod watch;
mod write;

use std::{fmt, future::ready, path::Path, sync::Arc, time::Duration};

use futures_timer::Delay;
use rusqlite::Connection;

/// The `rusqlite` crate whose connections and transactions are a [`Client`](crate::Client), in the
/// supported version.
#[doc(no_inline)]
pub use rusqlite;

pub use self::builder::{SqliteStoreBuilder, Synchronous};
use self::{
    connections::{Connections, Purpose, is_log_removed},
    error::Place,
};
use super::{Batch, BoxFuture, FileProblem, OpenError, Pruned, Pruning, Store, StoreError, Watch};
use crate::{
    Activity,
    background::Background,
    timeline::{self as timelines, Arrivals, Arrived, DayCount, Filter, Page, Query, UtcOffsets},
};

const TABLE: &str = "project_actions";

/// The number of attempts at work that is repeated because the file was replaced meanwhile.
const ATTEMPTS: usize = 4;

/// The time that a file is left alone after its write-ahead log was removed.
const SETTLING: Duration = Duration::from_millis(250);

/// A [`Store`] that keeps activities in an SQLite file. A clone is a handle to the same
/// connections.
///
/// One connection writes and one reads, so that a long read delays no write. Both work on threads
/// of the store's own, so no method of [`Store`] blocks the executor that calls it. From the first
/// [`migrate`](Store::migrate) on, the file is in WAL mode unless its file system doesn't support
/// that. It then has a `-wal` and a `-shm` file beside it while it is in use.
///
/// # Replacing the file
///
/// The store notices at the next operation if the file was removed while in use, or replaced by
/// another one, for instance by restoring a backup, or if only its `-wal` was removed. It logs the
/// change and continues with the file at the path. As long as there is none, operations fail with
/// [`FileProblem::Removed`]; as long as it has no table, with [`StoreError::NotMigrated`].
///
/// A write that succeeds is in the file that is at the path then; a write that was under way is
/// repeated. Earlier writes remain in the old file, wherever that is. If only the `-wal` was
/// removed, its content is moved into the file. On Windows an open file can't be replaced.
#[derive(Clone)]
pub struct SqliteStore {
    shared: Arc<Shared>,
}

struct Shared {
    place: Place,
    synchronous: Synchronous,
    connections: Connections,
    background: Background,
}

impl SqliteStore {
    /// Opens a file with the defaults of [`builder`](Self::builder), and creates it if there is
    /// none.
    ///
    /// Its directory must exist. [`migrate`](Store::migrate) creates its table.
    ///
    /// # Errors
    ///
    /// The errors of the builder's [`open`](SqliteStoreBuilder::open).
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::builder(path).open()
    }

    /// Returns a builder with all settings of the file at this path.
    pub fn builder(path: impl AsRef<Path>) -> SqliteStoreBuilder {
        SqliteStoreBuilder::new(path.as_ref().to_owned())
    }

    /// Runs `work` on one of the connections, on a thread of the store's own, and repeats it if the
    /// file was replaced meanwhile.
    ///
    /// Work that has begun runs to its end even if the returned future is dropped.
    async fn on<T: Send + 'static>(
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
                connections.reopen(&mut writer, &mut reader, purpose, &shared.place)
            });
            reopened.await?;
        }
        let again = "the file is another one after each attempt";
        Err(self.shared.place.file_problem(FileProblem::Replaced, again))
    }

    async fn blocking<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let done = self.shared.background.run_blocking(work).await;
        done.unwrap_or_else(|panicked| {
            Err(StoreError::Failed {
                operation,
                store: self.describe(),
                source: panicked.into(),
            })
        })
    }

    /// Reads on the reading connection.
    async fn reading<T: Send + 'static>(
        &self,
        read: impl Fn(&Connection) -> rusqlite::Result<T> + Send + Sync + 'static,
    ) -> Result<T, StoreError> {
        self.following(move |connection, _| read(connection)).await
    }

    /// Reads with the number of the open file.
    async fn following<T: Send + 'static>(
        &self,
        read: impl Fn(&Connection, u64) -> rusqlite::Result<T> + Send + Sync + 'static,
    ) -> Result<T, StoreError> {
        const OPERATION: &str = "reading";
        self.on(Purpose::Read, OPERATION, move |connection, shared| {
            let read = read(connection, shared.connections.numbering());
            read.map_err(|error| shared.place.explain(connection, OPERATION, error))
        })
        .await
    }
}

impl Store for SqliteStore {
    fn write(&self, batch: Batch) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move { self.write_counted(batch).await.map(drop) })
    }

    fn write_counted(&self, batch: Batch) -> BoxFuture<'_, Result<Option<u64>, StoreError>> {
        const OPERATION: &str = "writing a batch";
        Box::pin(
            self.on(Purpose::Write, OPERATION, move |connection, shared| {
                let inserted = write::write(connection, shared.synchronous, batch.activities())
                    .map_err(|error| shared.place.explain(connection, OPERATION, error))?;
                shared.connections.wrote(batch.activities().len());
                Ok(Some(inserted))
            }),
        )
    }

    fn timeline(&self, query: Query) -> BoxFuture<'_, Result<Page, StoreError>> {
        Box::pin(self.reading(move |connection| timeline::page(connection, &query)))
    }

    fn activity<'a>(
        &'a self,
        project_id: &'a str,
        action_id: &'a str,
    ) -> BoxFuture<'a, Result<Option<Activity>, StoreError>> {
        let (project_id, action_id) = (project_id.to_owned(), action_id.to_owned());
        Box::pin(
            self.reading(move |connection| timeline::activity(connection, &project_id, &action_id)),
        )
    }

    fn count(&self, filter: Filter) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(self.reading(move |connection| timeline::count(connection, &filter)))
    }

    fn days(
        &self,
        filter: Filter,
        utc_offsets: UtcOffsets,
    ) -> BoxFuture<'_, Result<Vec<DayCount>, StoreError>> {
        Box::pin(self.reading(move |connection| timeline::days(connection, &filter, &utc_offsets)))
    }

    fn arrived(&self) -> BoxFuture<'_, Result<Arrived, StoreError>> {
        Box::pin(self.following(timeline::arrived))
    }

    fn arrivals(
        &self,
        query: Arrivals,
    ) -> BoxFuture<'_, Result<Vec<(timelines::Place, Activity)>, StoreError>> {
        Box::pin(async move {
            let arrived = self.following(move |connection, numbering| {
                timeline::arrivals(connection, numbering, &query)
            });
            arrived.await?.ok_or_else(|| StoreError::UnknownPlace {
                store: self.describe(),
            })
        })
    }

    fn watch(&self) -> BoxFuture<'_, Result<Box<dyn Watch>, StoreError>> {
        let polling = watch::Polling {
            store: self.clone(),
            seen: None,
        };
        Box::pin(ready(Ok(Box::new(polling) as Box<dyn Watch>)))
    }

    fn all(
        &self,
        behind: Option<String>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Activity>, StoreError>> {
        Box::pin(
            self.reading(move |connection| timeline::all(connection, behind.as_deref(), limit)),
        )
    }

    fn count_before(&self, created_before: i64) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(self.reading(move |connection| timeline::count_before(connection, created_before)))
    }

    fn prune(&self, pruning: Pruning) -> BoxFuture<'_, Result<Pruned, StoreError>> {
        const OPERATION: &str = "pruning";
        Box::pin(
            self.on(Purpose::Write, OPERATION, move |connection, shared| {
                prune::prune(connection, pruning.clone())
                    .map_err(|error| shared.place.explain(connection, OPERATION, error))
            }),
        )
    }

    fn prune_obstacles(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        Box::pin(self.reading(prune::obstacles))
    }

    fn migrate(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        Box::pin(self.on(
            Purpose::Migrate,
            migrate::OPERATION,
            |connection, shared| migrate::run(connection, &shared.place),
        ))
    }

    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(
            self.on(Purpose::Read, shape::OPERATION, |connection, shared| {
                shape::check(connection, &shared.place)
            }),
        )
    }

    fn notes(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        Box::pin(
            self.on(Purpose::Read, shape::OPERATION, |connection, shared| {
                let noted = notes::read(connection);
                noted.map_err(|error| shared.place.classify(shape::OPERATION, error))
            }),
        )
    }

    fn describe(&self) -> String {
        self.shared.place.store.clone()
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore")
            .field("store", &self.shared.place.store)
            .field("busy_timeout", &self.shared.place.busy_timeout)
            .field("synchronous", &self.shared.synchronous)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::{ActionType, Activity};

    #[tokio::test]
    async fn reads_that_last_delay_no_write() {
        let directory = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(directory.path().join("tracker.db")).unwrap();
        store.migrate().await.unwrap();

        let _read = store.shared.connections.lease(Purpose::Read).await;
        let mut waiting: Vec<_> = (0..8)
            .map(|_| store.timeline(Query::project("p")))
            .collect();
        for read in &mut waiting {
            assert!(read.now_or_never().is_none());
        }
        let activity = Activity::new(ActionType::Deployment);
        store.write(vec![activity].into()).await.unwrap();
    }
}
