//! Bringing a batch to the store, whatever that takes: [`Delivery`].
//!
//! A batch ends in the store, or its rows are found to be what the store will never take, or [does
//! not take yet](super::deferral). Everything else is waited for: a store that can't be reached is
//! not sent the batch again and again, but asked now and then whether it can take rows.
//!
//! [`batch`] brings a batch to its end by [`attempt`]s, whose errors are laid to somebody by
//! [`blame`]. [`alone`] is about a row that fails by itself, and [`deferred`] tries such rows again
//! beside all others. [`outage`] is told in the log.

mod alone;
mod attempt;
mod batch;
mod blame;
mod deferred;
mod fate;
mod outage;

#[cfg(feature = "journal")]
pub(super) use self::attempt::Standing;
#[cfg(any(feature = "journal", feature = "nats"))]
pub(crate) use self::fate::reason;
pub(crate) use self::{attempt::Delivery, fate::Fate};

/// The number of batches that are on their way at the same time: while the store makes one durable,
/// it can work on the other.
pub(super) const BATCHES_AT_ONCE: usize = 2;
