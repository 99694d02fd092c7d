//! Writing one activity on a Postgres connection of the caller's.

use futures_util::{FutureExt, future::join};
use tokio_postgres::Client;

use super::{
    error::PostgresError,
    error_context::ErrorContext,
    row::{ActivityValues, TYPES},
    statements,
};
use crate::{Activity, store::StoreError};

/// A name that the caller's own savepoints won't have.
pub(crate) const SAVEPOINT: &str = "SAVEPOINT tracker_activity";
pub(crate) const KEEP: &str = "RELEASE SAVEPOINT tracker_activity";
pub(crate) const UNDO: &str =
    "ROLLBACK TO SAVEPOINT tracker_activity; RELEASE SAVEPOINT tracker_activity";

/// An activity on its way to a schema's table, by whichever driver.
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
        // No time limit of ours runs there.
        self.context.error("writing", None, error)
    }
}

/// A connection that sends a statement when its future is first polled.
///
/// It does not wait for the answers to the statements before.
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
        let values = ActivityValues::from(&row.activity);
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

/// Writes the activity in a savepoint of the transaction that the connection is in.
///
/// The savepoint and the insert are sent together. What ends the savepoint is sent without waiting
/// for its answer, as it is carried out before anything that the caller sends next.
pub(crate) async fn insert_in_savepoint(
    client: &impl Pipeline,
    row: ActivityInsert,
) -> Result<(), StoreError> {
    // Made before the first poll of what sets the savepoint, which sends it; there is no await
    // between the two.
    let mut savepoint = Savepoint {
        client,
        end: Some(UNDO),
    };
    let (set, inserted) = join(client.batch_execute(SAVEPOINT), client.insert(&row)).await;
    savepoint.end = match (&set, &inserted) {
        (Ok(()), Ok(())) => Some(KEEP),
        (Ok(()), Err(_)) => Some(UNDO),
        // There is none to end, as in a transaction that has failed before.
        (Err(_), _) => None,
    };
    drop(savepoint);
    set.and(inserted).map_err(|error| row.store_error(error))
}

/// Ends the savepoint when it is dropped, be it because the caller dropped the future half-way.
struct Savepoint<'a, C: Pipeline> {
    client: &'a C,
    end: Option<&'static str>,
}

impl<C: Pipeline> Drop for Savepoint<'_, C> {
    fn drop(&mut self) {
        if let Some(end) = self.end {
            // The first poll sends it; the answer, whenever it comes, is discarded. It can only
            // fail with the connection.
            let _ = self.client.batch_execute(end).now_or_never();
        }
    }
}
