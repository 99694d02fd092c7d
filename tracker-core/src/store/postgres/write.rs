//! Writes a batch: by a binary COPY, which is fast, or by an insert that skips stored rows.

use std::pin::pin;

use futures_util::future::join;
use tokio_postgres::{Client, Error, binary_copy::BinaryCopyInWriter};

use super::{
    row::{ActivityValues, Columns, TYPES},
    transaction,
};
use crate::Activity;

/// Writes the rows, all or none. None of them may be stored already.
///
/// The driver makes a COPY a named prepared statement. Within a transaction it is prepared, used
/// and closed in one server session, even if a pooler assigns each transaction another one.
///
/// After an error the connection must be closed. If a COPY fails before it has asked for data, the
/// server sends one answer more than the driver expects, and every later answer would be attributed
/// to the wrong statement.
pub(super) async fn copy(
    client: &Client,
    begin: &str,
    statement: &str,
    activities: &[Activity],
) -> Result<(), Error> {
    // Joined futures are polled in their order, so the statements are sent in that order.
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

/// Inserts the rows that are not stored yet, all or none; returns their number.
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
