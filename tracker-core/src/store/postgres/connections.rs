//! The connections of a store, and which of them may be used for what.
//!
//! Writing never waits for readers: all connections but one may be taken for reading, and any for writing. A connection
//! goes back to the pool only when what it was leased for is over; one with a statement under way, be it that a
//! time limit was reached or that nobody waits for the answer any more, is closed.

use std::{io, ops::Deref, sync::Arc, time::Duration};

use deadpool_postgres::{
    Client, ClientWrapper, Manager, Object, Pool, PoolError, Runtime, TimeoutType, Timeouts,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout},
};

use super::error::{Place, PostgresError};
use crate::store::{OpenError, StoreError};

/// What a connection is leased for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Write,
    /// Reading, checking and migrating.
    Read,
}

#[derive(Debug)]
pub(super) struct Connections {
    pool: Pool,
    reads: Arc<Semaphore>,
    pool_timeout: Duration,
    connect_timeout: Duration,
}

impl Connections {
    /// Makes no connection yet.
    pub(super) fn new(
        manager: Manager,
        connections_max: usize,
        pool_timeout: Duration,
        connect_timeout: Duration,
    ) -> Result<Self, OpenError> {
        let pool = Pool::builder(manager)
            .max_size(connections_max)
            .runtime(Runtime::Tokio1)
            .build()
            // Only without a runtime for the time-outs.
            .map_err(|error| OpenError::Thread(io::Error::other(error)))?;
        Ok(Self {
            pool,
            reads: Arc::new(Semaphore::new(connections_max - 1)),
            pool_timeout,
            connect_timeout,
        })
    }

    /// An idle connection, or a new one.
    pub(super) async fn lease(&self, purpose: Purpose, place: &Place) -> Result<Lease, StoreError> {
        let started = Instant::now();
        let permit = match purpose {
            Purpose::Write => None,
            Purpose::Read => Some(self.read_permit().await?),
        };
        let timeouts = Timeouts {
            wait: Some(self.pool_timeout.saturating_sub(started.elapsed())),
            create: Some(self.connect_timeout),
            recycle: None,
        };
        match self.pool.timeout_get(&timeouts).await {
            Ok(client) => Ok(Lease {
                client: Some(client),
                _permit: permit,
            }),
            Err(error) => Err(self.error(error, place)),
        }
    }

    async fn read_permit(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        let permit = Arc::clone(&self.reads).acquire_owned();
        match timeout(self.pool_timeout, permit).await {
            Ok(Ok(permit)) => Ok(permit),
            // The semaphore is never closed.
            Ok(Err(_)) | Err(_) => Err(self.wait_timeout()),
        }
    }

    fn wait_timeout(&self) -> StoreError {
        StoreError::Timeout {
            operation: "waiting for a free Postgres connection",
            after: self.pool_timeout,
        }
    }

    fn error(&self, error: PoolError, place: &Place) -> StoreError {
        match error {
            PoolError::Timeout(TimeoutType::Wait) => self.wait_timeout(),
            PoolError::Timeout(TimeoutType::Create | TimeoutType::Recycle) => StoreError::Timeout {
                operation: "connecting to Postgres",
                after: self.connect_timeout,
            },
            PoolError::Backend(error) => {
                place.connect_error(self.connect_timeout, PostgresError::from(error))
            }
            error => StoreError::Failed {
                operation: "connecting",
                store: place.store.clone(),
                source: Box::new(error),
            },
        }
    }
}

/// A connection that is closed unless it is [given back](Self::give_back).
pub(super) struct Lease {
    /// `None` only while it is dropped.
    client: Option<Client>,
    _permit: Option<OwnedSemaphorePermit>,
}

/// Why a lease always has its client: whatever takes it consumes the lease.
const ENDED: &str = "a lease that has ended is gone";

impl Lease {
    /// Says that no statement is under way, so that the connection can be used again.
    pub(super) fn give_back(mut self) {
        drop(self.client.take());
    }

    /// The connection alone, which counts for the pool no longer and is closed when it is dropped.
    pub(super) fn detach(mut self) -> ClientWrapper {
        match self.client.take() {
            Some(client) => Object::take(client),
            None => unreachable!("{ENDED}"),
        }
    }
}

impl Deref for Lease {
    type Target = tokio_postgres::Client;

    fn deref(&self) -> &Self::Target {
        match &self.client {
            Some(client) => client,
            None => unreachable!("{ENDED}"),
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            drop(Object::take(client));
        }
    }
}
