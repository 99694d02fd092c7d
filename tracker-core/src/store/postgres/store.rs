//! The Postgres store: [`PostgresStore`].

mod batches;
mod checking;
mod counting;
mod folding;
mod following;
mod foreign_text;
mod operations;
mod partitioned;
mod prune;
mod turns;
mod work;

use std::sync::Arc;

use self::work::Read;
pub(super) use self::work::{Limits, Work};
use super::read::Answer;
use crate::store::{BoxFuture, OpenError, StoreError, background::Background};

const THREAD_NAME: &str = "tracker-postgres";

/// A [`Store`](crate::Store) that keeps activities in a Postgres database. A clone is a handle to
/// the same connections.
///
/// ```no_run
/// use tracker_core::{Store, store::postgres::PostgresStore};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = PostgresStore::new("postgres://worker@localhost/app")?;
/// store.migrate().await?;
/// store.check().await?;
/// # Ok(())
/// # }
/// ```
///
/// The store works on a thread of its own, so it can be used from any executor. Its connections
/// live as long as the last handle.
///
/// Each operation is one short transaction. A pooler such as `PgBouncer` may therefore stand in
/// between and assign each operation another session. [`migrate`](crate::Store::migrate) and
/// [`partition`](Self::partition) are the exceptions, because they hold a lock in their session:
/// through a pooler in transaction mode they fail with [`StoreError::SharedSession`] and change
/// nothing. Where a pooler does not deliver notifications, the store polls every second instead.
///
/// # Other engines
///
/// A server that only speaks Postgres's protocol may lack features of Postgres. The store uses an
/// alternative for each of them, and logs it once for each store:
///
/// - `INSERT` where there is no binary `COPY`;
/// - polling every second where there is no `LISTEN` and `NOTIFY`;
/// - a row of the table `tracker_locks` where there are no advisory locks;
/// - other kinds of indexes.
///
/// Only [following](crate::Store::watermarks) has no alternative: it fails with
/// [`StoreError::Unsupported`] where rows do not tell the transactions that wrote them.
///
/// If all clients share one session, as in PGlite, the store uses one connection at a time and
/// closes it after each use, and migrating and partitioning take one transaction each.
///
/// # Encodings
///
/// A character that the database's encoding lacks is written as a question mark. The ID and the
/// project are exceptions: a row with such a character in either is refused. A row with replaced
/// characters is written by a statement of its own. The replacement is logged once for each store.
///
/// # Privileges
///
/// Writing needs USAGE on the schema and INSERT on the table; reading needs SELECT. Migrating needs
/// ownership of the table and CREATE on the schema, or on the database where the schema is missing.
/// If no migration is pending, SELECT on `tracker_schema_history` is enough.
///
/// # Migrating
///
/// One process at a time migrates a schema. Others wait for it, for no longer than
/// [`migrate_timeout`](super::PostgresStoreBuilder::migrate_timeout). Where the lock is a row, the
/// row of a process that died is free after 30 s.
///
/// An existing table is checked first. One that activities can't be written to is left as it is,
/// and a [`StoreError::Shape`] tells the difference. The column `reference_ids`, which the
/// migrations add, and `cost_usd`, which they drop, are no difference. A unique index on anything
/// but `action_id` alone is one.
///
/// Indexes are built without blocking writers. Those that somebody dropped are built again, except
/// on a partitioned table and for a role without the privilege;
/// [`notes`](crate::Store::notes) names them there.
///
/// Adding and dropping a column takes milliseconds, but waits for the transactions that use the
/// table, and writers wait behind it. Each attempt gives up after 5 s. There are 5 attempts, with
/// pauses of 1 to 8 s in between.
#[derive(Clone)]
pub struct PostgresStore {
    work: Arc<Work>,
    background: Arc<Background>,
}

impl PostgresStore {
    pub(super) fn start(work: Work) -> Result<Self, OpenError> {
        let background = Background::start(THREAD_NAME).map_err(OpenError::Thread)?;
        Ok(Self {
            work: Arc::new(work),
            background: Arc::new(background),
        })
    }

    /// Runs `outcome` on the store's own thread.
    fn run<T: Send + 'static>(
        &self,
        operation: &'static str,
        outcome: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> BoxFuture<'_, Result<T, StoreError>> {
        self.background
            .operate(&self.work.context.store, operation, outcome)
    }

    /// Reads something on a connection.
    fn read<T: Answer + Default + Send + 'static>(
        &self,
        read: impl Read<T>,
    ) -> BoxFuture<'_, Result<T, StoreError>> {
        let work = Arc::clone(&self.work);
        self.run("reading", async move { work.read_some(read).await })
    }
}
