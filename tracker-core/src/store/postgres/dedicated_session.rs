//! A session that is one process's alone, from its first statement to its last: [`dedicated_session`].
//!
//! Migrating needs one: it holds a lock, settings and a role in it. A pooler in transaction mode gives each transaction another session, and
//! takes none of that back. A server with one session for all its clients has none to give either; there all is done in one transaction, which
//! keeps the others out, and leaves nothing behind however it ends.

use std::{borrow::Cow, ops::Deref, time::Duration};

use deadpool_postgres::ClientWrapper;
use tokio::time::timeout;
use tokio_postgres::{Client, types::Type};

use super::{
    connections::{Connections, Lease, Purpose},
    engine,
    error::PostgresError,
    error_context::ErrorContext,
    filter::Parameter,
    transaction,
};
use crate::store::StoreError;

/// How long finding out may take, connecting not counted.
const LIMIT: Duration = Duration::from_secs(30);

/// How often two connections are asked which sessions they have. A pooler that nobody else uses gives both the same one at once; one that is busy
/// gives one of them another soon.
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

/// A session outside of the pool. It ends, with all that is held in it, when it is dropped, or is left as it was where it is everybody's.
pub(super) struct DedicatedSession(Held);

enum Held {
    Own(ClientWrapper),
    /// Everybody's, in a transaction, with the settings that it had before.
    Shared(Lease, Vec<String>),
}

/// Begins one.
///
/// # Errors
///
/// [`StoreError::SharedSession`] where others are found to use it too, by way of a pooler. Nothing was set in it, then.
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
    // A server that takes one connection alone is not behind a pooler of several.
    let other = connections.another(context).await?;
    match timeout(LIMIT, is_shared(&client, other.as_deref())).await {
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

/// Keeps all others out of the session that is everybody's; returns the settings that it has.
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
    type Target = Client;

    fn deref(&self) -> &Client {
        match &self.0 {
            Held::Own(client) => client,
            Held::Shared(lease, _) => lease,
        }
    }
}

impl DedicatedSession {
    /// Whether it is everybody's, and in a transaction which keeps the others out.
    pub(super) fn is_shared(&self) -> bool {
        matches!(self.0, Held::Shared(..))
    }

    /// What begins a transaction for one statement, or nothing where one is under way.
    pub(super) fn begin(&self, mode: &str, limit: Duration) -> Cow<'static, str> {
        match &self.0 {
            Held::Own(_) => transaction::begin(mode, limit).into(),
            Held::Shared(..) => transaction::UNDER_WAY.into(),
        }
    }

    /// Runs statements, in one transaction if they may be in one. What they set for that transaction ends with it.
    pub(super) async fn batch_execute(&self, sql: &str) -> Result<(), tokio_postgres::Error> {
        match &self.0 {
            Held::Own(client) => client.batch_execute(sql).await,
            Held::Shared(client, _) => {
                let before = settings(client).await?;
                // Nobody else is there to be kept waiting, and such a build may not be in a transaction.
                let sql = sql.replace("INDEX CONCURRENTLY", "INDEX");
                client.batch_execute(&sql).await?;
                restore(client, &before).await
            }
        }
    }

    /// Runs statements that set something for the session, until it ends.
    pub(super) async fn set(&self, sql: &str) -> Result<(), tokio_postgres::Error> {
        self.deref().batch_execute(sql).await
    }

    /// Ends it, with all that was done where that is everybody's and succeeded.
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

/// Whether connections prove to have no session of their own.
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

/// Which session of which server answers; `None` where the engine does not tell, so that nothing can be found out.
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
