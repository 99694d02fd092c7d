//! Recording, in each way that there is, all by [`Tracker::bring`].

use futures_util::FutureExt;

use super::{
    destination::{Destination, Durable, Queued},
    handle::Tracker,
    on_client::{Refusal, on_client},
};
use crate::{Activity, Client, Context, RecordError, draft::Draft, pipeline::record::Record};

impl Tracker {
    /// Records an activity: puts it into the queue for the writer and returns.
    ///
    /// It never panics, and works on any thread, inside a runtime or not. It never waits, unless
    /// [the builder](crate::TrackerBuilder::full_queue_wait) says so. If the queue is full or the
    /// tracker is shut down, the activity is dropped and counted.
    ///
    /// The current [`Context`](crate::Context) supplies the user, request, project and environment
    /// that the activity lacks. The tracker's default is the last source of the environment. Values
    /// that do not fit a row are repaired as [limits](crate::limits) says.
    pub fn record(&self, activity: Activity) {
        self.bring(Box::new(activity), Queued);
    }

    /// Records an activity as [`record`](Self::record) does, at the time of the call. The returned
    /// future waits until the activity is as durable as [the
    /// builder](crate::TrackerBuilder::durability) says: in the [journal](crate::journal), or in
    /// the store.
    ///
    /// Without a journal there is nothing to wait for. With one, the future waits for the disk,
    /// which takes milliseconds. While neither journal nor store can be written, it waits for one
    /// of them, but no longer than the builder's
    /// [`durable_wait`](crate::TrackerBuilder::durable_wait). After that the activity is delivered
    /// like one that was [recorded](Self::record), which is logged. If the activity is lost, for
    /// instance because the queue is full, that is logged and counted, and the future ends.
    ///
    /// If [the builder](crate::TrackerBuilder::full_queue_wait) has recording wait for room in the
    /// queue, this future waits without blocking the thread, on any executor. Dropping it meanwhile
    /// loses the activity, which is counted.
    #[must_use = "the activity is recorded, but nothing waits for its durability"]
    pub fn record_durable(&self, activity: Activity) -> impl Future<Output = ()> + Send + use<> {
        // A failure has been logged.
        self.try_record_durable(activity).map(|_| ())
    }

    /// Records an activity as [`record_durable`](Self::record_durable) does, and returns an error
    /// if it is not durable.
    ///
    /// Without a journal there is nothing to wait for. The result then says if the queue has taken
    /// the activity.
    ///
    /// # Errors
    ///
    /// Returns [`RecordError::QueueFull`], [`RecordError::ShutDown`] or [`RecordError::Lost`] if
    /// the activity is lost, which is logged and counted as well. Returns
    /// [`RecordError::NotDurableYet`] if it is still on its way.
    #[must_use = "the activity is recorded, but nothing waits for its durability"]
    pub fn try_record_durable(
        &self,
        activity: Activity,
    ) -> impl Future<Output = Result<(), RecordError>> + Send + use<> {
        self.bring(Box::new(activity), Durable)
    }

    /// Records an activity on a connection or in a transaction of the caller's. The activity is
    /// committed or rolled back together with the work that it describes.
    ///
    /// In a Postgres transaction the row is inserted inside a savepoint. A failure leaves the
    /// transaction as it was, and is logged and counted. The table is the one in the schema of this
    /// tracker's store. The activity is completed as by [`record`](Self::record), at the time of
    /// the call.
    ///
    /// The future waits for the caller's client and sets no time limit: the connection's own limits
    /// hold. Run nothing else in the same transaction until it is done.
    pub fn record_in<'a>(
        &self,
        client: impl Client + 'a,
        activity: Activity,
    ) -> impl Future<Output = ()> + Send + 'a {
        // A failure has been logged.
        let client = on_client(client, Refusal::Lose);
        self.bring(Box::new(activity), client).map(|_| ())
    }

    /// Records an activity as [`record_in`](Self::record_in) does, and returns an error if it was
    /// not written. The caller can then roll back: no order without its activity.
    ///
    /// ```
    /// # use tracker_core::{ActionType, Activity, RecordError, Tracker};
    /// # use tracker_core::store::postgres::tokio_postgres::Transaction;
    /// # type Placed = Result<(), Box<dyn std::error::Error>>;
    /// # async fn place(tracker: &Tracker, tx: Transaction<'_>) -> Placed {
    /// tx.execute("INSERT INTO orders DEFAULT VALUES", &[]).await?;
    /// tracker.try_record_in(&tx, Activity::new(ActionType::Deployment)).await?;
    /// tx.commit().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns [`RecordError::Client`] or [`RecordError::ClientPanicked`]. Nothing is written then,
    /// and the transaction can be used and committed. The error is neither counted nor logged,
    /// because nothing is lost. Log it with its sources, because nobody else does.
    pub fn try_record_in<'a>(
        &self,
        client: impl Client + 'a,
        activity: Activity,
    ) -> impl Future<Output = Result<(), RecordError>> + Send + 'a {
        let client = on_client(client, Refusal::Return);
        self.bring(Box::new(activity), client)
    }

    /// Completes an activity and brings it to its destination.
    pub(crate) fn bring<'a, D: Destination<'a>>(
        &self,
        mut activity: Box<Activity>,
        destination: D,
    ) -> D::Recorded {
        Context::with_current(|context| {
            if let Some(context) = context {
                activity.fill(context);
            }
        });
        #[cfg(feature = "opentelemetry")]
        activity.fill_trace_id();
        if activity.environment.is_none() {
            activity.environment.clone_from(&self.inner.environment);
        }
        activity.repair();
        destination.take(self, Record::Activity(activity))
    }

    /// Brings what a tracked function has gathered to its destination. It is completed where it is
    /// copied.
    #[inline]
    pub(crate) fn bring_draft<'a, D: Destination<'a>>(
        &self,
        draft: &mut Draft<'_>,
        destination: D,
    ) -> D::Recorded {
        #[cfg(feature = "opentelemetry")]
        draft.fill_trace_id();
        let (draft, environment) = (&*draft, self.inner.environment.as_deref());
        destination.take(self, Record::Draft { draft, environment })
    }
}
