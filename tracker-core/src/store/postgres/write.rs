//! Writes a batch: by a binary COPY, which is fast, or by an insert that skips stored rows.

use std::{io::Cursor, pin::pin};

use futures_util::{SinkExt, future::join};
use tokio_postgres::Error;

use super::{binary_copy, row::Columns, session::Session, transaction};
use crate::store::Batch;

/// Writes the rows, all or none. None of them may be stored already.
///
/// The driver makes a COPY a named prepared statement. Within a transaction it is prepared, used
/// and closed in one server session, even if a pooler assigns each transaction another one.
///
/// After an error the connection must be closed. If a COPY fails before it has asked for data, the
/// server sends one answer more than the driver expects, and every later answer would be attributed
/// to the wrong statement.
pub(super) async fn copy(
    client: &Session,
    begin: &str,
    statement: &str,
    batch: &Batch,
) -> Result<(), Error> {
    // Joined futures are polled in their order, so the statements are sent in that order.
    let (opened, sink) = join(transaction::open(client, begin), client.copy_in(statement)).await;
    opened?;
    let mut sink = pin!(sink?);
    for part in binary_copy::parts(batch) {
        sink.send(Cursor::new(part)).await?;
    }
    let (copied, committed) = join(sink.finish(), client.batch_execute("COMMIT")).await;
    copied?;
    committed
}

/// Inserts the rows that are not stored yet, all or none; returns their number.
pub(super) async fn insert(
    client: &Session,
    begin: &str,
    statement: &str,
    batch: &Batch,
) -> Result<u64, Error> {
    let columns = Columns::from(batch);
    let parameters = columns.parameters();
    let insert = client.execute_typed(statement, &parameters);
    transaction::run(client, begin, insert).await
}
