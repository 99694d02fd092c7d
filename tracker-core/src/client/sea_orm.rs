//! The connections and transactions of SeaORM, on Postgres and on SQLite.

use std::future::ready;

use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseConnection, DatabaseConnectionType,
    DatabaseTransaction, DbBackend, DbErr, RuntimeErr, Statement, Value,
};

use super::{client, sqlx_error};
use crate::{
    Activity,
    store::{
        BoxFuture, StoreError,
        postgres::{
            class::Class,
            client::{ActivityInsert, KEEP, SAVEPOINT, UNDO},
            error::PostgresError,
        },
    },
};

client! {
    [] &DatabaseConnection, |connection, schema, activity| {
        // Such a connection panics when it is asked for its backend.
        if matches!(connection.inner, DatabaseConnectionType::Disconnected) {
            return Box::pin(ready(Err(disconnected())));
        }
        insert(connection, Within::Nothing, schema, activity)
    };
    [] &DatabaseTransaction,
    |transaction, schema, activity| insert(transaction, Within::Transaction, schema, activity);

    [] &mut DatabaseConnection, |this, schema, activity| (&*this).insert(schema, activity);
    [] &mut DatabaseTransaction, |this, schema, activity| (&*this).insert(schema, activity);
}

fn disconnected() -> StoreError {
    StoreError::Unreachable {
        store: "the caller's SeaORM connection".to_owned(),
        source: DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed).into(),
    }
}

/// The context of a statement.
#[derive(Clone, Copy)]
enum Within {
    Nothing,
    Transaction,
}

fn insert<'a>(
    connection: &'a impl ConnectionTrait,
    within: Within,
    schema: &str,
    activity: Activity,
) -> BoxFuture<'a, Result<(), StoreError>> {
    match connection.get_database_backend() {
        DbBackend::Postgres => Box::pin(on_postgres(
            connection,
            within,
            ActivityInsert::new(schema, activity),
        )),
        #[cfg(feature = "sqlite")]
        DbBackend::Sqlite => Box::pin(sqlite::insert(connection, activity)),
        backend => Box::pin(ready(Err(StoreError::Unsupported {
            operation: "recording on the caller's own connection",
            store: format!("SeaORM's backend {backend:?}"),
        }))),
    }
}

async fn on_postgres(
    connection: &impl ConnectionTrait,
    within: Within,
    row: ActivityInsert,
) -> Result<(), StoreError> {
    let inserted = match within {
        Within::Nothing => execute(connection, &row).await,
        Within::Transaction => execute_in_savepoint(connection, &row).await,
    };
    inserted.map_err(|error| row.store_error(error.into()))
}

/// Inserts within a savepoint that is not SeaORM's own: sqlx 0.9 rolls back the whole transaction
/// if the future that sets such a savepoint is dropped. A savepoint that a dropped future leaves
/// behind does no harm.
async fn execute_in_savepoint(
    connection: &impl ConnectionTrait,
    row: &ActivityInsert,
) -> Result<(), DbErr> {
    connection.execute_unprepared(SAVEPOINT).await?;
    let inserted = execute(connection, row).await;
    let end = if inserted.is_ok() { KEEP } else { UNDO };
    let ended = connection.execute_unprepared(end).await;
    inserted.and(ended.map(drop))
}

async fn execute(connection: &impl ConnectionTrait, row: &ActivityInsert) -> Result<(), DbErr> {
    let insert =
        Statement::from_sql_and_values(DbBackend::Postgres, &row.statement, values(&row.activity));
    connection.execute_raw(insert).await.map(drop)
}

/// Returns the values of the ten columns, in the order of the table.
fn values(activity: &Activity) -> impl Iterator<Item = Value> {
    let texts = activity.texts().into_iter();
    let reference_ids = activity.reference_ids.text();
    texts
        .map(|text| text.map(str::to_owned).into())
        .chain([reference_ids.into(), activity.created_at.into()])
}

/// Returns the error of sqlx within SeaORM's, if there is one.
fn sqlx_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}

impl From<DbErr> for PostgresError {
    fn from(error: DbErr) -> Self {
        use sqlx_error::postgres::{class, server_error};

        let class = match (sqlx_error(&error), &error) {
            (Some(said), _) => match server_error(said) {
                Some(error) => return error,
                None => class(said),
            },
            (None, DbErr::ConnectionAcquire(_)) => Class::Unreachable,
            (None, _) => Class::Other,
        };
        Self::of_driver(class, error)
    }
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use std::time::Duration;

    use sea_orm::{ConnectionTrait, DbBackend, Statement};

    use super::{sqlx_error, values};
    use crate::{
        Activity,
        client::sqlx_error::sqlite::sqlite_error,
        store::{
            StoreError,
            sqlite::other_drivers::{BUSY_TIMEOUT, INSERT, failed},
        },
    };

    /// Writes the activity, within the connection's open transaction if there is one. A failed
    /// statement leaves that transaction unchanged.
    pub(super) async fn insert(
        connection: &impl ConnectionTrait,
        activity: Activity,
    ) -> Result<(), StoreError> {
        let insert = Statement::from_sql_and_values(DbBackend::Sqlite, INSERT, values(&activity));
        let Err(error) = connection.execute_raw(insert).await else {
            return Ok(());
        };
        let busy_timeout = busy_timeout(connection).await.unwrap_or_default();
        Err(sqlx_error(&error)
            .and_then(|said| sqlite_error(said, busy_timeout))
            .unwrap_or_else(|| failed(error)))
    }

    async fn busy_timeout(connection: &impl ConnectionTrait) -> Option<Duration> {
        let ask = Statement::from_string(DbBackend::Sqlite, BUSY_TIMEOUT);
        let answer = connection.query_one_raw(ask).await.ok()??;
        let ms: u32 = answer.try_get_by_index(0).ok()?;
        Some(Duration::from_millis(ms.into()))
    }
}
