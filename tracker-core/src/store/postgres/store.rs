//! The Postgres store: [`PostgresStore`].

mod batches;
mod checking;
mod counting;
mod following;
mod foreign_text;
mod partitioned;
mod prune;

use std::{fmt, io, sync::Arc, time::Duration};

use tokio::{sync::Semaphore, time::timeout};
use tokio_postgres::Client;

use super::{
    PostgresStoreBuilder,
    connections::{Connections, Purpose},
    engine::Engine,
    error::{Place, PostgresError},
    filter::times,
    foreign_text::ForeignText,
    listen::{Connector, Listening},
    lock::Locks,
    migrate,
    partitions::Known,
    read::{Answer, Reading},
    row_security::KnownOpen,
    shape::Table,
    statements::Statements,
    transaction,
    watch::{Listener, News},
};
use crate::{
    Activity, Store,
    background::Background,
    store::{Batch, BoxFuture, OpenError, Pruned, Pruning, StoreError, Watch},
    timeline::{self, Arrivals, Arrived, DayCount, Filter, Page, Query, UtcOffsets},
};

const THREAD_NAME: &str = "tracker-postgres";

/// A [`Store`] that keeps activities in a Postgres database. A clone is a handle to the same
/// connections.
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
/// between and assign each operation another session. [`migrate`](Store::migrate) and
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
/// Only [following](Store::arrived) has no alternative: it fails with [`StoreError::Unsupported`]
/// where rows do not tell the transactions that wrote them.
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
/// One process at a time migrates a schema; others wait for it, for no longer than
/// [`migrate_timeout`](PostgresStoreBuilder::migrate_timeout). Where the lock is a row, one that a process left when it died is
/// free after 30 s. A table that is there is looked at first, and one that
/// activities can't be written to, but for the column `reference_ids` that the migrations add and `cost_usd` that they
/// drop, is left as it is: a [`StoreError::Shape`] says what differs. A unique index on anything but `action_id` alone is
/// such a difference. Indexes are built without blocking writers, and those that somebody dropped are built again, but for a
/// table in partitions and for a role that may not, where [`notes`](Store::notes) names them. Adding and dropping a column
/// takes milliseconds, but has to wait for the transactions that use the table, and writers wait behind it: it gives up
/// after 5 s and is tried 5 times, with pauses of 1 to 8 s in between.
#[derive(Clone)]
pub struct PostgresStore {
    work: Arc<Work>,
    background: Arc<Background>,
}

/// The state that the operations share.
struct Work {
    connections: Connections,
    /// Makes the connections that listen.
    connector: Connector,
    engine: Arc<Engine>,
    statements: Statements,
    foreign_text: ForeignText,
    begin_write: String,
    begin_read: String,
    schema: String,
    place: Place,
    limits: Limits,
    /// The partitions of the table, as far as they are known.
    known: Known,
    /// Whether the table is known to hide nothing.
    known_open: KnownOpen,
    /// Whose turn it is to count in many partitions.
    counts: Semaphore,
}

/// The time limits of the operations.
#[derive(Debug)]
pub(super) struct Limits {
    pub(super) write: Duration,
    pub(super) read: Duration,
    pub(super) migrate: Duration,
}

impl PostgresStore {
    /// Returns the store at this URL, with all defaults. It connects to nothing yet.
    ///
    /// The URL has libpq's form, as [`ConnectionOptions`](super::ConnectionOptions) explains.
    ///
    /// # Errors
    ///
    /// The errors of [`build`](PostgresStoreBuilder::build).
    pub fn new(url: impl Into<String>) -> Result<Self, OpenError> {
        Self::builder(url).build()
    }

    /// Returns a builder with all settings of the store at this URL.
    pub fn builder(url: impl Into<String>) -> PostgresStoreBuilder {
        PostgresStoreBuilder::new(url.into())
    }

    pub(super) fn start(
        store: String,
        engine: Arc<Engine>,
        connections: Connections,
        connector: Connector,
        schema: String,
        limits: Limits,
    ) -> Result<Self, OpenError> {
        let place = Place::new(store, &schema);
        let work = Work {
            connections,
            connector,
            engine,
            statements: Statements::for_schema(&schema),
            foreign_text: ForeignText::new(&schema),
            begin_write: transaction::begin("", limits.write),
            begin_read: transaction::begin("READ ONLY", limits.read),
            place,
            schema,
            limits,
            known: Known::default(),
            known_open: KnownOpen::default(),
            counts: Semaphore::new(counting::AT_ONCE),
        };
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
        Box::pin(async move {
            match self.background.run(outcome).await {
                Ok(outcome) => outcome,
                Err(ended) => Err(self.ended(operation, ended)),
            }
        })
    }

    fn ended(&self, operation: &'static str, ended: io::Error) -> StoreError {
        StoreError::Failed {
            operation,
            store: self.describe(),
            source: Box::new(ended),
        }
    }
}

/// A read operation that can run on any connection, and be repeated.
trait Read<T>:
    for<'a> FnOnce(Reading<'a>) -> BoxFuture<'a, Result<T, tokio_postgres::Error>>
    + Clone
    + Send
    + 'static
{
}

impl<T, F> Read<T> for F where
    F: for<'a> FnOnce(Reading<'a>) -> BoxFuture<'a, Result<T, tokio_postgres::Error>>
        + Clone
        + Send
        + 'static
{
}

impl PostgresStore {
    fn read<T: Answer + Default + Send + 'static>(
        &self,
        read: impl Read<T>,
    ) -> BoxFuture<'_, Result<T, StoreError>> {
        let work = Arc::clone(&self.work);
        self.run("reading", async move { work.read_some(read).await })
    }
}

impl Store for PostgresStore {
    fn write(&self, batch: Batch) -> BoxFuture<'_, Result<(), StoreError>> {
        let work = Arc::clone(&self.work);
        self.run("writing", async move { work.write(&batch).await.map(drop) })
    }

    fn write_counted(&self, batch: Batch) -> BoxFuture<'_, Result<Option<u64>, StoreError>> {
        let work = Arc::clone(&self.work);
        self.run("writing", async move { work.write(&batch).await.map(Some) })
    }

    fn timeline(&self, query: Query) -> BoxFuture<'_, Result<Page, StoreError>> {
        self.read(move |reading| Box::pin(async move { reading.page(&query).await }))
    }

    fn activity<'a>(
        &'a self,
        project_id: &'a str,
        action_id: &'a str,
    ) -> BoxFuture<'a, Result<Option<Activity>, StoreError>> {
        let (project_id, action_id) = (project_id.to_owned(), action_id.to_owned());
        self.read(move |reading| {
            Box::pin(async move { reading.activity(&project_id, &action_id).await })
        })
    }

    fn count(&self, filter: Filter) -> BoxFuture<'_, Result<u64, StoreError>> {
        let times = times(&filter);
        self.counting(times, move |reading| {
            Box::pin(async move { reading.count(&filter).await })
        })
    }

    fn days(
        &self,
        filter: Filter,
        utc_offsets: UtcOffsets,
    ) -> BoxFuture<'_, Result<Vec<DayCount>, StoreError>> {
        let times = times(&filter);
        self.counting(times, move |reading| {
            Box::pin(async move { reading.days(&filter, &utc_offsets).await })
        })
    }

    fn arrived(&self) -> BoxFuture<'_, Result<Arrived, StoreError>> {
        let work = Arc::clone(&self.work);
        self.run("reading", async move { work.arrived().await })
    }

    fn arrivals(
        &self,
        query: Arrivals,
    ) -> BoxFuture<'_, Result<Vec<(timeline::Place, Activity)>, StoreError>> {
        let work = Arc::clone(&self.work);
        self.run("reading", async move { work.arrivals(query).await })
    }

    fn watch(&self) -> BoxFuture<'_, Result<Box<dyn Watch>, StoreError>> {
        let news = Arc::new(News::default());
        let (work, heard) = (Arc::clone(&self.work), Arc::clone(&news));
        let listening = self.background.start_work(async move {
            let listening = Listening {
                connector: &work.connector,
                connections: &work.connections,
                engine: &work.engine,
                schema: &work.schema,
                place: &work.place,
                limit: work.limits.read,
            };
            heard.end(listening.collect(&heard).await);
        });
        let listener = Listener {
            news,
            _work: listening,
        };
        Box::pin(async move { Ok(Box::new(listener) as Box<dyn Watch>) })
    }

    fn all(
        &self,
        behind: Option<String>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Activity>, StoreError>> {
        self.read(move |reading| {
            Box::pin(async move { reading.all(behind.as_deref(), limit).await })
        })
    }

    fn count_before(&self, created_before: i64) -> BoxFuture<'_, Result<u64, StoreError>> {
        let times = i64::MIN..=created_before.saturating_sub(1);
        self.counting(times, move |reading| {
            Box::pin(async move { reading.count_before(created_before).await })
        })
    }

    fn prune(&self, pruning: Pruning) -> BoxFuture<'_, Result<Pruned, StoreError>> {
        self.prune_batch(pruning)
    }

    fn prune_obstacles(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        self.what_keeps_rows()
    }

    fn migrate(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        let work = Arc::clone(&self.work);
        self.run("migrating", async move { work.migrate().await })
    }

    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        let work = Arc::clone(&self.work);
        self.run("checking", async move { work.check().await })
    }

    fn notes(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        let work = Arc::clone(&self.work);
        self.run("checking", async move { work.notes().await })
    }

    fn describe(&self) -> String {
        self.work.place.store.clone()
    }

    fn schema(&self) -> &str {
        &self.work.schema
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore")
            .field("store", &self.work.place.store)
            .field("schema", &self.work.schema)
            .field("limits", &self.work.limits)
            .finish_non_exhaustive()
    }
}

impl Work {
    /// Fails if the insert may have skipped a row for another reason than that its ID is stored
    /// already.
    async fn only_repetitions_were_passed_over(&self, task: Task) -> Result<(), StoreError> {
        match self.table(task).await {
            Ok(Some(table)) => match table.difference_of_indexes() {
                Some(difference) => Err(self.place.shape(difference)),
                None => Ok(()),
            },
            Ok(None) => Ok(()),
            Err(fault) => Err(self.store_error(task, fault)),
        }
    }

    async fn read<T>(&self, read: impl Read<T>) -> Result<T, StoreError> {
        let task = self.reading("reading");
        let outcome = self.read_any_text(task, read).await;
        self.explained(task, outcome).await
    }

    fn reading_on<'a>(&'a self, client: &'a Client) -> Reading<'a> {
        Reading {
            client,
            statements: &self.statements,
            begin: &self.begin_read,
            schema: &self.schema,
            known: &self.known,
        }
    }

    async fn migrate(&self) -> Result<Vec<String>, StoreError> {
        let locks = Locks {
            engine: &self.engine,
            connections: &self.connections,
            statements: &self.statements.locks,
            place: &self.place,
        };
        migrate::migrate(&locks, &self.schema, self.limits.migrate).await
    }

    fn reading(&self, operation: &'static str) -> Task {
        Task {
            purpose: Purpose::Read,
            operation,
            limit: self.limits.read,
        }
    }

    /// Runs `work` on a leased connection, at most for the task's limit.
    ///
    /// The connection is reused only after a success: after an error it may be out of step with the
    /// server, and after the limit a statement is still running.
    async fn on_lease<T, E: Into<Fault>>(
        &self,
        task: Task,
        work: impl AsyncFnOnce(&Client) -> Result<T, E>,
    ) -> Result<T, Fault> {
        let lease = self.connections.lease(task.purpose, &self.place).await;
        let lease = lease.map_err(Fault::Store)?;
        match timeout(task.limit, work(&lease)).await {
            Ok(Ok(value)) => {
                lease.give_back();
                Ok(value)
            }
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Err(Fault::Store(StoreError::Timeout {
                operation: task.operation,
                after: task.limit,
            })),
        }
    }

    async fn table(&self, task: Task) -> Result<Option<Table>, Fault> {
        self.on_lease(task, async |client| {
            Table::read(client, &self.begin_read, &self.schema).await
        })
        .await
    }

    fn store_error(&self, task: Task, fault: Fault) -> StoreError {
        match fault {
            Fault::Store(error) => error,
            Fault::Postgres(error) | Fault::Unanswerable(error) => {
                self.place.error(task.operation, Some(task.limit), error)
            }
        }
    }
}

/// The purpose of a lease, the name of the operation for errors, and the time limit.
#[derive(Clone, Copy)]
struct Task {
    purpose: Purpose,
    operation: &'static str,
    limit: Duration,
}

/// An error of a task: final, or still as the server reported it.
enum Fault {
    Store(StoreError),
    Postgres(PostgresError),
    /// The query has a character that no row of the database can have.
    Unanswerable(PostgresError),
}

impl From<tokio_postgres::Error> for Fault {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Postgres(error.into())
    }
}

impl From<PostgresError> for Fault {
    fn from(error: PostgresError) -> Self {
        Self::Postgres(error)
    }
}
