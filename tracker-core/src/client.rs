//! Recording on the caller's own connection or transaction: [`Client`].

use crate::{
    Activity,
    store::{BoxFuture, StoreError},
};

/// A connection or a transaction of the caller's, on which an activity can be written.
pub trait Client {
    /// Inserts the activity into the table, found in `schema` where there are schemas.
    fn insert<'a>(
        &'a self,
        schema: &str,
        activity: Activity,
    ) -> BoxFuture<'a, Result<(), StoreError>>;
}
