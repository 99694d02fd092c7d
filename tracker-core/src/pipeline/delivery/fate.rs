//! The end of a part of a batch: [`Fate`].

#[cfg(any(feature = "journal", feature = "nats"))]
use crate::{error_chain::ErrorChain, panics::quietly};
use crate::{pipeline::deferral::Deferral, store::StoreError};

/// The end of a part of a batch.
pub(crate) enum Fate<'a> {
    Stored,
    /// The store will never take it.
    Undeliverable(&'a StoreError),
    /// One row, which the store does not take yet: it is to be delivered [beside
    /// others](super::Delivery::deliver_deferred).
    Deferred(Deferral),
}

/// Why the store will never take something, in words, as dead letters keep it.
#[cfg(any(feature = "journal", feature = "nats"))]
pub(crate) fn reason(error: &StoreError) -> String {
    let mut reason = "the store refused it".to_owned();
    // An error of the user's own making may panic when it is told.
    quietly(|| reason = ErrorChain(error).to_string());
    reason
}
