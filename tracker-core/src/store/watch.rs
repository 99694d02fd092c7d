//! News of a store: [`Watch`].

use super::{BoxFuture, StoreError};

/// Waits until something may have come into a store; made by [`Store::watch`](super::Store::watch).
pub trait Watch: Send {
    /// Waits until something may have come since the last call. What comes between two calls is news for the next one.
    ///
    /// Where it is known, the answer is the earliest `created_at` of what came, in milliseconds since the Unix epoch. News can be missing: who must
    /// miss nothing also looks now and then.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`], after which it is of no more use.
    fn changed(&mut self) -> BoxFuture<'_, Result<Option<i64>, StoreError>>;
}
