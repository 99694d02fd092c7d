//! The Postgres connection of `diesel-async`.

use diesel::{
    pg::Pg,
    result::{DatabaseErrorKind, Error},
    sql_query,
    sql_types::{BigInt, Nullable, Text},
};
use diesel_async::{
    AnsiTransactionManager, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection,
    TransactionManager,
};

use super::client;
use crate::store::{
    StoreError,
    postgres::{
        class::Class,
        client::{self, ActivityInsert, Pipeline},
        error::PostgresError,
    },
};

client! {
    [] &mut AsyncPgConnection,
    |connection, schema, activity| Box::pin(insert(connection, ActivityInsert::new(schema, activity)));
}

/// Writes the activity, inside a savepoint if Diesel has begun a transaction.
async fn insert(connection: &mut AsyncPgConnection, row: ActivityInsert) -> Result<(), StoreError> {
    let depth = AnsiTransactionManager::transaction_manager_status_mut(connection)
        .transaction_depth()
        .map_err(|error| row.store_error(error.into()))?;
    match depth {
        Some(_) => client::insert_in_savepoint(connection, row).await,
        None => client::insert(connection, row).await,
    }
}

/// Uses a shared reference, by which Diesel can send a statement before the previous answer.
impl Pipeline for AsyncPgConnection {
    async fn batch_execute(&self, sql: &str) -> Result<(), PostgresError> {
        let mut connection = self;
        Ok(SimpleAsyncConnection::batch_execute(&mut connection, sql).await?)
    }

    async fn insert(&self, row: &ActivityInsert) -> Result<(), PostgresError> {
        let mut connection = self;
        let mut insert = sql_query(&row.statement).into_boxed::<Pg>();
        for text in row.activity.texts() {
            insert = insert.bind::<Nullable<Text>, _>(text);
        }
        insert = insert
            .bind::<Text, _>(row.activity.reference_ids.text())
            .bind::<Nullable<BigInt>, _>(row.activity.created_at);
        insert.execute(&mut connection).await?;
        Ok(())
    }
}

/// Diesel hides the server's SQLSTATE, except for a few kinds of error.
impl From<Error> for PostgresError {
    fn from(error: Error) -> Self {
        use DatabaseErrorKind as Kind;

        let class = match &error {
            Error::DatabaseError(Kind::UnableToSendCommand | Kind::ClosedConnection, _) => {
                Class::Unreachable
            }
            Error::DatabaseError(Kind::ReadOnlyTransaction, _) => Class::ReadOnly,
            Error::DatabaseError(Kind::UniqueViolation, _) => Class::Duplicate,
            Error::DatabaseError(Kind::ForeignKeyViolation, _) => Class::MissingReference,
            Error::DatabaseError(Kind::SerializationFailure, _) => Class::Busy,
            Error::DatabaseError(
                Kind::CheckViolation
                | Kind::ExclusionViolation
                | Kind::NotNullViolation
                | Kind::RestrictViolation,
                _,
            )
            | Error::SerializationError(_) => Class::Refused,
            _ => Class::Other,
        };
        Self::of_driver(class, error)
    }
}
