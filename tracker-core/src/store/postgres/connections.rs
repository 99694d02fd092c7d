//! The connections of a store, and which of them may be used for what.
//!
//! Writing never waits for readers: all connections but one may be taken for reading, and any for writing. A connection
//! goes back to the pool only when what it was leased for is over; one with a statement under way, be it that a
//! time limit was reached or that nobody waits for the answer any more, is closed.
//!
//! Where the server allows fewer connections than there may be, those are waited for that there are ([`Room`]). Of a server with one session for
//! all its clients one connection is used at a time, and closed after each use, for it may be the only one that the server takes.

use std::{error::Error as _, io, ops::Deref, sync::Arc, time::Duration};

use deadpool_postgres::{
    Client, ClientWrapper, Manager, Object, Pool, PoolError, Runtime, TimeoutType, Timeouts,
};
use tokio::{
    sync::{Mutex, MutexGuard, OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep, timeout},
};
use tokio_postgres::error::SqlState;

use super::{
    engine::{Engine, Feature},
    error::PostgresError,
    error_context::ErrorContext,
    recognise::recognise,
    room::Room,
};
use crate::store::{OpenError, StoreError};

/// How long a refused connection is left alone where there is no other to wait for.
const REFUSED_PAUSE: Duration = Duration::from_millis(20);

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
    engine: Arc<Engine>,
    room: Room,
    /// Held by who connects to a server that is not known yet: it may take one connection alone.
    first: Mutex<()>,
    reads: Arc<Semaphore>,
    pool_timeout: Duration,
    connect_timeout: Duration,
}

impl Connections {
    /// Makes no connection yet.
    pub(super) fn new(
        manager: Manager,
        engine: Arc<Engine>,
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
            engine,
            room: Room::new(connections_max),
            first: Mutex::default(),
            reads: Arc::new(Semaphore::new(connections_max - 1)),
            pool_timeout,
            connect_timeout,
        })
    }

    /// An idle connection, or a new one.
    pub(super) async fn lease(
        &self,
        purpose: Purpose,
        context: &ErrorContext,
    ) -> Result<Lease, StoreError> {
        let started = Instant::now();
        // Not a time in the future: the limit may be the longest there is.
        let left = || self.pool_timeout.saturating_sub(started.elapsed());
        let read = match purpose {
            Purpose::Write => None,
            Purpose::Read => Some(self.read_permit().await?),
        };
        let _first = self.first(left()).await?;
        loop {
            let room = self.room.take(left()).await;
            let room = room.ok_or_else(|| self.wait_timeout())?;
            match self.pool.timeout_get(&self.timeouts(left())).await {
                Ok(client) => return self.lease_of(client, room, read, context).await,
                Err(error) if self.is_refused_for_now(&error) && !left().is_zero() => {
                    if is_one_too_many(&error) {
                        self.room.shrink(room);
                    }
                    sleep(REFUSED_PAUSE).await;
                }
                Err(error) => return Err(self.error(error, context)),
            }
        }
    }

    /// The same beside one that is in use already; `None` at once where the server takes no more.
    pub(super) async fn another(
        &self,
        context: &ErrorContext,
    ) -> Result<Option<Lease>, StoreError> {
        let room = self.room.take(self.pool_timeout).await;
        let room = room.ok_or_else(|| self.wait_timeout())?;
        match self
            .pool
            .timeout_get(&self.timeouts(self.pool_timeout))
            .await
        {
            Ok(client) => Ok(Some(self.lease_of(client, room, None, context).await?)),
            Err(error) if self.is_refused_for_now(&error) => Ok(None),
            Err(error) => Err(self.error(error, context)),
        }
    }

    /// Holds up all but one of those who connect to a server that is not known yet.
    async fn first(&self, limit: Duration) -> Result<Option<MutexGuard<'_, ()>>, StoreError> {
        if self.engine.is_recognised() {
            return Ok(None);
        }
        let first = timeout(limit, self.first.lock()).await;
        let first = first.map_err(|_| self.wait_timeout())?;
        Ok(Some(first).filter(|_| !self.engine.is_recognised()))
    }

    /// The lease of a connection to a server that is known by then.
    async fn lease_of(
        &self,
        client: Client,
        room: OwnedSemaphorePermit,
        read: Option<OwnedSemaphorePermit>,
        context: &ErrorContext,
    ) -> Result<Lease, StoreError> {
        let mut lease = Lease {
            client: Some(client),
            is_shared: false,
            _permits: (room, read),
        };
        if !self.engine.is_recognised() {
            let limit = self.connect_timeout;
            match timeout(limit, recognise(&lease, &self.engine)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return Err(context.connect_error(limit, error)),
                Err(_) => return Err(self.connect_timeout()),
            }
            if self.engine.lacks(Feature::OwnSessions) {
                self.room.leave_one();
            }
        }
        lease.is_shared = self.engine.lacks(Feature::OwnSessions);
        Ok(lease)
    }

    fn timeouts(&self, wait: Duration) -> Timeouts {
        Timeouts {
            wait: Some(wait),
            create: Some(self.connect_timeout),
            recycle: None,
        }
    }

    /// Whether the server takes no more connections now; one with a single session closes them without a word.
    fn is_refused_for_now(&self, error: &PoolError) -> bool {
        let may_be_shared = !self.engine.is_recognised() || self.engine.lacks(Feature::OwnSessions);
        is_one_too_many(error) || may_be_shared && was_closed(error)
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

    fn connect_timeout(&self) -> StoreError {
        StoreError::Timeout {
            operation: "connecting to Postgres",
            after: self.connect_timeout,
        }
    }

    fn error(&self, error: PoolError, context: &ErrorContext) -> StoreError {
        match error {
            PoolError::Timeout(TimeoutType::Wait) => self.wait_timeout(),
            PoolError::Timeout(TimeoutType::Create | TimeoutType::Recycle) => {
                self.connect_timeout()
            }
            PoolError::Backend(error) => {
                context.connect_error(self.connect_timeout, PostgresError::from(error))
            }
            error => StoreError::Failed {
                operation: "connecting",
                store: context.store.clone(),
                source: Box::new(error),
            },
        }
    }
}

/// Whether the server says that there are too many connections, of the role, the database or the server.
fn is_one_too_many(error: &PoolError) -> bool {
    matches!(error, PoolError::Backend(error) if error.code() == Some(&SqlState::TOO_MANY_CONNECTIONS))
}

/// Whether the connection was closed instead of an answer.
fn was_closed(error: &PoolError) -> bool {
    let PoolError::Backend(error) = error else {
        return false;
    };
    let cause = error.source().and_then(|source| source.downcast_ref());
    cause.is_some_and(|cause: &io::Error| {
        matches!(
            cause.kind(),
            io::ErrorKind::ConnectionReset
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::UnexpectedEof
        )
    })
}

/// A connection that is closed unless it is [given back](Self::give_back).
pub(super) struct Lease {
    /// `None` only while it is dropped.
    client: Option<Client>,
    /// Whether its session is everybody's.
    is_shared: bool,
    /// Its place in the room, and the permit of a reader.
    _permits: (OwnedSemaphorePermit, Option<OwnedSemaphorePermit>),
}

/// Why a lease always has its client: whatever takes it consumes the lease.
const ENDED: &str = "a lease that has ended is gone";

impl Lease {
    /// Says that no statement is under way, so that the connection can be used again, by others where its session is everybody's.
    pub(super) fn give_back(mut self) {
        if !self.is_shared {
            drop(self.client.take());
        }
    }

    /// Whether its session is everybody's.
    pub(super) fn is_shared(&self) -> bool {
        self.is_shared
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
