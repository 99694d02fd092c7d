//! The SQLite connections and transactions of sqlx.

use std::time::Duration;

use sqlx::{Error, Sqlite, SqliteConnection, Transaction, pool::PoolConnection};

use super::{client, sqlx_error::sqlite::sqlite_error};
use crate::{
    Activity,
    store::{
        StoreError,
        sqlite::other_drivers::{BUSY_TIMEOUT, INSERT, failed},
    },
};

client! {
    [] &mut SqliteConnection,
    |connection, _schema, activity| Box::pin(insert(connection, activity));
    [] &mut PoolConnection<Sqlite>,
    |connection, schema, activity| (&mut **connection).insert(schema, activity);
    [] &mut Transaction<'_, Sqlite>,
    |transaction, schema, activity| (&mut **transaction).insert(schema, activity);
}

/// Writes the activity, within the connection's open transaction if there is one. A failed
/// statement leaves that transaction unchanged.
async fn insert(connection: &mut SqliteConnection, activity: Activity) -> Result<(), StoreError> {
    let Err(error) = execute(connection, &activity).await else {
        return Ok(());
    };
    let busy_timeout = sqlx::query_scalar(BUSY_TIMEOUT).fetch_one(connection).await;
    let busy_timeout = Duration::from_millis(busy_timeout.unwrap_or(0_u32).into());
    Err(sqlite_error(&error, busy_timeout).unwrap_or_else(|| failed(error)))
}

async fn execute(connection: &mut SqliteConnection, activity: &Activity) -> Result<(), Error> {
    let mut insert = sqlx::query(INSERT);
    for text in activity.texts() {
        insert = insert.bind(text);
    }
    insert = insert
        .bind(activity.reference_ids.text())
        .bind(activity.created_at);
    insert.execute(connection).await.map(drop)
}
