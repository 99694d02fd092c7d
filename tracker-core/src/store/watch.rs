//! Notifications of arrivals in a store: [`Watch`].

use super::{boxed::BoxFuture, error::StoreError};

/// Waits until rows may have arrived in a store; made by [`Store::watch`](super::Store::watch).
pub trait Watch: Send {
    /// Waits until rows may have arrived since the last call. A row that arrives between two
    /// calls completes the second one.
    ///
    /// Returns a time in milliseconds since the Unix epoch; no row that arrived was recorded before
    /// it. Returns `None` if there is no notification but some may have been missed, for instance
    /// after a reconnect. Rows of other programs can arrive without a notification, so a reader
    /// that must not miss any also has to poll from time to time.
    ///
    /// # Errors
    ///
    /// Returns any [`StoreError`]. The watch can't be used after it.
    fn changed(&mut self) -> BoxFuture<'_, Result<Option<i64>, StoreError>>;

    /// Returns whether writes from now on cause notifications. They do not if the server delivers
    /// none, or while there is no connection yet. Then [`changed`](Self::changed) returns `None`
    /// from time to time, and the caller has to look for rows of any age.
    fn is_listening(&self) -> bool {
        true
    }

    /// Returns whether the store finds rows by their place alone. A reader then looks for rows of
    /// any age from the start, and needs no notification to tell how old they are.
    fn finds_any_age(&self) -> bool {
        false
    }
}
