//! From the caller's thread to the store.
//!
//! ```text
//! Tracker::record ─► queue ─► direct ──────────────────► deliver ─► Store
//!   any thread      bounded   journaled ─► the journal ─►
//!                             a thread with a small runtime of its own
//! ```
//!
//! [`queue`] is the only place where callers and the thread meet: a list of batches being filled, and the account of where every activity is, under
//! one short lock. The thread, [`writer`], takes the batches [`direct`] to the store, or through the journal: `journaled` puts them there, and
//! `shipping` brings them to the store. Either way has two batches on their way at most, which [`deliver`] brings to the store with whatever attempts that takes, and settles them in the account.
//! [`unplaced`] is an activity that waits for room in the queue, [`durable`] the wait for one that is in it. [`progress`] tells those who wait how far the journal has been emptied.
//! A row that the store does not take yet is [deferred](deferral): delivered beside all others, which do not wait for it.
//! Wherever an activity is lost on the way, [`lost_log`] says what it was.

mod alone;
mod blame;
pub(crate) mod deferral;
pub(crate) mod delivery;
pub(crate) mod direct;
pub(crate) mod durable_wait;
mod frontier;
pub(crate) mod journaled;
pub(crate) mod log_throttle;
pub(crate) mod lost_log;
#[cfg(feature = "metrics")]
mod metrics;
mod open_batch;
mod outage;
pub(crate) mod push_outcome;
pub(crate) mod queue;
pub(crate) mod record;
pub(crate) mod retry;
pub(crate) mod room_wait;
pub(crate) mod writer;
