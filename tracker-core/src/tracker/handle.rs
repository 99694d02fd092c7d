//! The handle of a tracker, and its end: [`Tracker`].

use std::{
    panic::{RefUnwindSafe, UnwindSafe},
    sync::Arc,
    thread,
    time::Duration,
};

use tokio::time::Instant;

use super::by_clients::ByClients;
use crate::{
    Stats,
    panics::quietly,
    pipeline::{
        abandon::abandon, durable_wait::DurableWait, journaled::progress::Progress, queue::Queue,
        writer::Writer,
    },
    store::Store,
};

/// Takes activities and brings them to a [`Store`], on a thread of its own.
///
/// A clone is a handle to the same tracker. A tracker is usually [installed](Self::install) for the
/// whole process when it starts, and [shut down](Self::shutdown) before it ends:
///
/// ```
/// use std::time::Duration;
/// use tracker_core::{ActionType, Activity, MemoryStore, Tracker};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let tracker = Tracker::builder()
///     .store(MemoryStore::new())
///     .environment("production")
///     .build()?
///     .install()?;
///
/// tracker.record(Activity::new(ActionType::Deployment).project_id("project_7"));
///
/// let stats = tracker.shutdown(Duration::from_secs(5)).await;
/// assert_eq!(stats.stored, 1);
/// # Ok(())
/// # }
/// ```
///
/// Nothing that goes wrong with tracking reaches the caller. It is logged through `tracing` and
/// counted in [`stats`](Self::stats).
///
/// # Lost activities
///
/// An activity is lost in these cases:
///
/// - The queue is full.
/// - The tracker is shut down, or the deadline of its shutdown is over.
/// - The store or the caller's client refuses the activity, and there is no journal or no room in
///   it.
///
/// Each lost activity is an event of the target `tracker_core::lost` and the level `ERROR`, in
/// addition to the warnings. The row can be written again from it:
///
/// | field | content |
/// | --- | --- |
/// | `activity` | the row as JSON, as `tracker export` writes and `tracker import` reads it |
/// | `reason` | the reason of the loss |
/// | `left_out` | the number of activities lost before it without a line of their own, if any |
///
/// The row is without its details if [the builder](crate::TrackerBuilder::log_details) says so. A
/// tracker writes at most 100 such lines a second. If the log has lines of JSON, such as those of
/// `tracing-subscriber`'s JSON format, the tools `jq` and `tracker` write the rows again:
///
/// ```sh
/// jq -r 'select(.target == "tracker_core::lost").fields.activity' worker.log | tracker import -
/// ```
///
/// An activity that was on its way to the store at the deadline may be stored in spite of its line.
/// To import it then changes nothing. There is no line if [`try_record_in`](Self::try_record_in)
/// fails, because its caller gets the error. There is none either for activities that a damaged
/// journal no longer has.
///
/// # The end
///
/// The drop of the last handle shuts the tracker down, and so does the drop of the result of
/// [`install`](Self::install). The dropping thread waits for the end, for no longer than the
/// builder's [`drop_deadline`](crate::TrackerBuilder::drop_deadline).
#[derive(Clone, Debug)]
pub struct Tracker {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) queue: Arc<Queue>,
    pub(super) progress: Arc<Progress>,
    pub(super) writer: Writer,
    /// `None` where nothing comes between the queue and an activity's durability.
    pub(super) durable_wait: Option<Arc<DurableWait>>,
    pub(super) store: Arc<dyn Store>,
    pub(super) environment: Option<String>,
    pub(super) drop_deadline: Duration,
    /// The activities that clients of the caller's have taken, where a test captures them.
    pub(super) by_clients: Option<ByClients>,
}

// Whatever panics while it records is caught, and leaves nothing half-done.
impl UnwindSafe for Inner {}
impl RefUnwindSafe for Inner {}

impl Tracker {
    /// The schema in which clients are recorded on.
    pub(crate) fn schema(&self) -> &str {
        let inner = &self.inner;
        let captured = inner.by_clients.as_ref();
        captured.map_or_else(|| inner.store.schema(), ByClients::schema)
    }

    /// Waits until every activity that was recorded before is in the store, is a dead letter, or is
    /// lost and counted.
    ///
    /// There is no time limit: the wait lasts as long as the store can't be reached. Dropping the
    /// future ends the wait and changes nothing else.
    pub async fn flush(&self) {
        self.inner.queue.all_passed().await;
        self.inner.progress.all_drained().await;
    }

    /// Takes no more activities. Waits until those in the queue and in the
    /// [journal](crate::journal) are in the store, but no longer than `deadline`. Returns the final
    /// [`Stats`].
    ///
    /// At the deadline, queued activities go into the journal, which takes some milliseconds more.
    /// Activities in the journal stay there for the next process. So a deadline of one second is
    /// enough with a journal. Activities are lost and counted if there is no journal, or no room in
    /// it.
    ///
    /// The call works from any executor, any number of times. If several tasks call it at the same
    /// time, the earliest deadline holds.
    pub async fn shutdown(&self, deadline: Duration) -> Stats {
        self.inner.shut_down_within(deadline);
        self.inner.ended_within(deadline).await;
        self.stats()
    }

    /// Returns where every activity is at this instant.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.inner.queue.stats()
    }

    /// Returns the store of this tracker, for instance to read activities back.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.inner.store
    }
}

impl Inner {
    fn shut_down_within(&self, deadline: Duration) {
        self.queue.close();
        // A deadline that the clock can't express is none.
        if let Some(at) = Instant::now().checked_add(deadline) {
            self.writer.give_up_at(at);
        }
    }
}

impl Inner {
    /// Waits until the writer has ended. Where it does not end at the deadline, since its store
    /// blocks the thread, what is queued is given up without it.
    async fn ended_within(self: &Arc<Self>, deadline: Duration) {
        let inner = Arc::clone(self);
        // There may be no runtime, and so no timer, where this is awaited.
        let timer = thread::Builder::new().name("tracker-shutdown".to_owned());
        let started = timer.spawn(move || {
            if !inner.writer.wait_ended_or_stuck(deadline, &inner.queue) {
                abandon(&inner.queue);
                inner.progress.end();
                inner.writer.abandoned();
            }
        });
        if let Err(error) = started {
            quietly(|| tracing::warn!(%error, "the deadline of a shutdown can't be watched"));
        }
        self.writer.ended().await;
    }

    pub(super) fn shut_down_and_wait(&self) {
        if self.writer.is_current_thread() {
            // It can't wait for itself, and goes on by itself when this has returned.
            self.queue.close();
            return;
        }
        self.shut_down_within(self.drop_deadline);
        self.writer
            .wait_ended_or_stuck(self.drop_deadline, &self.queue);
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shut_down_and_wait();
    }
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tracker")
            .field("store", &self.store.describe())
            .field("environment", &self.environment)
            .field("stats", &self.queue.stats())
            .finish_non_exhaustive()
    }
}
