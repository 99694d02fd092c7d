//! A named lock that one process holds at a time: [`Locks`].
//!
//! If the server has advisory locks, the lock is one of the session, and ends with the session in
//! any case. Otherwise it is a row of the table `tracker_locks` in the store's schema, created on
//! first use, with the holder and the expiry of its lease. The holder renews the lease while it
//! works and removes the row afterwards. The lock of a process that died is free when its lease
//! expires, at the latest after [`LEASE`]. A holder that can't renew its lease for so long abandons
//! its work, which is dropped at its current await. The server may still complete a statement that
//! has begun, such as an index build.

use std::{pin::pin, time::Duration};

use backon::{BackoffBuilder, ExponentialBuilder};
use futures_util::future::{Either, select};
use tokio::time::{Instant, sleep, timeout};
use tokio_postgres::{
    Client,
    types::{ToSql, Type},
};
use uuid::Uuid;

use super::{
    class::Class,
    connections::{Connections, Purpose},
    dedicated_session::DedicatedSession,
    engine::{self, Engine, Feature},
    error::PostgresError,
    error_context::ErrorContext,
    statements::LockStatements,
    transaction,
};
use crate::store::StoreError;

/// The lease of a lock that is a row: the time for which it stays valid without a renewal.
pub(super) const LEASE: Duration = Duration::from_secs(30);

/// The interval of renewals.
const RENEWAL: Duration = Duration::from_secs(10);

/// The time limit of each statement about such a row.
const STATEMENT_LIMIT: Duration = Duration::from_secs(5);

/// The shortest and the longest pause between two attempts to take another process's lock.
const POLL_MIN: Duration = Duration::from_millis(10);
const POLL_MAX: Duration = Duration::from_millis(500);

const OPERATION: &str = "locking";

const TIMEOUT: StoreError = StoreError::Timeout {
    operation: OPERATION,
    after: STATEMENT_LIMIT,
};

/// The locks of a store's database.
pub(super) struct Locks<'a> {
    pub(super) engine: &'a Engine,
    /// Connections for the rows; the session that does the work is not used because it may be busy
    /// for minutes.
    pub(super) connections: &'a Connections,
    pub(super) statements: &'a LockStatements,
    pub(super) context: &'a ErrorContext,
}

/// A process's lock as a row, held or to be taken.
struct RowLock<'a> {
    locks: &'a Locks<'a>,
    name: &'a str,
    holder: String,
}

impl Locks<'_> {
    /// Waits for the lock without a time limit, which is the caller's part, and runs `work` while
    /// holding it.
    ///
    /// `client` is the session of the work, and must be closed after it, because an advisory lock
    /// ends only with its session. A session that all clients share needs no lock, because its
    /// transaction keeps the others out.
    pub(super) async fn holding<T>(
        &self,
        client: &DedicatedSession,
        name: &str,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        if client.is_shared() {
            return work.await;
        }
        let mut pauses = ExponentialBuilder::default()
            .with_min_delay(POLL_MIN)
            .with_max_delay(POLL_MAX)
            .with_jitter()
            .without_max_times()
            .build();
        // No notification announces a lock's release, so it is polled.
        let mut pause = async || sleep(pauses.next().unwrap_or(POLL_MAX)).await;
        while !self.engine.lacks(Feature::AdvisoryLocks) {
            match self.try_advisory(client, name).await? {
                Some(true) => return work.await,
                Some(false) => pause().await,
                // The engine is known to lack advisory locks from here on.
                None => break,
            }
        }
        let row = RowLock {
            locks: self,
            name,
            holder: Uuid::now_v7().to_string(),
        };
        while !row.try_take().await? {
            pause().await;
        }
        let done = match select(pin!(work), pin!(row.renew())).await {
            Either::Left((done, _)) => done,
            Either::Right((lost, _)) => Err(lost),
        };
        row.release().await;
        done
    }

    /// Tries to take the lock for the session; returns `None` if the server has no such locks.
    async fn try_advisory(&self, client: &Client, name: &str) -> Result<Option<bool>, StoreError> {
        let parameters: [(&(dyn ToSql + Sync), Type); 1] = [(&name, Type::TEXT)];
        let asked = client.query_typed_one(include_str!("sql/lock_advisory.sql"), &parameters);
        let because = match asked
            .await
            .and_then(|row| row.try_get::<_, Option<bool>>(0))
        {
            Ok(Some(is_taken)) => return Ok(Some(is_taken)),
            Ok(None) => "the calls are there, and lock nothing".to_owned(),
            Err(error) => {
                let error = PostgresError::from(error);
                if !engine::is_lack(&error) {
                    return Err(self.context.error(OPERATION, None, error));
                }
                error.to_string()
            }
        };
        self.engine.found_lacking(Feature::AdvisoryLocks, &because);
        Ok(None)
    }

    /// Runs a statement about a lock's row; returns the number of changed rows.
    async fn changed(
        &self,
        statement: &str,
        parameters: &[(&(dyn ToSql + Sync), Type)],
    ) -> Result<u64, LockError> {
        let lease = self.connections.lease(Purpose::Read, self.context).await;
        let lease = lease.map_err(LockError::Store)?;
        let begin = transaction::begin("", STATEMENT_LIMIT);
        let changing = transaction::run(&lease, &begin, lease.execute_typed(statement, parameters));
        match timeout(STATEMENT_LIMIT, changing).await {
            Ok(Ok(changed)) => {
                lease.give_back();
                Ok(changed)
            }
            Ok(Err(error)) => Err(LockError::Postgres(error.into())),
            Err(_) => Err(LockError::Store(TIMEOUT)),
        }
    }

    /// Creates the table of the rows, or else its schema, so that a later attempt can create the
    /// table.
    async fn make_table(&self) -> Result<(), StoreError> {
        let made = match self.make(&self.statements.table).await {
            Err(LockError::Postgres(error)) if error.class() == Class::NotMigrated => {
                self.make(&self.statements.schema).await
            }
            made => made,
        };
        match made {
            Ok(()) => Ok(()),
            Err(LockError::Store(error)) => Err(error),
            // Another process creates it at the same time.
            Err(LockError::Postgres(error)) if error.is_there_already() || error.is_conflict() => {
                Ok(())
            }
            Err(LockError::Postgres(error)) => Err(self.context.error(OPERATION, None, error)),
        }
    }

    async fn make(&self, statement: &str) -> Result<(), LockError> {
        let lease = self.connections.lease(Purpose::Read, self.context).await;
        let lease = lease.map_err(LockError::Store)?;
        let made = async {
            lease.reset().await?;
            lease.batch_execute(statement).await
        };
        match timeout(STATEMENT_LIMIT, made).await {
            Ok(Ok(())) => {
                lease.give_back();
                Ok(())
            }
            Ok(Err(error)) => Err(LockError::Postgres(error.into())),
            Err(_) => Err(LockError::Store(TIMEOUT)),
        }
    }
}

/// The reason that a statement about a lock failed.
enum LockError {
    Store(StoreError),
    Postgres(PostgresError),
}

impl RowLock<'_> {
    async fn try_take(&self) -> Result<bool, StoreError> {
        let locks = self.locks;
        match self.write(&locks.statements.take).await {
            Ok(changed) => Ok(changed > 0),
            Err(LockError::Store(error)) => Err(error),
            Err(LockError::Postgres(error)) => match error.class() {
                Class::NotMigrated => {
                    locks.make_table().await?;
                    Ok(false)
                }
                _ if error.is_conflict() => Ok(false),
                _ => Err(locks.context.error(OPERATION, None, error)),
            },
        }
    }

    /// Renews the lease repeatedly; returns when it is lost.
    async fn renew(&self) -> StoreError {
        let mut renewed = Instant::now();
        loop {
            sleep(RENEWAL).await;
            let asked = Instant::now();
            match self.write(&self.locks.statements.renew).await {
                Ok(0) => return self.lost("another process has taken it"),
                Ok(_) => renewed = asked,
                // The next attempt may still come in time.
                Err(_) if renewed.elapsed() + RENEWAL < LEASE => {}
                Err(_) => return self.lost("the server did not answer in time to renew it"),
            }
        }
    }

    fn lost(&self, why: &str) -> StoreError {
        let message = format!(
            "the lock {} was lost, so the work was stopped: {why}",
            self.name
        );
        let error = PostgresError::foreseen(message);
        self.locks.context.error(OPERATION, None, error)
    }

    /// Removes the row. A row that can't be removed expires with its lease.
    async fn release(&self) {
        let statement = &self.locks.statements.release;
        let parameters: [(&(dyn ToSql + Sync), Type); 2] =
            [(&self.name, Type::TEXT), (&self.holder, Type::TEXT)];
        if self.locks.changed(statement, &parameters).await.is_err() {
            tracing::debug!(lock = self.name, "a lock is left to its lease");
        }
    }

    async fn write(&self, statement: &str) -> Result<u64, LockError> {
        let lease_s = i64::try_from(LEASE.as_secs()).unwrap_or(i64::MAX);
        let parameters: [(&(dyn ToSql + Sync), Type); 3] = [
            (&self.name, Type::TEXT),
            (&self.holder, Type::TEXT),
            (&lease_s, Type::INT8),
        ];
        self.locks.changed(statement, &parameters).await
    }
}
