//! A session that belongs to this process alone, from its first statement to its last:
//! [`dedicated_session`].
//!
//! Migrating needs one because it keeps a lock, settings and a role in the session. A pooler in
//! transaction mode assigns each transaction another session and resets none of these. A server
//! with one session for all its clients has none to give either. There everything runs in one
//! transaction, which keeps other clients out and leaves nothing behind however it ends.

use std::{borrow::Cow, ops::Deref, time::Duration};

use tokio::time::timeout;
use tokio_postgres::{Client, types::Type};

use super::{
    connections::{Connections, Lease, Purpose},
    engine,
    error::PostgresError,
    error_context::ErrorContext,
    filter::Parameter,
    session::Session,
    transaction,
};
use crate::store::StoreError;

/// The time limit for finding out whether the session is shared, without connecting.
const LIMIT: Duration = Duration::from_secs(30);

/// The number of times that two connections are asked for their sessions. A pooler without other
/// clients gives both the same session at once; a busy pooler soon gives one of them another.
const ROUNDS: usize = 16;

/// The settings that migrating and partitioning change.
const SETTINGS: [&str; 6] = [
    "role",
    "search_path",
    "statement_timeout",
    "lock_timeout",
    "idle_in_transaction_session_timeout",
    "default_tablespace",
];

/// A session outside the pool.
///
/// On drop an own session ends, with everything held in it. A shared session is left as it was.
pub(super) struct DedicatedSession(Held);

enum Held {
    Own(Session),
    /// The shared session, in a transaction, with the settings that it had before.
    Shared(Lease, Vec<String>),
}

/// Begins such a session.
///
/// # Errors
///
/// Returns [`StoreError::SharedSession`] if other clients use the session too, through a pooler. In
/// that case the session has not been changed.
pub(super) async fn dedicated_session(
    connections: &Connections,
    context: &ErrorContext,
    operation: &'static str,
) -> Result<DedicatedSession, StoreError> {
    let lease = connections.lease(Purpose::Read, context).await?;
    let error = |error| context.error(operation, Some(LIMIT), error);
    let timed_out = StoreError::Timeout {
        operation,
        after: LIMIT,
    };
    if lease.is_shared() {
        let begun = timeout(LIMIT, begin(&lease)).await;
        let settings = begun.map_err(|_| timed_out)?.map_err(error)?;
        return Ok(DedicatedSession(Held::Shared(lease, settings)));
    }
    let client = lease.detach();
    match timeout(LIMIT, client.reset()).await {
        Ok(reset) => reset.map_err(|cause| error(cause.into()))?,
        Err(_) => return Err(timed_out),
    }
    // A server that takes only one connection is not behind a pooler of several.
    let other = connections.another(context).await?;
    match timeout(
        LIMIT,
        is_shared(&client, other.as_ref().map(|other| &****other)),
    )
    .await
    {
        Ok(Ok(false)) => {
            if let Some(other) = other {
                other.give_back();
            }
            Ok(DedicatedSession(Held::Own(client)))
        }
        Ok(Ok(true)) => Err(StoreError::SharedSession {
            operation,
            store: context.store.clone(),
        }),
        Ok(Err(cause)) => Err(error(cause)),
        Err(_) => Err(timed_out),
    }
}

/// Begins a transaction that keeps other clients out of the shared session; returns the session's
/// settings.
async fn begin(client: &Client) -> Result<Vec<String>, PostgresError> {
    client.batch_execute("BEGIN").await?;
    Ok(settings(client).await?)
}

async fn settings(client: &Client) -> Result<Vec<String>, tokio_postgres::Error> {
    let parameters: [Parameter<'_>; 1] = [(&SETTINGS.as_slice(), Type::TEXT_ARRAY)];
    let row = client.query_typed_one(include_str!("sql/own_settings.sql"), &parameters);
    row.await?.try_get(0)
}

async fn restore(client: &Client, settings: &[String]) -> Result<(), tokio_postgres::Error> {
    let parameters: [Parameter<'_>; 2] = [
        (&SETTINGS.as_slice(), Type::TEXT_ARRAY),
        (&settings, Type::TEXT_ARRAY),
    ];
    let restored = client.query_typed(include_str!("sql/restore_settings.sql"), &parameters);
    restored.await.map(drop)
}

impl Deref for DedicatedSession {
    type Target = Session;

    fn deref(&self) -> &Session {
        match &self.0 {
            Held::Own(client) => client,
            Held::Shared(lease, _) => lease,
        }
    }
}

impl DedicatedSession {
    /// Returns whether the session is shared, and in a transaction that keeps the others out.
    pub(super) fn is_shared(&self) -> bool {
        matches!(self.0, Held::Shared(..))
    }

    /// Returns the SQL that begins a transaction for one statement, or nothing if one is under way.
    pub(super) fn begin(&self, mode: &str, limit: Duration) -> Cow<'static, str> {
        match &self.0 {
            Held::Own(_) => transaction::begin(mode, limit).into(),
            Held::Shared(..) => transaction::UNDER_WAY.into(),
        }
    }

    /// Runs statements, in one transaction if they allow it. Settings that they make for the
    /// transaction end with it.
    pub(super) async fn batch_execute(&self, sql: &str) -> Result<(), tokio_postgres::Error> {
        match &self.0 {
            Held::Own(client) => client.batch_execute(sql).await,
            Held::Shared(client, _) => {
                let before = settings(client).await?;
                // There is nobody to block, and a concurrent build is not allowed in a transaction.
                let sql = sql.replace("INDEX CONCURRENTLY", "INDEX");
                client.batch_execute(&sql).await?;
                restore(client, &before).await
            }
        }
    }

    /// Runs statements that set something until the session ends.
    pub(super) async fn set(&self, sql: &str) -> Result<(), tokio_postgres::Error> {
        self.deref().batch_execute(sql).await
    }

    /// Ends the session. In a shared session this commits the work if `outcome` is a success, and
    /// rolls it back otherwise.
    pub(super) async fn end<T, E: From<StoreError>>(
        self,
        context: &ErrorContext,
        operation: &'static str,
        outcome: Result<T, E>,
    ) -> Result<T, E> {
        let Held::Shared(client, settings) = self.0 else {
            return outcome;
        };
        let ending = async {
            if outcome.is_ok() {
                restore(&client, &settings).await?;
                client.batch_execute("COMMIT").await
            } else {
                client.batch_execute("ROLLBACK").await
            }
        };
        let ended = timeout(LIMIT, ending).await;
        let value = outcome?;
        match ended {
            Ok(Ok(())) => Ok(value),
            Ok(Err(error)) => Err(context.error(operation, Some(LIMIT), error.into()).into()),
            Err(_) => Err(StoreError::Timeout {
                operation,
                after: LIMIT,
            }
            .into()),
        }
    }
}

/// True if the connections prove to have no session of their own.
async fn is_shared(client: &Client, other: Option<&Client>) -> Result<bool, PostgresError> {
    let (mut of_client, mut of_other) = (None, None);
    let has_moved =
        |before: &Option<String>, now: &Option<String>| before.is_some() && before != now;
    for _ in 0..ROUNDS {
        let own = session(client).await?;
        let others = match other {
            Some(other) => session(other).await?,
            None => None,
        };
        if own.is_none() || other.is_some() && others.is_none() {
            return Ok(false);
        }
        if own == others || has_moved(&of_client, &own) || has_moved(&of_other, &others) {
            return Ok(true);
        }
        (of_client, of_other) = (own, others);
    }
    Ok(false)
}

/// Identifies the server and session that answer; `None` if the engine does not tell, so that
/// nothing can be found out.
async fn session(client: &Client) -> Result<Option<String>, PostgresError> {
    let asked = client.query_typed_one(include_str!("sql/session.sql"), &[]);
    match asked.await.and_then(|row| row.try_get(0)) {
        Ok(session) => Ok(session),
        Err(error) => {
            let error = PostgresError::from(error);
            if engine::is_lack(&error) {
                Ok(None)
            } else {
                Err(error)
            }
        }
    }
}
