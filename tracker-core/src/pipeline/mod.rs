//! From the caller's thread to the store.
//!
//! ```text
//! Tracker::bring ─► queue ─► direct ─────────────────────────────► delivery ─► Store
//!   any thread     bounded   journaled: append ─► journal ─► drain ─►
//!                            a thread with a small runtime of its own
//! ```
//!
//! A [`record`] is pushed into the [`queue`], the only place where callers and the thread meet: a
//! list of [open batches](open_batch), and the account of where every activity is, under one short
//! lock. Whoever records waits only where it is asked for: for room in the queue ([`room_wait`]),
//! or until its activity is durable ([`durable_wait`]). The thread, [`writer`], takes the batches
//! [`direct`]ly to the store or through the journal ([`journaled`]). [`delivery`] brings a batch to
//! the store with whatever attempts that takes. A row that the store does not take yet is
//! [deferred](deferral): delivered beside all others, which do not wait for it. [`frontier`] tells
//! up to where all are done nevertheless. Wherever an activity is lost, [`lost_log`] says what it
//! was.
//!
//! # The life of a tracker
//!
//! ```text
//!              shutdown(deadline), drop                  deadline, or a panic of the thread
//!  ┌──────┐   of the last handle       ┌────────┐   and something is left   ┌───────────┐
//!  │ open │ ─────────────────────────► │ closed │ ────────────────────────► │ abandoned │
//!  └──────┘                            └────────┘                           └───────────┘
//!   takes                               takes no more, writes                 what is left is
//!   activities                          what is queued and journaled          counted as lost
//!                                            │ all is in the store                 │
//!                                            └───────────► the thread ends ◄───────┘
//! ```
//!
//! | who waits | for whom | how long |
//! | --- | --- | --- |
//! | `record` where the queue is full | room | `full_queue_wait`, 0 unless set, then the activity is lost |
//! | `record_durable`, `durable` | the journal or the store | `durable_wait`, then the activity goes on alone |
//! | `flush` | all that was recorded before | however long |
//! | `build` | the opening of the journal | `OPENING_MAX`, then without it |
//! | `shutdown` | the end of the thread | its deadline; longer by `GRACE` again and again while the queue gets shorter, `KEEPING_MAX` at most |
//! | the last drop | the end of the thread | `drop_deadline`, and the same grace |
//! | the thread | the store | until the deadline: then what is in memory goes into the journal, or is lost |
//! | a write | an answer of the store | `write_timeout`, then the attempt has failed |
//!
//! The earliest deadline holds. The writer's thread never waits for itself: where it drops the last
//! handle, the queue closes and the thread goes on until it is empty. What the thread still brings
//! to the store after it was abandoned is not lost any more.
//!
//! # What becomes of a failure
//!
//! | the store says | [blamed](delivery) is | what is done |
//! | --- | --- | --- |
//! | `Refused` | a row | fewer rows at a time, until it is found; then it is a dead letter, or lost |
//! | `MissingReference` | a row, perhaps not for ever | the same; then it is deferred, for `missing_reference_wait` |
//! | `Timeout`, `Busy`, `Broken`, `Denied`, `NotMigrated`, `Shape` | circumstances | the store is asked until it answers; after `retries` fewer rows at a time; one that fails alone is deferred |
//! | `Failed` | unknown | the store is asked until it answers; after `retries` the rows are to blame, as if refused |
//! | `Full`, `Unsupported`, `SharedSession` | nobody: it would be the same with any row | the idempotent write once; then the batch is lost, or dead letters |
//! | all others, such as `Unreachable` | the store | it is asked, however long; no row is lost |
//!
//! A batch is written by the idempotent insert from its second attempt on. A store that panics has
//! `Failed`.

pub(crate) mod abandon;
pub(crate) mod deferral;
pub(crate) mod delivery;
pub(crate) mod direct;
pub(crate) mod durable_wait;
mod frontier;
pub(crate) mod journaled;
pub(crate) mod log_throttle;
pub(crate) mod lost_log;
#[cfg(feature = "metrics")]
pub(crate) mod metrics;
pub(crate) mod open_batch;
pub(crate) mod push_outcome;
pub(crate) mod queue;
pub(crate) mod record;
pub(crate) mod retry;
pub(crate) mod room_wait;
pub(crate) mod writer;
