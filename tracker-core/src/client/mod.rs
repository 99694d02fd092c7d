//! Recording on a connection or in a transaction of the caller's: the trait [`Client`].

#[cfg(feature = "diesel-async")]
mod diesel_async;
#[cfg(feature = "postgres")]
mod postgres;
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

use std::sync::Arc;

use crate::{
    Activity,
    store::{BoxFuture, StoreError},
};

/// A reference to a connection or a transaction of the caller's, on which an activity can be written.
///
/// It is what [`record_in`](crate::Tracker::record_in) and `#[tracked(client = …)]` take:
///
/// | type | reference | how the activity is written |
/// | --- | --- | --- |
/// | `tokio_postgres::Transaction`, `deadpool_postgres::Transaction` | `&` or `&mut` | in the transaction, inside a savepoint |
/// | `tokio_postgres::Client`, `deadpool_postgres::Client` and its `ClientWrapper` | `&` or `&mut` | as a statement of its own |
/// | `rusqlite::Transaction` | `&` or `&mut` | in the transaction |
/// | `rusqlite::Connection` | `&` or `&mut` | as a statement of its own, or in the transaction that it is in |
/// | `sqlx::Transaction<'_, Postgres>`, `sqlx::PgConnection`, `sqlx::pool::PoolConnection<Postgres>` (feature `sqlx-postgres`, sqlx 0.9) | `&mut` | inside a savepoint where sqlx has begun a transaction, else as a statement of its own |
/// | `sqlx::Transaction<'_, Sqlite>`, `sqlx::SqliteConnection`, `sqlx::pool::PoolConnection<Sqlite>` (feature `sqlx-sqlite`, sqlx 0.9) | `&mut` | as a statement of its own, or in the transaction that it is in |
/// | `sea_orm::DatabaseTransaction` (feature `sea-orm`, SeaORM 2) | `&` or `&mut` | in the transaction; on Postgres inside a savepoint |
/// | `sea_orm::DatabaseConnection` (feature `sea-orm`, SeaORM 2) | `&` or `&mut` | as a statement of its own, on a connection of its pool |
/// | `diesel_async::AsyncPgConnection` (feature `diesel-async`, diesel-async 0.9) | `&mut` | inside a savepoint where Diesel has begun a transaction, else as a statement of its own |
///
/// A reference to such a reference, to a `Box` or to an `Arc` of one does as well. Of a pool of sqlx or Diesel, name a
/// connection: `client = pool.acquire().await.unwrap()`, `client = **connection`. `tokio_postgres`, `deadpool_postgres` and
/// `rusqlite` are re-exported by `store::postgres` and `store::sqlite`, in the versions that are meant here.
///
/// # In a transaction
///
/// The activity is committed and rolled back with everything else in it. Where writing it fails, the transaction goes on
/// as if it had not been tried: its other statements stay, and it can be committed. A transaction that was begun with
/// a statement (`BEGIN`) is not known to be one, and a failure aborts it; begin it by the driver's own method.
///
/// Where the future is dropped before it has completed, that holds too for tokio-postgres, deadpool-postgres and
/// diesel-async. sqlx and SeaORM have no way to take back what they have sent. With these on Postgres, an insert that was under
/// way stays in the transaction; one that then fails makes the next statement fail in its place, and the transaction has
/// to be rolled back. On SQLite it is still carried out.
///
/// On Postgres it is one round trip for tokio-postgres, two for diesel-async in a transaction, and three for sqlx and SeaORM there. It takes as
/// long as the caller's connection lets it: its `statement_timeout` is the caller's to set. No other statement may run on the same
/// transaction at the same time, or it can end up within the savepoint and be rolled back with it.
///
/// On SQLite with rusqlite the write is over when the method returns, before the future is polled. A few errors, such as a full disk,
/// make SQLite itself roll back the whole transaction, whichever statement meets them.
///
/// Diesel keeps most of what the server says to itself: a missing table or right is a [`StoreError::Failed`] there, with the server's
/// words.
///
/// # A client of your own
///
/// The trait is implemented for the reference, not for what it points to, and its method consumes it. So a driver
/// that needs exclusive access implements it for `&mut` alone, and one that can share for `&` and `&mut`:
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
    /// Writes an activity whose ID is not there yet into `project_actions`; in Postgres into that of `schema`, a
    /// name as it is, without quotes.
    ///
    /// # Errors
    ///
    /// A [`StoreError`]. Nothing is written then.
    fn insert<'a>(self, schema: &str, activity: Activity) -> BoxFuture<'a, Result<(), StoreError>>
    where
        Self: 'a;
}

/// Implements `Client` for a reference by way of what it points to.
macro_rules! client {
    ($(
        $(#[$attribute:meta])*
        [$($generics:tt)*] $reference:ty $(where $bound:ty)?,
        |$this:ident, $schema:ident, $activity:ident| $insert:expr;
    )*) => {$(
        $(#[$attribute])*
        impl<$($generics)*> $crate::Client for $reference
        $(where $bound: $crate::Client)?
        {
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

client! {
    #[diagnostic::do_not_recommend]
    ['r, C: ?Sized] &'r &C where &'r C, |this, schema, activity| (**this).insert(schema, activity);
    #[diagnostic::do_not_recommend]
    ['r, C: ?Sized] &'r &mut C where &'r C, |this, schema, activity| (**this).insert(schema, activity);
    #[diagnostic::do_not_recommend]
    ['r, C: ?Sized] &'r mut &C where &'r C, |this, schema, activity| (**this).insert(schema, activity);
    #[diagnostic::do_not_recommend]
    #[expect(clippy::mut_mut, reason = "it is what `&mut` of a `&mut` parameter is")]
    ['r, C: ?Sized] &'r mut &mut C where &'r mut C, |this, schema, activity| (**this).insert(schema, activity);
    #[diagnostic::do_not_recommend]
    ['r, C: ?Sized] &'r Box<C> where &'r C, |this, schema, activity| (**this).insert(schema, activity);
    #[diagnostic::do_not_recommend]
    ['r, C: ?Sized] &'r mut Box<C> where &'r mut C, |this, schema, activity| (**this).insert(schema, activity);
    #[diagnostic::do_not_recommend]
    ['r, C: ?Sized] &'r Arc<C> where &'r C, |this, schema, activity| (**this).insert(schema, activity);
    #[diagnostic::do_not_recommend]
    ['r, C: ?Sized] &'r mut Arc<C> where &'r C, |this, schema, activity| (**this).insert(schema, activity);
}
