//! The connections of a store, and their allocation to readers and writers.
//!
//! Writing never waits for readers: all connections but one may be taken for reading, and any for
//! writing. A connection returns to the pool only when its lease ends in order. A connection whose
//! statement still runs is closed, because its time limit was reached or nobody waits for the
//! answer any more.
//!
//! If the server allows fewer connections than the maximum, leases wait for the ones it allows
//! ([`Room`]). If a server has one session for all its clients, one connection is used at a time
//! and closed after each use, because it may be the only one that the server takes.

use std::{error::Error as _, io, ops::Deref, sync::Arc, time::Duration};

use backon::{BackoffBuilder as _, ExponentialBuilder};
use deadpool::managed::{Object, Pool};
use deadpool_postgres::{Manager, PoolError, Runtime, TimeoutType, Timeouts};
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
    session::{Session, SessionManager},
};
use crate::store::{OpenError, StoreError};

/// The first and the longest back-off after a refused connection if there is no other to wait for.
/// Each pause doubles the last, and jitter makes each up to twice as long.
const REFUSED_PAUSE_MIN: Duration = Duration::from_millis(50);
const REFUSED_PAUSE_MAX: Duration = Duration::from_millis(500);

/// The purpose of a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Write,
    /// Reading, checking and migrating.
    Read,
}

#[derive(Debug)]
pub(super) struct Connections {
    pool: Pool<SessionManager>,
    engine: Arc<Engine>,
    room: Room,
    /// Serializes the first connections to an unknown server, because it may take only one.
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
        let pool = Pool::builder(SessionManager(manager))
            .max_size(connections_max)
            .runtime(Runtime::Tokio1)
            .build()
            // Fails only without a runtime for the time-outs.
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

    /// Leases an idle connection, or a new one.
    pub(super) async fn lease(
        &self,
        purpose: Purpose,
        context: &ErrorContext,
    ) -> Result<Lease, StoreError> {
        let started = Instant::now();
        // A deadline would overflow: the limit may be `Duration::MAX`.
        let left = || self.pool_timeout.saturating_sub(started.elapsed());
        let read = match purpose {
            Purpose::Write => None,
            Purpose::Read => Some(self.read_permit().await?),
        };
        let _first = self.first(left()).await?;
        let mut pauses = ExponentialBuilder::default()
            .with_min_delay(REFUSED_PAUSE_MIN)
            .with_max_delay(REFUSED_PAUSE_MAX)
            .with_jitter()
            .without_max_times()
            .build();
        loop {
            let room = self.room.take(left()).await;
            let room = room.ok_or_else(|| self.wait_timeout())?;
            match self.pool.timeout_get(&self.timeouts(left())).await {
                Ok(client) => return self.lease_of(client, room, read, context).await,
                Err(error) if self.is_refused_for_now(&error) && !left().is_zero() => {
                    if is_one_too_many(&error) {
                        self.room.shrink(room);
                    }
                    let pause = pauses.next().unwrap_or(REFUSED_PAUSE_MAX);
                    sleep(pause.min(left())).await;
                }
                Err(error) => return Err(self.error(error, context)),
            }
        }
    }

    /// Leases a connection beside one that is leased already; returns `None` at once if the server
    /// takes no more.
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

    /// Lets one task at a time connect to a server that is not recognised yet; the others wait.
    async fn first(&self, limit: Duration) -> Result<Option<MutexGuard<'_, ()>>, StoreError> {
        if self.engine.is_recognised() {
            return Ok(None);
        }
        let first = timeout(limit, self.first.lock()).await;
        let first = first.map_err(|_| self.wait_timeout())?;
        Ok(Some(first).filter(|_| !self.engine.is_recognised()))
    }

    /// Makes the lease, and recognises the server on its first connection.
    async fn lease_of(
        &self,
        client: Object<SessionManager>,
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

    /// True if the server takes no more connections for now. A server with a single session closes
    /// further connections without a message.
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

/// True if the server reports too many connections of the role, the database or the server.
fn is_one_too_many(error: &PoolError) -> bool {
    matches!(error, PoolError::Backend(error) if error.code() == Some(&SqlState::TOO_MANY_CONNECTIONS))
}

/// True if the server closed the connection instead of answering.
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

/// A leased connection, which is closed on drop unless it is [given back](Self::give_back).
pub(super) struct Lease {
    /// `None` only while the lease is consumed or dropped.
    client: Option<Object<SessionManager>>,
    /// True if all clients share the connection's session.
    is_shared: bool,
    /// The place in the [`Room`], and a reader's permit.
    _permits: (OwnedSemaphorePermit, Option<OwnedSemaphorePermit>),
}

/// The reason that a lease always has its client: every method that takes it consumes the lease.
const ENDED: &str = "a lease that has ended is gone";

impl Lease {
    /// Returns the connection to the pool, because no statement is running. A connection with a
    /// shared session is closed instead.
    pub(super) fn give_back(mut self) {
        if !self.is_shared {
            drop(self.client.take());
        }
    }

    /// Returns whether all clients share the connection's session.
    pub(super) fn is_shared(&self) -> bool {
        self.is_shared
    }

    /// Takes the connection out of the pool, which counts it no longer; it is closed when it is
    /// dropped.
    pub(super) fn detach(mut self) -> Session {
        match self.client.take() {
            Some(client) => Object::take(client),
            None => unreachable!("{ENDED}"),
        }
    }
}

impl Deref for Lease {
    type Target = Session;

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
