//! The Postgres connections and transactions of sqlx.

use sqlx::{
    AssertSqlSafe, Connection, Error, Executor, PgConnection, Postgres, Transaction,
    pool::PoolConnection,
};

use super::client;
use crate::store::{
    StoreError,
    postgres::client::{ActivityInsert, KEEP, SAVEPOINT, UNDO},
};

client! {
    [] &mut PgConnection,
    |connection, schema, activity| Box::pin(insert(connection, ActivityInsert::new(schema, activity)));
    [] &mut PoolConnection<Postgres>,
    |connection, schema, activity| (&mut **connection).insert(schema, activity);
    [] &mut Transaction<'_, Postgres>,
    |transaction, schema, activity| (&mut **transaction).insert(schema, activity);
}

/// Writes the activity, inside a savepoint if sqlx has begun a transaction.
async fn insert(connection: &mut PgConnection, row: ActivityInsert) -> Result<(), StoreError> {
    let inserted = if connection.is_in_transaction() {
        execute_in_savepoint(connection, &row).await
    } else {
        execute(connection, &row).await
    };
    inserted.map_err(|error| row.store_error(error.into()))
}

/// Inserts within a savepoint that is not sqlx's own: sqlx 0.9 rolls back the whole transaction if
/// the future that sets such a savepoint is dropped. A savepoint that a dropped future leaves
/// behind does no harm.
async fn execute_in_savepoint(
    connection: &mut PgConnection,
    row: &ActivityInsert,
) -> Result<(), Error> {
    connection.execute(SAVEPOINT).await?;
    let inserted = execute(connection, row).await;
    let end = if inserted.is_ok() { KEEP } else { UNDO };
    let ended = connection.execute(end).await;
    inserted.and(ended.map(drop))
}

async fn execute(connection: &mut PgConnection, row: &ActivityInsert) -> Result<(), Error> {
    // Only the schema's name varies, as a quoted identifier.
    let mut insert = sqlx::query(AssertSqlSafe(&*row.statement));
    for text in row.activity.texts() {
        insert = insert.bind(text);
    }
    insert = insert
        .bind(row.activity.reference_ids.text())
        .bind(row.activity.created_at);
    connection.execute(insert).await.map(drop)
}
