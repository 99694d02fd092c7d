//! Writing one activity on a Postgres connection of the caller's.

use futures_util::{FutureExt, future::join};
use tokio_postgres::{Client, Error};

use super::{
    error::Place,
    row::{TYPES, Values},
    statements,
};
use crate::{Activity, store::StoreError};

/// A name that the caller's own savepoints won't have.
const SAVEPOINT: &str = "SAVEPOINT tracker_activity";
const KEEP: &str = "RELEASE SAVEPOINT tracker_activity";
const UNDO: &str = "ROLLBACK TO SAVEPOINT tracker_activity; RELEASE SAVEPOINT tracker_activity";

/// An activity on its way to a schema's table.
pub(crate) struct Row {
    statement: String,
    place: Place,
    activity: Activity,
}

impl Row {
    pub(crate) fn new(schema: &str, activity: Activity) -> Self {
        Self {
            statement: statements::insert_one(schema),
            place: Place::new("the caller's Postgres connection".to_owned(), schema),
            activity,
        }
    }

    async fn insert(&self, client: &Client) -> Result<(), Error> {
        let values = Values::from(&self.activity);
        let parameters: Vec<_> = values.parameters().into_iter().zip(TYPES).collect();
        client.execute_typed(&self.statement, &parameters).await?;
        Ok(())
    }

    fn store_error(&self, error: Error) -> StoreError {
        // No time limit of ours runs there.
        self.place.error("writing", None, error.into())
    }
}

/// Writes the activity as a statement of its own.
pub(crate) async fn insert(client: &Client, row: Row) -> Result<(), StoreError> {
    row.insert(client)
        .await
        .map_err(|error| row.store_error(error))
}

/// Writes the activity in a savepoint of the transaction that the connection is in.
///
/// One round trip: the savepoint and the insert are sent together, and what ends the savepoint is sent without waiting
/// for its answer, as it is carried out before anything that the caller sends next.
pub(crate) async fn insert_in_savepoint(client: &Client, row: Row) -> Result<(), StoreError> {
    // Made before the first poll of what sets the savepoint, which sends it; there is no await between the two.
    let mut savepoint = Savepoint {
        client,
        end: Some(UNDO),
    };
    let (set, inserted) = join(client.batch_execute(SAVEPOINT), row.insert(client)).await;
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
struct Savepoint<'a> {
    client: &'a Client,
    end: Option<&'static str>,
}

impl Drop for Savepoint<'_> {
    fn drop(&mut self) {
        if let Some(end) = self.end {
            // The first poll sends it; the answer, whenever it comes, is discarded. It can only fail with the connection.
            let _ = self.client.batch_execute(end).now_or_never();
        }
    }
}
