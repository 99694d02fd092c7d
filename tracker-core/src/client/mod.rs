//! Records on a connection or in a transaction of the caller's: the trait [`Client`].

#[cfg(feature = "diesel-async")]
mod diesel_async;
#[cfg(feature = "postgres")]
mod postgres;
mod references;
#[cfg(feature = "sea-orm")]
mod sea_orm;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(any(
    feature = "sea-orm",
    feature = "sqlx-postgres",
    feature = "sqlx-sqlite"
))]
mod sqlx_error;
#[cfg(feature = "sqlx-postgres")]
mod sqlx_postgres;
#[cfg(feature = "sqlx-sqlite")]
mod sqlx_sqlite;

use crate::{
    Activity,
    store::{BoxFuture, StoreError},
};

/// A reference to a connection or a transaction of the caller's, on which an activity can be
/// written.
///
/// [`record_in`](crate::Tracker::record_in) and `#[tracked(client = …)]` accept these types:
///
/// | type | reference | treatment of the activity |
/// | --- | --- | --- |
/// | `tokio_postgres::Transaction`, `deadpool_postgres::Transaction` | `&` or `&mut` | in the transaction, inside a savepoint |
/// | `tokio_postgres::Client`, `deadpool_postgres::Client` and its `ClientWrapper` | `&` or `&mut` | as a statement of its own |
/// | `rusqlite::Transaction` | `&` or `&mut` | in the transaction |
/// | `rusqlite::Connection` | `&` or `&mut` | as a statement of its own, or in the open transaction |
/// | `sqlx::Transaction<'_, Postgres>`, `sqlx::PgConnection`, `sqlx::pool::PoolConnection<Postgres>` (feature `sqlx-postgres`, sqlx 0.9) | `&mut` | inside a savepoint if sqlx has begun a transaction, else as a statement of its own |
/// | `sqlx::Transaction<'_, Sqlite>`, `sqlx::SqliteConnection`, `sqlx::pool::PoolConnection<Sqlite>` (feature `sqlx-sqlite`, sqlx 0.9) | `&mut` | as a statement of its own, or in the open transaction |
/// | `sea_orm::DatabaseTransaction` (feature `sea-orm`, SeaORM 2) | `&` or `&mut` | in the transaction; on Postgres inside a savepoint |
/// | `sea_orm::DatabaseConnection` (feature `sea-orm`, SeaORM 2) | `&` or `&mut` | as a statement of its own, on a connection of its pool |
/// | `diesel_async::AsyncPgConnection` (feature `diesel-async`, diesel-async 0.9) | `&mut` | inside a savepoint if Diesel has begun a transaction, else as a statement of its own |
///
/// A reference to such a reference, or to a `Box` or an `Arc` of one, works as well. A connection
/// pool of sqlx or Diesel is not a client; name a connection of it, as in
/// `client = pool.acquire().await.unwrap()` or `client = **connection`. The modules
/// `store::postgres` and `store::sqlite` re-export `tokio_postgres`, `deadpool_postgres` and
/// `rusqlite` in the supported versions.
///
/// # In a transaction
///
/// The activity is committed and rolled back with the rest of the transaction. If writing it fails,
/// the transaction continues as if the write had not been tried: its other statements stay, and it
/// can be committed. A transaction that was begun with a statement (`BEGIN`) is not recognised as
/// one, and a failure aborts it; begin a transaction by the driver's own method.
///
/// With tokio-postgres, deadpool-postgres and diesel-async, the same holds if the future is dropped
/// before it has completed. sqlx and SeaORM can't take back a statement that they have sent. With
/// these two on Postgres, an insert that was under way stays in the transaction; if it then fails,
/// the next statement fails in its place, and the transaction has to be rolled back. On SQLite the
/// insert is still carried out.
///
/// On Postgres, writing takes one round trip with tokio-postgres, two in a transaction of
/// diesel-async, and three in one of sqlx or SeaORM. Its only time limit is the connection's own
/// `statement_timeout`, which the caller sets. No other statement may run on the same transaction
/// at the same time, because it could end up within the savepoint and be rolled back with it.
///
/// On SQLite with rusqlite, the write is complete when the method returns, before the future is
/// polled. A few errors, such as a full disk, make SQLite itself roll back the whole transaction,
/// whichever statement meets them.
///
/// Diesel hides most details of a server's error: a missing table or privilege becomes a
/// [`StoreError::Failed`] with the server's message.
///
/// # A client of your own
///
/// The trait is implemented for the reference, not for its target, and its method consumes the
/// reference. A driver that needs exclusive access implements it for `&mut` only, and one that can
/// share for `&` and `&mut`:
///
/// ```
/// use std::future::ready;
/// use tracker_core::{Activity, Client, StoreError, store::BoxFuture};
///
/// #[derive(Default)]
/// struct Remembered(Vec<Activity>);
///
/// impl Client for &mut Remembered {
///     fn insert<'a>(self, _: &str, activity: Activity) -> BoxFuture<'a, Result<(), StoreError>>
///     where
///         Self: 'a,
///     {
///         self.0.push(activity);
///         Box::pin(ready(Ok(())))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no client to record on",
    label = "no reference to a connection or a transaction that is known here",
    note = "name a connection or a transaction, of a pool one that it gives: `pool.acquire().await.unwrap()`",
    note = "drivers need a feature of tracker-core: sqlx 0.9 `sqlx-postgres` or `sqlx-sqlite`, SeaORM 2 `sea-orm`, diesel-async 0.9 `diesel-async`, tokio-postgres `postgres`, rusqlite `sqlite`"
)]
pub trait Client {
    /// Inserts an activity whose ID is not stored yet into `project_actions`. On Postgres the table
    /// is the one of `schema`, a literal name without quotes.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`]; nothing is written then.
    fn insert<'a>(self, schema: &str, activity: Activity) -> BoxFuture<'a, Result<(), StoreError>>
    where
        Self: 'a;
}

/// Implements `Client` for a reference by means of its target.
#[cfg(any(
    feature = "diesel-async",
    feature = "postgres",
    feature = "sea-orm",
    feature = "sqlite",
    feature = "sqlx-postgres",
    feature = "sqlx-sqlite",
))]
macro_rules! client {
    ($(
        [$($generics:tt)*] $reference:ty,
        |$this:ident, $schema:ident, $activity:ident| $insert:expr;
    )*) => {$(
        impl<$($generics)*> $crate::Client for $reference {
            fn insert<'a>(
                self,
                $schema: &str,
                $activity: $crate::Activity,
            ) -> $crate::store::BoxFuture<'a, Result<(), $crate::StoreError>>
            where
                Self: 'a,
            {
                let $this = self;
                $insert
            }
        }
    )*};
}
#[cfg(any(feature = "postgres", feature = "sqlite"))]
use client;
