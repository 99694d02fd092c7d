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
/// A clone is a handle to the same tracker. One is usually [installed](Self::install) for the whole
/// process when it starts, and [shut down](Self::shutdown) before it ends:
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
/// An activity is lost where the queue is full, the tracker is shut down or its shutdown comes to
/// its deadline, and where the store or the caller's client does not take it and there is no
/// journal, or no room in it. Beside the warnings, each is an event of the target
/// `tracker_core::lost` and the level `ERROR`, from which it can be written again:
///
/// | field | what it says |
/// | --- | --- |
/// | `activity` | the row as JSON, as `tracker export` writes and `tracker import` reads it; without its details if [the builder](crate::TrackerBuilder::log_details) says so |
/// | `reason` | why it is lost |
/// | `left_out` | how many activities were lost before it without a line of their own, if any |
///
/// A tracker writes at most 100 such lines within a second. So where lines of JSON are logged, as
/// by the JSON format of `tracing-subscriber`, and with the tools `jq` and `tracker`:
///
/// ```sh
/// jq -r 'select(.target == "tracker_core::lost").fields.activity' worker.log | tracker import -
/// ```
///
/// An activity that was on its way to the store at the deadline may be there in spite of its line;
/// importing it changes nothing then. There is no line for what
/// [`try_record_in`](Self::try_record_in) fails to write, since its caller is told, nor for what
/// could not be read in a damaged journal.
///
/// # The end
///
/// When the last handle is dropped, or what [`install`](Self::install) returned, the tracker shuts
/// down, and the thread that drops it waits, no longer than the builder's
/// [`drop_deadline`](crate::TrackerBuilder::drop_deadline).
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

    /// Waits until all that was recorded before is in the store, or lost and counted.
    ///
    /// That takes as long as the store can't be reached.
    pub async fn flush(&self) {
        self.inner.queue.all_passed().await;
        self.inner.progress.all_drained().await;
    }

    /// Takes no more activities, and waits until those that are queued, and those in the
    /// [journal](crate::journal), are in the store, but no longer than `deadline`. What is queued
    /// then goes into the journal, which takes some milliseconds more, and what is in the journal
    /// stays there for the next process, so that a second is enough with one. What finds no room
    /// there, or no journal, is lost and counted.
    ///
    /// It works from any executor, any number of times, and at the same time from several tasks, in
    /// which case the earliest deadline holds. Returns the final [`Stats`].
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

    /// The store that activities are brought to, to read them back from.
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
