//! Why an activity was not recorded, for whoever has to know: [`RecordError`].

use std::time::Duration;

use thiserror::Error;

use crate::StoreError;

/// Why an activity was not recorded.
///
/// It is what [`try_record_in`](crate::Tracker::try_record_in) and
/// [`try_record_durable`](crate::Tracker::try_record_durable) return, and what `#[tracked(client = …, required)]` makes
/// the function's own error of, by `From<RecordError>`:
///
/// ```
/// use tracker_core::RecordError;
///
/// #[derive(Debug, thiserror::Error)]
/// enum OrderError {
///     #[error("the order is not placed: its activity can't be recorded")]
///     Untracked(#[from] RecordError),
/// }
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecordError {
    /// There is no tracker to record with, or the attribute's `tracker = …` panicked.
    #[error(
        "no tracker is installed: build one when the program starts and call `install()`; in a test, run this in `testing::capture`"
    )]
    NotInstalled,
    /// The caller's client refused the row, or could not reach its server. Nothing was written.
    #[error("the activity {action_id} could not be written on the caller's client")]
    Client {
        /// The ID under which it would have been recorded.
        action_id: String,
        /// What the client met.
        source: StoreError,
    },
    /// The caller's client panicked. What it wrote before is unknown.
    #[error("the caller's client panicked while it wrote the activity {action_id}: {panic}")]
    ClientPanicked {
        /// The ID under which it would have been recorded.
        action_id: String,
        /// What the panic said.
        panic: String,
    },
    /// The queue had no room for the activity, also after
    /// [`full_queue_wait`](crate::TrackerBuilder::full_queue_wait). It is lost.
    #[error(
        "the activity is lost: the queue is full; the store is slower than activities come, or can't be reached"
    )]
    QueueFull,
    /// The tracker had been shut down. The activity is lost.
    #[error("the activity is lost: the tracker has been shut down; record before `shutdown`")]
    ShutDown,
    /// Neither the journal nor the store took the activity. It is lost, and the log says why.
    #[error("the activity is lost: neither the journal nor the store took it, as the log says")]
    Lost,
    /// The [`durable_wait`](crate::TrackerBuilder::durable_wait) is over. The activity is not lost: it is in the queue,
    /// until the journal or the store takes it.
    #[error(
        "the activity was not durable within {limit:?}: it is in the queue, until the journal or the store takes it"
    )]
    NotDurableYet {
        /// How long was waited.
        limit: Duration,
    },
}
