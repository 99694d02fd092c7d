//! The handle through which activities are recorded: [`Tracker`].
//!
//! A [`builder`] starts a tracker, whose [`handle`] ends it. It is [`current`] where it is
//! installed or in a scope, which tasks [`carry`] along. What it is given to [`record`] goes to a
//! [`destination`], which may be a connection of the caller's ([`on_client`]).

mod builder;
mod current;
mod on_client;

use std::{
    panic::{RefUnwindSafe, UnwindSafe},
    sync::Arc,
    thread,
    time::Duration,
};

use futures_util::FutureExt;

use tokio::time::Instant;

pub(crate) use self::current::{
    InTrackerScope, TrackerScope, is_recording, may_record, with_current,
};
pub(crate) use self::on_client::OnClient;
pub use self::{
    builder::{BuildError, TrackerBuilder},
    current::{AlreadyInstalled, Installed},
    on_client::Refusal,
};
use crate::{
    Activity, Client, Context, RecordError, Stats,
    draft::Draft,
    pipeline::{
        durable::DurableWait,
        pushed::Pushed,
        queue::Queue,
        recorded::activity_of,
        shipment::Shipment,
        unplaced::Unplaced,
        writer::{self, Writer},
    },
    quietly::quietly,
    store::{BoxFuture, Store},
    testing::ByClients,
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
/// # Lost activities
///
/// An activity is lost where the queue is full, the tracker is shut down or its shutdown comes to its deadline, and where the store or
/// the caller's client does not take it and there is no journal, or no room in it. Beside the warnings,
/// each is an event of the target `tracker_core::lost` and the level `ERROR`, from which it can be written again:
///
/// | field | what it says |
/// | --- | --- |
/// | `activity` | the row as JSON, as `tracker export` writes and `tracker import` reads it; without its details if [the builder](TrackerBuilder::log_details) says so |
/// | `reason` | why it is lost |
/// | `left_out` | how many activities were lost before it without a line of their own, if any |
///
/// A tracker writes at most 100 such lines within a second. So where lines of JSON are logged, as by the JSON format of
/// `tracing-subscriber`, and with the tools `jq` and `tracker`:
///
/// ```sh
/// jq -r 'select(.target == "tracker_core::lost").fields.activity' worker.log | tracker import -
/// ```
///
/// An activity that was on its way to the store at the deadline may be there in spite of its line; importing it
/// changes nothing then. There is no line for what [`try_record_in`](Self::try_record_in) fails to write, since its caller is told,
/// nor for what could not be read in a damaged journal.
///
/// # The end
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
    /// What clients of the caller's have taken, where a test captures it.
    by_clients: Option<ByClients>,
}

// Whatever panics while it records is caught, and leaves nothing half-done.
impl UnwindSafe for Inner {}
impl RefUnwindSafe for Inner {}

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
        // What goes wrong has been logged.
        self.try_record_durable(activity).map(|_| ())
    }

    /// Records an activity as [`record_durable`](Self::record_durable) does, and tells when it is not durable.
    ///
    /// Without a journal there is nothing to wait for: then it tells whether the queue has taken the activity.
    ///
    /// # Errors
    ///
    /// [`RecordError::QueueFull`], [`RecordError::ShutDown`] and [`RecordError::Lost`], where the activity is lost, which
    /// is logged and counted as well; [`RecordError::NotDurableYet`], where it is still on its way.
    #[must_use = "the activity is recorded, but nothing waits for its durability"]
    pub fn try_record_durable(
        &self,
        activity: Activity,
    ) -> impl Future<Output = Result<(), RecordError>> + Send + use<> {
        let queue = &self.inner.queue;
        let pushed = queue.push_unless_full(Box::new(self.complete(activity)));
        self.durable(pushed.map_err(|activity| Unplaced::new(queue, activity)))
    }

    /// [`record_durable`](Self::record_durable) for what a tracked function has gathered.
    pub(crate) fn record_draft_durable(&self, draft: &mut Draft) -> BoxFuture<'static, ()> {
        self.complete_draft(draft);
        let queue = &self.inner.queue;
        let pushed = queue.push_unless_full(draft);
        let pushed = pushed.map_err(|draft| Unplaced::new(queue, Box::new(activity_of(draft))));
        Box::pin(self.durable(pushed).map(|_| ()))
    }

    fn durable(
        &self,
        pushed: Result<Pushed, Unplaced>,
    ) -> impl Future<Output = Result<(), RecordError>> + Send + use<> {
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
            match (pushed, waited_for) {
                (Pushed::Accepted { nth }, Some((wait, queue))) => wait.wait(&queue, nth).await,
                (Pushed::Accepted { .. }, None) => Ok(()),
                (Pushed::Full { .. }, _) => Err(RecordError::QueueFull),
                (Pushed::Closed { .. }, _) => Err(RecordError::ShutDown),
            }
        }
    }

    /// [`record`](Self::record) for what a tracked function has gathered.
    pub(crate) fn record_draft(&self, draft: &mut Draft) {
        self.complete_draft(draft);
        self.inner.queue.push(draft).report();
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
    pub fn record_in<'a>(
        &self,
        client: impl Client + 'a,
        activity: Activity,
    ) -> impl Future<Output = ()> + Send + 'a {
        // What goes wrong has been logged.
        self.on_client(activity, Refusal::Lose)
            .insert(client)
            .map(|_| ())
    }

    /// Records an activity as [`record_in`](Self::record_in) does, and tells when it could not be written, so that
    /// the caller can roll back: no order without its activity.
    ///
    /// ```
    /// # use tracker_core::{ActionType, Activity, RecordError, Tracker, store::postgres::tokio_postgres};
    /// # async fn place(tracker: &Tracker, tx: tokio_postgres::Transaction<'_>) -> Result<(), Box<dyn std::error::Error>> {
    /// tx.execute("INSERT INTO orders DEFAULT VALUES", &[]).await?;
    /// tracker.try_record_in(&tx, Activity::new(ActionType::Deployment)).await?;
    /// tx.commit().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`RecordError::Client`] and [`RecordError::ClientPanicked`]. Nothing is written then, and the transaction can be used and committed.
    /// It is neither counted nor logged, as nothing is lost: log the error with its sources, since nobody else does.
    pub fn try_record_in<'a>(
        &self,
        client: impl Client + 'a,
        activity: Activity,
    ) -> impl Future<Output = Result<(), RecordError>> + Send + 'a {
        self.on_client(activity, Refusal::Return).insert(client)
    }

    /// The schema in which clients are recorded on.
    pub(crate) fn schema(&self) -> &str {
        let inner = &self.inner;
        let captured = inner.by_clients.as_ref();
        captured.map_or_else(|| inner.store.schema(), ByClients::schema)
    }

    fn on_client(&self, activity: Activity, refusal: Refusal) -> OnClient {
        OnClient::new(self, self.complete(activity), refusal)
    }

    /// What a tracked function has gathered, on its way to the caller's client.
    pub(crate) fn draft_on_client(&self, draft: &mut Draft, refusal: Refusal) -> OnClient {
        self.complete_draft(draft);
        OnClient::new(self, activity_of(draft), refusal)
    }

    /// Adds what the activity does not name, and repairs what does not fit.
    fn complete(&self, mut activity: Activity) -> Activity {
        Context::with_current(|context| activity.fill(context));
        #[cfg(feature = "opentelemetry")]
        activity.fill_trace_id();
        if activity.environment.is_none() {
            activity.environment.clone_from(&self.inner.environment);
        }
        activity.repair();
        activity
    }

    /// As [`complete`](Self::complete); the writer repairs what does not fit.
    fn complete_draft(&self, draft: &mut Draft) {
        Context::with_current(|context| draft.fill(context));
        #[cfg(feature = "opentelemetry")]
        draft.fill_trace_id();
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
