//! The handle through which activities are recorded: [`Tracker`].

mod builder;
mod current;

use std::{panic::AssertUnwindSafe, sync::Arc, thread, time::Duration};

use futures_util::FutureExt;

use tokio::time::Instant;

pub(crate) use self::current::{
    InTrackerScope, TrackerScope, is_recording, may_record, with_current,
};
pub use self::{
    builder::{BuildError, TrackerBuilder},
    current::{AlreadyInstalled, Installed},
};
use crate::{
    Activity, Client, Context, Stats,
    draft::Draft,
    error_chain::ErrorChain,
    pipeline::{
        durable::DurableWait,
        pushed::Pushed,
        queue::Queue,
        recorded::activity_of,
        shipment::Shipment,
        unplaced::Unplaced,
        writer::{self, Writer},
    },
    private::capture,
    quietly::{panic_message, quietly},
    store::{BoxFuture, Store},
};

/// Takes activities and brings them to a [`Store`], on a thread of its own.
///
/// A clone is a handle to the same tracker. One is usually [installed](Self::install) for the whole process
/// when it starts, and [shut down](Self::shutdown) before it ends:
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
/// Nothing that goes wrong with tracking reaches the caller. It is logged through `tracing` and counted
/// in [`stats`](Self::stats).
///
/// When the last handle is dropped, or what [`install`](Self::install) returned, the tracker shuts down, and the
/// thread that drops it waits, no longer than the builder's [`drop_deadline`](TrackerBuilder::drop_deadline).
#[derive(Clone, Debug)]
pub struct Tracker {
    inner: Arc<Inner>,
}

struct Inner {
    queue: Arc<Queue>,
    shipment: Arc<Shipment>,
    writer: Writer,
    /// Where there is anything to wait for between the queue and an activity's durability.
    durable_wait: Option<Arc<DurableWait>>,
    store: Arc<dyn Store>,
    environment: Option<String>,
    drop_deadline: Duration,
}

impl Tracker {
    /// Starts building a tracker.
    pub fn builder() -> TrackerBuilder {
        TrackerBuilder::new()
    }

    /// Records an activity: puts it into the queue for the writer and returns.
    ///
    /// It never waits, unless [the builder](TrackerBuilder::full_queue_wait) was told to, never panics, and works on any thread, inside a runtime or not. User,
    /// request, project and environment that the activity does not name are taken from the current
    /// [`Context`], the environment in the end from the tracker's default. Values that do not fit
    /// a row are repaired as [limits](crate::limits) says. If the queue is full or the tracker shut
    /// down, the activity is dropped and counted.
    pub fn record(&self, activity: Activity) {
        self.inner
            .queue
            .push(Box::new(self.complete(activity)))
            .report();
    }

    /// Records an activity as [`record`](Self::record) does, when this is called, and returns a future that waits until
    /// it has the durability that [the builder](TrackerBuilder::durability) sets: until it is in the [journal](crate::journal), or in the store.
    ///
    /// Without a journal there is nothing to wait for. If the activity is lost, the queue being full for instance, that
    /// is logged and counted, and the future ends. It waits for the disk, which takes milliseconds; while neither journal nor store can be
    /// written, it waits for one of them, but no longer than the builder's [`durable_wait`](TrackerBuilder::durable_wait). The
    /// activity then goes on its way as one that was [recorded](Self::record), which is logged.
    ///
    /// Where [the builder](TrackerBuilder::full_queue_wait) has recording wait for room in the queue, this waits for it without blocking the
    /// thread, on any executor. Dropping the future meanwhile loses the activity, which is counted.
    #[must_use = "the activity is recorded, but nothing waits for its durability"]
    pub fn record_durable(&self, activity: Activity) -> impl Future<Output = ()> + Send + use<> {
        let queue = &self.inner.queue;
        let pushed = queue.push_unless_full(Box::new(self.complete(activity)));
        self.durable(pushed.map_err(|activity| Unplaced::new(queue, activity)))
    }

    /// [`record_durable`](Self::record_durable) for what a tracked function has gathered.
    pub(crate) fn record_draft_durable(&self, draft: &mut Draft) -> BoxFuture<'static, ()> {
        self.complete_draft(draft);
        let queue = &self.inner.queue;
        let pushed = queue.push_draft_unless_full(draft);
        let pushed = pushed.map_err(|draft| Unplaced::new(queue, Box::new(activity_of(draft))));
        Box::pin(self.durable(pushed))
    }

    fn durable(&self, pushed: Result<Pushed, Unplaced>) -> impl Future<Output = ()> + Send + use<> {
        if let Ok(pushed) = pushed {
            pushed.report();
        }
        let inner = &self.inner;
        let wait = inner.durable_wait.clone();
        let waited_for = wait.map(|wait| (wait, Arc::clone(&inner.queue)));
        async move {
            let pushed = match pushed {
                Ok(pushed) => pushed,
                Err(unplaced) => {
                    let pushed = unplaced.placed().await;
                    pushed.report();
                    pushed
                }
            };
            if let (Pushed::Accepted { nth }, Some((wait, queue))) = (pushed, waited_for) {
                wait.wait(&queue, nth).await;
            }
        }
    }

    /// [`record`](Self::record) for what a tracked function has gathered.
    pub(crate) fn record_draft(&self, draft: &mut Draft) {
        self.complete_draft(draft);
        self.inner.queue.push_draft(draft).report();
    }

    /// Records an activity on a connection or in a transaction of the caller's, so that it is
    /// committed or rolled back together with what it tells of.
    ///
    /// In a Postgres transaction the row is inserted inside a savepoint: a failure leaves the transaction as
    /// it was, and is logged and counted. The table is looked for in the schema of this tracker's
    /// store. The activity is completed as by [`record`](Self::record), when this is called.
    ///
    /// This waits for the caller's client, and sets no time-out: that connection's own limits hold.
    /// Run nothing else in the same transaction until it is done.
    pub fn record_in<'a>(&self, client: &'a dyn Client, activity: Activity) -> BoxFuture<'a, ()> {
        self.insert(client, self.complete(activity))
    }

    /// [`record_in`](Self::record_in) for what a tracked function has gathered.
    pub(crate) fn record_draft_in<'a>(
        &self,
        client: &'a dyn Client,
        draft: &mut Draft,
    ) -> BoxFuture<'a, ()> {
        self.complete_draft(draft);
        self.insert(client, activity_of(draft))
    }

    fn insert<'a>(&self, client: &'a dyn Client, activity: Activity) -> BoxFuture<'a, ()> {
        let action_id = activity.action_id.clone();
        let action_type = activity.action_type.clone();
        let schema = self.inner.store.schema();
        // A client of the caller's own making may panic, now or when it is polled.
        let insertion = capture(|| Some(client.insert(schema, activity)));
        let mut uncounted = OnClient(Some(Arc::clone(&self.inner.queue)));
        Box::pin(async move {
            let Some(insertion) = insertion else {
                return uncounted.count(false);
            };
            let result = AssertUnwindSafe(insertion).catch_unwind().await;
            let error = match result {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(ErrorChain(&error).to_string()),
                Err(panic) => Some(format!("the client panicked: {}", panic_message(panic))),
            };
            uncounted.count(error.is_none());
            if let Some(error) = error {
                quietly(|| {
                    tracing::error!(
                        error,
                        action_id,
                        action_type = action_type.as_deref(),
                        "an activity is lost: it could not be written on the caller's client"
                    );
                });
            }
        })
    }

    /// Adds what the activity does not name, and repairs what does not fit.
    fn complete(&self, mut activity: Activity) -> Activity {
        Context::with_current(|context| activity.fill(context));
        if activity.environment.is_none() {
            activity.environment.clone_from(&self.inner.environment);
        }
        activity.repair();
        activity
    }

    /// As [`complete`](Self::complete); the writer repairs what does not fit.
    fn complete_draft(&self, draft: &mut Draft) {
        Context::with_current(|context| draft.fill(context));
        if let Some(environment) = &self.inner.environment {
            draft.fill_environment(environment);
        }
    }

    /// Waits until all that was recorded before is in the store, or lost and counted.
    ///
    /// That takes as long as the store can't be reached.
    pub async fn flush(&self) {
        self.inner.queue.all_passed().await;
        self.inner.shipment.all_shipped().await;
    }

    /// Takes no more activities, and waits until those that are queued, and those in the [journal](crate::journal), are in the store, but no
    /// longer than `deadline`. What is queued then goes into the journal, which takes some milliseconds more, and what is in the journal stays
    /// there for the next process, so that a second is enough with one. What finds no room there, or no journal, is lost and counted.
    ///
    /// It works from any executor, any number of times, and at the same time from several tasks, in
    /// which case the earliest deadline holds. Returns the final [`Stats`].
    pub async fn shutdown(&self, deadline: Duration) -> Stats {
        self.inner.shut_down_within(deadline);
        self.inner.ended_within(deadline).await;
        self.stats()
    }

    /// Where every activity is at this instant.
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
    /// Waits until the writer has ended. Where it does not end at the deadline, since its store blocks the thread, what is queued
    /// is given up without it.
    async fn ended_within(self: &Arc<Self>, deadline: Duration) {
        let inner = Arc::clone(self);
        // There may be no runtime, and so no timer, where this is awaited.
        let timer = thread::Builder::new().name("tracker-shutdown".to_owned());
        let started = timer.spawn(move || {
            if !inner.writer.wait_ended_or_stuck(deadline, &inner.queue) {
                writer::abandon(&inner.queue);
                inner.shipment.end();
                inner.writer.abandoned();
            }
        });
        if let Err(error) = started {
            quietly(|| tracing::warn!(%error, "the deadline of a shutdown can't be watched"));
        }
        self.writer.ended().await;
    }

    fn shut_down_and_wait(&self) {
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

/// Counts an activity on the caller's client exactly once, as failed if its future is dropped.
struct OnClient(Option<Arc<Queue>>);

impl OnClient {
    fn count(&mut self, stored: bool) {
        if let Some(queue) = self.0.take() {
            queue.count_on_client(stored);
        }
    }
}

impl Drop for OnClient {
    fn drop(&mut self) {
        self.count(false);
    }
}
