//! News of a store: [`Watch`].

use super::{BoxFuture, StoreError};

/// Waits until something may have come into a store; made by [`Store::watch`](super::Store::watch).
pub trait Watch: Send {
    /// Waits until something may have come since the last call. What comes between two calls is news for the next one.
    ///
    /// The answer is a time, in milliseconds since the Unix epoch, before which nothing of what came was recorded; `None` where there is no
    /// news, but some may have been missed, as after a connection was made. Rows of other programs can come without any: who must miss
    /// nothing also looks now and then.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`], after which it is of no more use.
    fn changed(&mut self) -> BoxFuture<'_, Result<Option<i64>, StoreError>>;

    /// Whether there is news of what is written from now on. Where there is none, as with a server that delivers nothing or a connection that
    /// is not made yet, [`changed`](Self::changed) answers `None` now and then, and each look has to be for rows of any age.
    fn is_listening(&self) -> bool {
        true
    }
}
