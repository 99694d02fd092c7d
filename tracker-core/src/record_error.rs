//! The error of an activity that was not recorded: [`RecordError`].

use std::time::Duration;

use thiserror::Error;

use crate::StoreError;

/// The reason that an activity was not recorded.
///
/// [`try_record_in`](crate::Tracker::try_record_in) and
/// [`try_record_durable`](crate::Tracker::try_record_durable) return it. A function with
/// `#[tracked(client = …, required)]` converts it to its own error by `From<RecordError>`:
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
    /// No tracker is installed, or the attribute's `tracker = …` panicked.
    #[error(
        "no tracker is installed: build one when the program starts and call `install()`; in a test, run this in `testing::capture`"
    )]
    NotInstalled,
    /// The caller's client refused the row, or could not reach its server. Nothing was written.
    #[error("the activity {action_id} could not be written on the caller's client")]
    Client {
        /// The activity's ID.
        action_id: String,
        /// The error of the client.
        source: StoreError,
    },
    /// The caller's client panicked. It is unknown what it wrote before.
    #[error("the caller's client panicked while it wrote the activity {action_id}: {panic}")]
    ClientPanicked {
        /// The activity's ID.
        action_id: String,
        /// The message of the panic.
        panic: String,
    },
    /// The queue had no room for the activity, even after
    /// [`full_queue_wait`](crate::TrackerBuilder::full_queue_wait). The activity is lost.
    #[error(
        "the activity is lost: the queue is full; the store is slower than activities come, or can't be reached"
    )]
    QueueFull,
    /// The tracker has been shut down. The activity is lost.
    #[error("the activity is lost: the tracker has been shut down; record before `shutdown`")]
    ShutDown,
    /// Neither the journal nor the store accepted the activity. It is lost, and the log has the
    /// reason.
    #[error("the activity is lost: neither the journal nor the store took it, as the log says")]
    Lost,
    /// The activity was not durable within [`durable_wait`](crate::TrackerBuilder::durable_wait).
    /// It is not lost: it stays in the queue until the journal or the store accepts it.
    #[error(
        "the activity was not durable within {limit:?}: it is in the queue, until the journal or the store takes it"
    )]
    NotDurableYet {
        /// The limit of the wait.
        limit: Duration,
    },
}
