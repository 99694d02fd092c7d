//! A session that is one process's alone, from its first statement to its last: [`own_session`].
//!
//! Migrating needs one: it holds a lock, settings and a role in it. A pooler in transaction mode gives each transaction another session, and
//! takes none of that back.

use std::time::Duration;

use deadpool_postgres::ClientWrapper;
use tokio::time::timeout;
use tokio_postgres::Client;

use super::{
    connections::{Connections, Purpose},
    engine,
    error::{Place, PostgresError},
};
use crate::store::StoreError;

/// How long finding out may take, connecting not counted.
const LIMIT: Duration = Duration::from_secs(30);

/// How often two connections are asked which sessions they have. A pooler that nobody else uses gives both the same one at once; one that is busy
/// gives one of them another soon.
const ROUNDS: usize = 16;

/// A session outside of the pool. It ends, with all that is held in it, when it is dropped.
///
/// # Errors
///
/// [`StoreError::SharedSession`] where others are found to use it too. Nothing was set in it, then.
pub(super) async fn own_session(
    connections: &Connections,
    place: &Place,
    operation: &'static str,
) -> Result<ClientWrapper, StoreError> {
    let client = connections.lease(Purpose::Read, place).await?.detach();
    let other = connections.lease(Purpose::Read, place).await?;
    match timeout(LIMIT, is_shared(&client, &other)).await {
        Ok(Ok(false)) => {
            other.give_back();
            Ok(client)
        }
        Ok(Ok(true)) => Err(StoreError::SharedSession {
            operation,
            store: place.store.clone(),
        }),
        Ok(Err(error)) => Err(place.error(operation, Some(LIMIT), error)),
        Err(_) => Err(StoreError::Timeout {
            operation,
            after: LIMIT,
        }),
    }
}

/// Whether two connections prove to have no session of their own.
async fn is_shared(client: &Client, other: &Client) -> Result<bool, PostgresError> {
    let (mut of_client, mut of_other) = (None, None);
    for _ in 0..ROUNDS {
        let (Some(own), Some(others)) = (session(client).await?, session(other).await?) else {
            return Ok(false);
        };
        let has_moved = |before: Option<String>, now: &str| before.is_some_and(|it| it != now);
        if own == others || has_moved(of_client, &own) || has_moved(of_other, &others) {
            return Ok(true);
        }
        (of_client, of_other) = (Some(own), Some(others));
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
