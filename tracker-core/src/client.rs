//! Recording on a connection or in a transaction of the caller's: the trait [`Client`].

use crate::{
    Activity,
    store::{BoxFuture, StoreError},
};

/// A connection or a transaction of the caller's, on which an activity can be written.
///
/// It is what [`record_in`](crate::Tracker::record_in) and `#[tracked(client = …)]` take:
///
/// | type | how the activity is written |
/// | --- | --- |
/// | `tokio_postgres::Transaction`, `deadpool_postgres::Transaction` | in the transaction, inside a savepoint |
/// | `tokio_postgres::Client`, `deadpool_postgres::Client` and its `ClientWrapper` | as a statement of its own |
/// | `rusqlite::Transaction` | in the transaction |
/// | `rusqlite::Connection` | as a statement of its own, or in the transaction that it is in |
///
/// and a reference, a `Box` or an `Arc` of one. The crates are re-exported by `store::postgres` and `store::sqlite`, in
/// the versions that are meant here.
///
/// In a transaction, the activity is committed and rolled back with everything else in it. Where writing it
/// fails, or the future is dropped before it has completed, the transaction goes on as if it had not been tried: its
/// other statements stay, and it can be committed. A transaction that was begun with a statement (`BEGIN`) on a Postgres
/// client is not known to be one, and a failure aborts it; pass the `Transaction`.
///
/// On Postgres it is one round trip, and it takes as long as the caller's connection lets it: its
/// `statement_timeout` is the caller's to set. No other statement may run on the same transaction at the same time, or it
/// can end up within the savepoint and be rolled back with it.
///
/// On SQLite the write is over when the method returns, before the future is polled. A few errors, such as a full disk,
/// make SQLite itself roll back the whole transaction, whichever statement meets them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no client to record on",
    label = "neither a connection nor a transaction that is known here",
    note = "name a client or a transaction of `tokio_postgres` or `deadpool_postgres`, or a connection of `rusqlite`"
)]
pub trait Client {
    /// Writes an activity whose ID is not there yet into `project_actions`; in Postgres into that of `schema`, a
    /// name as it is, without quotes.
    ///
    /// # Errors
    ///
    /// A [`StoreError`]. Nothing is written then.
    fn insert<'a>(
        &'a self,
        schema: &str,
        activity: Activity,
    ) -> BoxFuture<'a, Result<(), StoreError>>;
}

macro_rules! delegate {
    ($($pointer:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<C: Client + ?Sized> Client for $pointer {
            fn insert<'a>(
                &'a self,
                schema: &str,
                activity: Activity,
            ) -> BoxFuture<'a, Result<(), StoreError>> {
                (**self).insert(schema, activity)
            }
        }
    )*};
}

delegate!(&C, &mut C, Box<C>, std::sync::Arc<C>);

#[cfg(feature = "postgres")]
mod postgres {
    use super::{Activity, BoxFuture, Client, StoreError};
    use crate::store::postgres::caller::{Row, insert, insert_in_savepoint};

    type Outcome<'a> = BoxFuture<'a, Result<(), StoreError>>;

    impl Client for tokio_postgres::Client {
        fn insert<'a>(&'a self, schema: &str, activity: Activity) -> Outcome<'a> {
            Box::pin(insert(self, Row::new(schema, activity)))
        }
    }

    impl Client for deadpool_postgres::ClientWrapper {
        fn insert<'a>(&'a self, schema: &str, activity: Activity) -> Outcome<'a> {
            (**self).insert(schema, activity)
        }
    }

    impl Client for deadpool_postgres::Client {
        fn insert<'a>(&'a self, schema: &str, activity: Activity) -> Outcome<'a> {
            (**self).insert(schema, activity)
        }
    }

    impl Client for tokio_postgres::Transaction<'_> {
        fn insert<'a>(&'a self, schema: &str, activity: Activity) -> Outcome<'a> {
            Box::pin(insert_in_savepoint(
                self.client(),
                Row::new(schema, activity),
            ))
        }
    }

    impl Client for deadpool_postgres::Transaction<'_> {
        fn insert<'a>(&'a self, schema: &str, activity: Activity) -> Outcome<'a> {
            (**self).insert(schema, activity)
        }
    }
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use std::future::ready;

    use super::{Activity, BoxFuture, Client, StoreError};
    use crate::store::sqlite::caller::insert;

    impl Client for rusqlite::Connection {
        fn insert<'a>(
            &'a self,
            _: &str,
            activity: Activity,
        ) -> BoxFuture<'a, Result<(), StoreError>> {
            Box::pin(ready(insert(self, activity)))
        }
    }

    impl Client for rusqlite::Transaction<'_> {
        fn insert<'a>(
            &'a self,
            schema: &str,
            activity: Activity,
        ) -> BoxFuture<'a, Result<(), StoreError>> {
            (**self).insert(schema, activity)
        }
    }
}
