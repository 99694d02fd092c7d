//! A lock that one process has at a time, by its name: [`Locks`].
//!
//! It is an advisory lock of the session where the server has those: it ends with the session, however that ends. Elsewhere it is a row of the table
//! `tracker_locks` in the store's schema, made when it is first needed, which names the holder and when its lease ends. The
//! holder renews it while it works and removes it afterwards. What a process that died has left is free when the lease is over, after
//! [`LEASE`] at the latest. A holder that can't renew it for so long gives its work up, which is dropped where it waits; what the server
//! has begun by then, such as an index build, it may still complete.

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

/// How long a lock that is a row is a process's own without being renewed.
pub(super) const LEASE: Duration = Duration::from_secs(30);

/// How often it is renewed.
const RENEWAL: Duration = Duration::from_secs(10);

/// How long each statement for a row may take.
const STATEMENT_LIMIT: Duration = Duration::from_secs(5);

/// How often a lock that another process has is asked for: soon at first, later twice a second.
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
    /// What a row is written with; never the session that does the work, which may be busy for minutes.
    pub(super) connections: &'a Connections,
    pub(super) statements: &'a LockStatements,
    pub(super) context: &'a ErrorContext,
}

/// A row that is, or is to be, a process's lock.
struct RowLock<'a> {
    locks: &'a Locks<'a>,
    name: &'a str,
    holder: String,
}

impl Locks<'_> {
    /// Waits for the lock, for ever: the caller limits the time. Then does `work`, while nobody else has the lock.
    ///
    /// `client` is the session of the work, and must be closed after it: an advisory lock ends with the session, not before. One that is
    /// everybody's keeps the others out by itself.
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
        // Nothing tells of a lock's release but asking.
        let mut pause = async || sleep(pauses.next().unwrap_or(POLL_MAX)).await;
        while !self.engine.lacks(Feature::AdvisoryLocks) {
            match self.try_advisory(client, name).await? {
                Some(true) => return work.await,
                Some(false) => pause().await,
                // The engine is known to lack them from here on.
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

    /// Whether the session has got the lock now; `None` where the server has no such locks.
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

    /// How many rows a statement about a lock that is a row has changed.
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

    /// Makes the table for the rows, or else the schema for the table, after which it can be made.
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
            // Another process makes it at the same time.
            Err(LockError::Postgres(error)) if error.is_there_already() || error.is_conflict() => {
                Ok(())
            }
            Err(LockError::Postgres(error)) => Err(self.context.error(OPERATION, None, error)),
        }
    }

    async fn make(&self, statement: &str) -> Result<(), LockError> {
        let lease = self.connections.lease(Purpose::Read, self.context).await;
        let lease = lease.map_err(LockError::Store)?;
        match timeout(STATEMENT_LIMIT, lease.batch_execute(statement)).await {
            Ok(Ok(())) => {
                lease.give_back();
                Ok(())
            }
            Ok(Err(error)) => Err(LockError::Postgres(error.into())),
            Err(_) => Err(LockError::Store(TIMEOUT)),
        }
    }
}

/// Why a statement about a lock has failed.
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

    /// Renews the lease again and again, and ends when it is lost.
    async fn renew(&self) -> StoreError {
        let mut renewed = Instant::now();
        loop {
            sleep(RENEWAL).await;
            let asked = Instant::now();
            match self.write(&self.locks.statements.renew).await {
                Ok(0) => return self.lost("another process has taken it"),
                Ok(_) => renewed = asked,
                // Whether the server is back in time, the next attempt tells.
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

    /// A row that can't be removed is free when its lease ends.
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
