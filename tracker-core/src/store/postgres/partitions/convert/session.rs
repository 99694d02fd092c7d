//! The session in which a table is converted.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use tokio::time::sleep;
use tokio_postgres::{
    Row,
    types::{FromSql, Type},
};

use super::super::{
    super::{
        class::Class, dedicated_session::DedicatedSession, error::PostgresError,
        error_context::ErrorContext, filter::Parameter, identifier::quote_identifier,
    },
    PartitionError,
};

const OPERATION: &str = "partitioning";

/// The SQLSTATE that the check of the collation raises.
const DOES_NOT_SORT: &str = "TR001";

/// The time limit for a change to get its lock, because everybody else waits behind it.
const LOCK_TIMEOUT_MS: u32 = 200;

/// The limit after [`LATER`] failed attempts. It is longer than the server takes
/// (`deadlock_timeout`, 1 s) to cancel an autovacuum that is in the way.
const LOCK_TIMEOUT_LATER_MS: u32 = 1_500;
const LATER: usize = 10;

/// The number of attempts at a change, and the pauses between them: some two minutes altogether.
const LOCK_ATTEMPTS: usize = 30;
const LOCK_PAUSE_MIN: Duration = Duration::from_millis(100);
const LOCK_PAUSE_MAX: Duration = Duration::from_secs(5);

/// The number of attempts to lock out other migrations and conversions, and the pauses between
/// them: some ten minutes altogether.
const OTHERS_ATTEMPTS: usize = 1_200;
const OTHERS_PAUSE_MIN: Duration = Duration::from_millis(10);
const OTHERS_PAUSE_MAX: Duration = Duration::from_millis(500);

/// The state of the attempts at a change.
pub(super) struct Attempts {
    step: &'static str,
    number: usize,
    pauses: ExponentialBackoff,
}

impl Attempts {
    pub(super) fn new(step: &'static str) -> Self {
        let pauses = ExponentialBuilder::default()
            .with_min_delay(LOCK_PAUSE_MIN)
            .with_max_delay(LOCK_PAUSE_MAX)
            .with_jitter()
            .with_max_times(LOCK_ATTEMPTS - 1)
            .build();
        Self {
            step,
            number: 0,
            pauses,
        }
    }
}

pub(super) struct Session<'a> {
    client: &'a DedicatedSession,
    schema: &'a str,
    context: &'a ErrorContext,
}

impl<'a> Session<'a> {
    pub(super) fn new(
        client: &'a DedicatedSession,
        schema: &'a str,
        context: &'a ErrorContext,
    ) -> Self {
        Self {
            client,
            schema,
            context,
        }
    }

    /// Waits until no other process migrates or converts, and lifts the time limit of statements.
    pub(super) async fn prepare(&self) -> Result<(), PartitionError> {
        self.set(include_str!("../sql/settings.sql")).await?;
        if self.client.is_shared() {
            return Ok(());
        }
        let mut pauses = ExponentialBuilder::default()
            .with_min_delay(OTHERS_PAUSE_MIN)
            .with_max_delay(OTHERS_PAUSE_MAX)
            .with_max_times(OTHERS_ATTEMPTS)
            .build();
        let lock = include_str!("../sql/lock.sql");
        loop {
            let row = self.row(lock, &[(&self.schema, Type::TEXT)]).await?;
            if self.value(&row, 0)? {
                return Ok(());
            }
            let Some(pause) = pauses.next() else {
                return Err(self.in_use("waiting for another process that migrates or partitions"));
            };
            sleep(pause).await;
        }
    }

    /// Makes this role the owner of all new objects.
    pub(super) async fn become_role(&self, role: &str) -> Result<(), PartitionError> {
        self.set(&format!("SET ROLE {}", quote_identifier(role)))
            .await
    }

    async fn set(&self, sql: &str) -> Result<(), PartitionError> {
        let set = self.client.set(sql).await;
        set.map_err(|error| self.error(error.into()))
    }

    pub(super) async fn rows(
        &self,
        sql: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, PartitionError> {
        let rows = self.client.query_typed(sql, parameters).await;
        rows.map_err(|error| self.error(error.into()))
    }

    pub(super) async fn row(
        &self,
        sql: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Row, PartitionError> {
        let row = self.client.query_typed_one(sql, parameters).await;
        row.map_err(|error| self.error(error.into()))
    }

    /// Returns the first column of all rows.
    pub(super) async fn texts(
        &self,
        sql: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<String>, PartitionError> {
        let rows = self.rows(sql, parameters).await?;
        rows.iter().map(|row| self.value(row, 0)).collect()
    }

    pub(super) fn value<'r, T: FromSql<'r>>(
        &self,
        row: &'r Row,
        column: usize,
    ) -> Result<T, PartitionError> {
        row.try_get(column)
            .map_err(|error| self.error(error.into()))
    }

    /// Runs a statement whose lock blocks nobody.
    pub(super) async fn execute(&self, sql: &str) -> Result<(), PartitionError> {
        let done = self.client.batch_execute(sql).await;
        done.map_err(|error| self.error(error.into()))
    }

    /// Runs statements whose lock blocks other sessions, in one transaction: the server runs all
    /// statements of one message in one. Retries a bounded number of times if the lock is not
    /// granted at once.
    pub(super) async fn change(&self, step: &'static str, sql: &str) -> Result<(), PartitionError> {
        let mut attempts = Attempts::new(step);
        while !self.attempt(&mut attempts, sql).await? {}
        Ok(())
    }

    /// Attempts a change once. Returns false, after a pause, if it is to be retried.
    pub(super) async fn attempt(
        &self,
        attempts: &mut Attempts,
        sql: &str,
    ) -> Result<bool, PartitionError> {
        attempts.number += 1;
        let limit = match attempts.number {
            ..=LATER => LOCK_TIMEOUT_MS,
            _ => LOCK_TIMEOUT_LATER_MS,
        };
        let sql = format!("SET LOCAL lock_timeout = {limit};\n{sql}");
        let Err(error) = self.client.batch_execute(&sql).await else {
            return Ok(true);
        };
        let error = PostgresError::from(error);
        if is_locked(&error) {
            let pause = attempts.pauses.next();
            sleep(pause.ok_or_else(|| self.in_use(attempts.step))?).await;
            return Ok(false);
        }
        Err(match error.sqlstate() {
            Some(DOES_NOT_SORT) => PartitionError::Collation {
                table: self.context.table.clone(),
            },
            _ => self.error(error),
        })
    }

    fn in_use(&self, step: &'static str) -> PartitionError {
        PartitionError::InUse {
            table: self.context.table.clone(),
            step,
        }
    }

    fn error(&self, error: PostgresError) -> PartitionError {
        self.context.error(OPERATION, None, error).into()
    }
}

/// Returns whether a lock was not granted, or two sessions waited for each other's locks.
fn is_locked(error: &PostgresError) -> bool {
    error.class() == Class::Locked || error.sqlstate() == Some("40P01")
}
