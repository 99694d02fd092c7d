//! Writing a batch: by a binary COPY, which is fast, or by an insert that passes over the rows that are there.

use std::pin::pin;

use futures_util::future::join;
use tokio_postgres::{Client, Error, binary_copy::BinaryCopyInWriter};

use super::{
    row::{ActivityValues, Columns, TYPES},
    transaction,
};
use crate::Activity;

/// Writes the rows, all or none, of which none may be there yet.
///
/// The driver makes a COPY a named prepared statement. In a transaction it is prepared, used and closed on one server
/// session even where a pooler gives out another one for each transaction.
///
/// On an error the connection must be closed: when a COPY fails before it has asked for data, the server answers once more
/// than the driver expects, and every later answer would be taken for that of another statement.
pub(super) async fn copy(
    client: &Client,
    begin: &str,
    statement: &str,
    activities: &[Activity],
) -> Result<(), Error> {
    // Joined futures are polled in their order, and what is polled first is sent first.
    let (opened, sink) = join(client.batch_execute(begin), client.copy_in(statement)).await;
    opened?;
    let mut writer = pin!(BinaryCopyInWriter::new(sink?, &TYPES));
    for activity in activities {
        let values = ActivityValues::from(activity);
        writer.as_mut().write(&values.parameters()).await?;
    }
    let (copied, committed) = join(writer.finish(), client.batch_execute("COMMIT")).await;
    copied?;
    committed
}

/// Writes the rows that are not there yet, all of them or none. Returns how many they were.
pub(super) async fn insert(
    client: &Client,
    begin: &str,
    statement: &str,
    activities: &[Activity],
) -> Result<u64, Error> {
    let columns = Columns::from(activities);
    let parameters = columns.parameters();
    let insert = client.execute_typed(statement, &parameters);
    transaction::run(client, begin, insert).await
}
