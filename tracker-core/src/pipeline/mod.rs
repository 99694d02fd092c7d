//! From the caller's thread to the store.
//!
//! ```text
//! Tracker::record ─► queue ─► writer ─► Store
//!   any thread      bounded   a thread with a small runtime of its own
//! ```
//!
//! [`queue`] is the only place where callers and the writer meet: a list of batches being filled,
//! and the account of where every activity is, under one short lock. [`writer`] takes the batches one
//! by one, in order, writes each with the attempts that [`retry`] allows, and settles it in the account.

pub(crate) mod deliver;
#[cfg(feature = "sqlite")]
pub(crate) mod journaling;
#[cfg(feature = "metrics")]
mod measures;
pub(crate) mod queue;
pub(crate) mod recorded;
pub(crate) mod retry;
pub(crate) mod shipment;
pub(crate) mod straight;
pub(crate) mod writer;
