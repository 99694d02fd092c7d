//! Writes one activity on a Postgres connection of the caller's.

use futures_util::{FutureExt, future::join};
use tokio_postgres::Client;

use super::{
    error::PostgresError,
    error_context::ErrorContext,
    row::{TYPES, Values},
    statements,
};
use crate::{Activity, row::Row, store::StoreError};

/// A savepoint whose name the caller's own savepoints won't have.
pub(crate) const SAVEPOINT: &str = "SAVEPOINT tracker_activity";
pub(crate) const KEEP: &str = "RELEASE SAVEPOINT tracker_activity";
pub(crate) const UNDO: &str =
    "ROLLBACK TO SAVEPOINT tracker_activity; RELEASE SAVEPOINT tracker_activity";

/// An activity and the statement that inserts it, for any driver.
pub(crate) struct ActivityInsert {
    pub(crate) statement: String,
    pub(crate) activity: Activity,
    context: ErrorContext,
}

impl ActivityInsert {
    pub(crate) fn new(schema: &str, activity: Activity) -> Self {
        Self {
            statement: statements::insert_one(schema),
            activity,
            context: ErrorContext::new("the caller's Postgres connection".to_owned(), schema),
        }
    }

    pub(crate) fn store_error(&self, error: PostgresError) -> StoreError {
        // The caller's connection has no time limit of the store's.
        self.context.error("writing", None, error)
    }
}

/// A connection that sends a statement when its future is first polled, without waiting for the
/// answers to earlier statements.
pub(crate) trait Pipeline: Sync {
    fn batch_execute(&self, sql: &str) -> impl Future<Output = Result<(), PostgresError>> + Send;
    fn insert(
        &self,
        row: &ActivityInsert,
    ) -> impl Future<Output = Result<(), PostgresError>> + Send;
}

impl Pipeline for Client {
    async fn batch_execute(&self, sql: &str) -> Result<(), PostgresError> {
        Ok(self.batch_execute(sql).await?)
    }

    async fn insert(&self, row: &ActivityInsert) -> Result<(), PostgresError> {
        let values = Values::from(Row::from(&row.activity));
        let parameters: Vec<_> = values.parameters().into_iter().zip(TYPES).collect();
        self.execute_typed(&row.statement, &parameters).await?;
        Ok(())
    }
}

/// Writes the activity as a statement of its own.
pub(crate) async fn insert(client: &impl Pipeline, row: ActivityInsert) -> Result<(), StoreError> {
    let inserted = client.insert(&row).await;
    inserted.map_err(|error| row.store_error(error))
}

/// Writes the activity in a savepoint of the connection's open transaction.
///
/// The savepoint and the insert are sent together. The statement that ends the savepoint is sent
/// without waiting for its answer, because the server runs it before anything that the caller sends
/// next.
pub(crate) async fn insert_in_savepoint(
    client: &impl Pipeline,
    row: ActivityInsert,
) -> Result<(), StoreError> {
    // The guard is made before the first poll, which sends the SAVEPOINT; there is no await in
    // between.
    let mut savepoint = Savepoint {
        client,
        end: Some(UNDO),
    };
    let (set, inserted) = join(client.batch_execute(SAVEPOINT), client.insert(&row)).await;
    savepoint.end = match (&set, &inserted) {
        (Ok(()), Ok(())) => Some(KEEP),
        (Ok(()), Err(_)) => Some(UNDO),
        // No savepoint was set, for instance because the transaction had failed before.
        (Err(_), _) => None,
    };
    drop(savepoint);
    set.and(inserted).map_err(|error| row.store_error(error))
}

/// Ends the savepoint on drop, also when the caller drops the future half-way.
struct Savepoint<'a, C: Pipeline> {
    client: &'a C,
    end: Option<&'static str>,
}

impl<C: Pipeline> Drop for Savepoint<'_, C> {
    fn drop(&mut self) {
        if let Some(end) = self.end {
            // The first poll sends the statement; its answer is discarded. It can only fail with
            // the connection.
            let _ = self.client.batch_execute(end).now_or_never();
        }
    }
}
