//! The state shared by the operations of a store: [`Work`].

use std::{sync::Arc, time::Duration};

use tokio::{sync::Semaphore, time::timeout};

use super::turns::Turns;
use crate::store::{
    BoxFuture, StoreError,
    postgres::{
        connections::{Connections, Purpose},
        engine::{Engine, Feature},
        error::PostgresError,
        error_context::ErrorContext,
        foreign_text::ForeignText,
        listen::Connector,
        lock::Locks,
        migrate,
        partitions::LayoutCache,
        read::Reading,
        row_security::KnownOpen,
        session::{self, Session},
        statements::{Keys, Statements},
        table_check::Table,
        transaction,
    },
};

/// The number of concurrent counts over many partitions. Others wait, up to the read timeout.
const COUNTS_AT_ONCE: usize = 1;

/// The state that the operations share.
pub(in crate::store::postgres) struct Work {
    pub(super) connections: Connections,
    /// Makes the connections that listen.
    pub(super) connector: Connector,
    pub(super) engine: Arc<Engine>,
    pub(super) statements: Statements,
    /// The statements for all projects, and for servers without hashes of texts.
    pub(super) statements_of_columns: Statements,
    pub(super) foreign_text: ForeignText,
    pub(super) begin_write: String,
    pub(super) begin_read: String,
    pub(super) begin_in_order: String,
    pub(super) settings_of_kept_plans: String,
    pub(super) schema: String,
    pub(super) context: ErrorContext,
    pub(super) limits: Limits,
    /// The partitions of the table, as far as they are known.
    pub(super) layout_cache: LayoutCache,
    /// Remembers that row-level security hides nothing.
    pub(super) known_open: KnownOpen,
    /// The turns at which changes are added to the kept counts.
    pub(super) folding_turns: Turns,
    /// Whose turn it is to count in many partitions.
    pub(super) counts: Semaphore,
}

/// The time limits of the operations.
#[derive(Debug)]
pub(in crate::store::postgres) struct Limits {
    pub(in crate::store::postgres) write: Duration,
    pub(in crate::store::postgres) read: Duration,
    pub(in crate::store::postgres) migrate: Duration,
}

/// A read operation that can run on any connection, and be repeated.
pub(super) trait Read<T>:
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

impl Work {
    pub(in crate::store::postgres) fn new(
        store: String,
        engine: Arc<Engine>,
        connections: Connections,
        connector: Connector,
        schema: String,
        limits: Limits,
    ) -> Self {
        let context = ErrorContext::new(store, &schema);
        let begin_read = transaction::begin("READ ONLY", limits.read);
        let begin_in_order = begin_read.clone() + transaction::IN_ORDER;
        Self {
            connections,
            connector,
            engine,
            statements: Statements::for_schema(&schema, Keys::Indexed),
            statements_of_columns: Statements::for_schema(&schema, Keys::Columns),
            foreign_text: ForeignText::new(&schema),
            begin_write: transaction::begin("", limits.write),
            settings_of_kept_plans: session::settings_of_kept_plans(limits.read),
            begin_in_order,
            begin_read,
            context,
            schema,
            limits,
            layout_cache: LayoutCache::default(),
            known_open: KnownOpen::default(),
            folding_turns: Turns::default(),
            counts: Semaphore::new(COUNTS_AT_ONCE),
        }
    }

    /// Fails if the insert may have skipped a row for another reason than that its ID is stored
    /// already.
    pub(super) async fn only_repetitions_were_passed_over(
        &self,
        task: Task,
    ) -> Result<(), StoreError> {
        match self.table(task).await {
            Ok(Some(table)) => match table.difference_of_indexes() {
                Some(difference) => Err(self.context.shape(difference)),
                None => Ok(()),
            },
            Ok(None) => Ok(()),
            Err(fault) => Err(self.store_error(task, fault)),
        }
    }

    pub(super) async fn read<T>(&self, read: impl Read<T>) -> Result<T, StoreError> {
        let task = self.reading("reading");
        let outcome = self.read_any_text(task, read).await;
        self.explained(task, outcome).await
    }

    pub(super) fn reading_on<'a>(&'a self, client: &'a Session) -> Reading<'a> {
        Reading {
            client,
            engine: &self.engine,
            statements: self.known_by_engine(&self.statements, &self.statements_of_columns),
            statements_of_columns: &self.statements_of_columns,
            begin: &self.begin_read,
            begin_in_order: self.known_by_engine(&self.begin_in_order, &self.begin_read),
            settings_of_kept_plans: &self.settings_of_kept_plans,
            schema: &self.schema,
            layout_cache: &self.layout_cache,
        }
    }

    /// Returns what is for the indexes of seconds, or for those of the columns if the server lacks
    /// hashes of texts.
    pub(super) fn known_by_engine<'a, T: ?Sized>(
        &self,
        of_seconds: &'a T,
        of_columns: &'a T,
    ) -> &'a T {
        if self.engine.lacks(Feature::TextHashes) {
            of_columns
        } else {
            of_seconds
        }
    }

    pub(super) async fn migrate(&self) -> Result<Vec<String>, StoreError> {
        let locks = Locks {
            engine: &self.engine,
            connections: &self.connections,
            statements: &self.statements.locks,
            context: &self.context,
        };
        migrate::migrate(&locks, &self.schema, self.limits.migrate).await
    }

    pub(super) fn reading(&self, operation: &'static str) -> Task {
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
    pub(super) async fn on_lease<T, E: Into<Fault>>(
        &self,
        task: Task,
        work: impl AsyncFnOnce(&Session) -> Result<T, E>,
    ) -> Result<T, Fault> {
        let lease = self.connections.lease(task.purpose, &self.context).await;
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

    pub(super) async fn table(&self, task: Task) -> Result<Option<Table>, Fault> {
        self.on_lease(task, async |client| {
            Table::read(client, &self.begin_read, &self.schema).await
        })
        .await
    }

    pub(super) fn store_error(&self, task: Task, fault: Fault) -> StoreError {
        match fault {
            Fault::Store(error) => error,
            Fault::Postgres(error) | Fault::Unanswerable(error) => {
                self.context.error(task.operation, Some(task.limit), error)
            }
        }
    }
}

/// The purpose of a lease, the name of the operation for errors, and the time limit.
#[derive(Clone, Copy)]
pub(super) struct Task {
    pub(super) purpose: Purpose,
    pub(super) operation: &'static str,
    pub(super) limit: Duration,
}

/// An error of a task: final, or still as the server reported it.
pub(super) enum Fault {
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
