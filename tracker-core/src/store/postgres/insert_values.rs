//! Writes a batch as lists of values, the form of insert that any engine takes.

use tokio_postgres::{
    Client, Error,
    types::{ToSql, Type},
};

use super::{
    row::{TYPES, Values},
    session::Session,
    transaction,
};
use crate::store::Batch;

/// The most rows of one statement. Postgres's protocol allows 65,535 parameters, or 6,553 rows. The
/// limit is lower because a server plans each row on its own, and takes longer for each the more
/// there are.
pub(super) const ROWS_MAX: usize = 500;

/// The placeholder of the list of rows in the statement.
const PLACEHOLDER: &str = "{rows}";

/// Inserts the rows that are not stored yet, all or none, in one transaction; returns their number.
///
/// If a statement fails, the transaction is rolled back and the connection can be reused.
pub(super) async fn insert(
    client: &Session,
    begin: &str,
    statement: &str,
    batch: &Batch,
) -> Result<u64, Error> {
    transaction::open(client, begin).await?;
    let inserted = insert_in_parts(client, statement, batch).await;
    // After a failure this rolls back.
    let ended = client.batch_execute("COMMIT").await;
    let inserted = inserted?;
    ended?;
    Ok(inserted)
}

async fn insert_in_parts(client: &Client, statement: &str, batch: &Batch) -> Result<u64, Error> {
    let mut inserted = 0;
    for begin in (0..batch.len()).step_by(ROWS_MAX) {
        let part = batch.part(begin, ROWS_MAX);
        let values: Vec<_> = part.iter().map(Values::from).collect();
        let statement = statement.replace(PLACEHOLDER, &rows(values.len()));
        let parameters: Vec<(&(dyn ToSql + Sync), Type)> = values
            .iter()
            .flat_map(|values| values.parameters().into_iter().zip(TYPES))
            .collect();
        inserted += client.execute_typed(&statement, &parameters).await?;
    }
    Ok(inserted)
}

/// Returns `($1, …, $10), ($11, …, $20)` and so on.
fn rows(count: usize) -> String {
    let row = |row: usize| {
        let first = row * TYPES.len() + 1;
        let parameters = (first..first + TYPES.len()).map(|number| format!("${number}"));
        format!("({})", parameters.collect::<Vec<_>>().join(", "))
    };
    (0..count).map(row).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_has_its_own_parameters() {
        assert_eq!(
            rows(2),
            "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10), ($11, $12, $13, $14, $15, $16, $17, $18, $19, $20)"
        );
        const { assert!(ROWS_MAX * TYPES.len() <= 65_535) };
    }
}
