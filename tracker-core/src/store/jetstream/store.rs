//! The store that publishes: [`JetStreamStore`].

use std::{fmt, sync::Arc, time::Duration};

use super::{
    NatsOptionsError,
    connection::Connection,
    difference::Difference,
    error::NatsError,
    options::NatsOptions,
    publishing::{PublishLimits, Publishing},
    set_up::{self, Limit, StreamSettings},
};
use crate::{
    Store,
    store::{
        Batch, BoxFuture, OpenError, StoreError, background::Background, contract::unsupported,
    },
    timeline::{Page, Query},
};

const THREAD_NAME: &str = "tracker-nats";

/// A store that publishes activities to a `JetStream` stream.
///
/// [Relays](crate::nats::Relay) move them from the stream to the store where they are read. A clone
/// is a handle to the same connection.
///
/// ```no_run
/// use tracker_core::{JetStreamStore, Tracker};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = JetStreamStore::new("nats://worker:secret@nats-1.example,nats-2.example")?;
/// let _tracker = Tracker::builder().store(store).build()?.install()?;
/// # Ok(())
/// # }
/// ```
///
/// The store has one connection, on a thread of its own. It is made with the first activity, and
/// made again whenever it breaks. A batch is written when the stream has acknowledged each of its
/// activities: with a stream of three replicas, when two of them have it. An activity that is
/// published again after a lost answer has the same `Nats-Msg-Id`, the `action_id`. The stream
/// drops the duplicate within its duplicate window; later, the table does.
///
/// Many activities at once go in a fast batch, which the stream acknowledges with few answers, if
/// its server is 2.14 or newer and [`StreamSettings`] allow it. A batch that may have been written
/// before has to be [marked so](Batch::retry): a server acknowledges a fast batch too early if one
/// of its activities is still on its way from another attempt.
///
/// The store can't read: every method that reads returns [`StoreError::Unsupported`], and so does
/// [`prune`](Store::prune). [`migrate`](Store::migrate) makes missing streams with the default
/// settings. [`StreamSettings`] has the others.
///
/// # Errors of writing
///
/// - [`StoreError::NoRoom`] if the stream is full. The tracker waits as for an unreachable server,
///   because this may end.
/// - [`StoreError::NoStream`] if the stream is missing or sealed, or has no leader. The tracker
///   waits as well.
/// - [`StoreError::NoRoom`] if the server has too many messages pending (`max_buffered_msgs`) and
///   takes none for the answer timeout. Until then they are published again, fewer at once.
/// - [`StoreError::Refused`] if an activity is larger than the server's `max_payload`, which is
///   1 MiB by default, or than the largest message that the stream accepts. Every activity that a
///   tracker records is smaller than 1 MiB.
///
/// # Permissions
///
/// A worker needs to publish to `<subject>.*` and to subscribe to `_INBOX.>`, and nothing else.
#[derive(Clone)]
pub struct JetStreamStore {
    work: Arc<Publishing>,
    background: Arc<Background>,
}

/// A builder of a [`JetStreamStore`].
#[derive(Clone, Debug)]
#[must_use = "it does nothing until it is built"]
pub struct JetStreamStoreBuilder {
    options: NatsOptions,
    limits: PublishLimits,
}

impl JetStreamStoreBuilder {
    /// Sets the timeout of connecting to each server. Default: 5 s.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.limits.connect = limit;
        self
    }

    /// Sets the time that the stream may take to acknowledge an activity. Default: 10 s.
    pub fn answer_timeout(mut self, limit: Duration) -> Self {
        self.limits.answer = limit;
        self
    }

    /// Sets the most activities in flight, that is, published but not acknowledged. Default: 1,024,
    /// at least 1.
    ///
    /// With 1, each activity waits for the one before it. More than the stream acknowledges within
    /// one round trip does not help, and a server with many workers has to buffer them all.
    pub fn unacknowledged_max(mut self, activities: usize) -> Self {
        self.limits.unanswered_max = activities.max(1);
        self
    }

    /// Builds the store. Connects to nothing.
    ///
    /// # Errors
    ///
    /// Returns an [`OpenError`] if no thread can be started.
    pub fn build(self) -> Result<JetStreamStore, OpenError> {
        Ok(JetStreamStore {
            work: Arc::new(Publishing::new(self.options, self.limits)),
            background: Arc::new(Background::start(THREAD_NAME).map_err(OpenError::Thread)?),
        })
    }
}

impl JetStreamStore {
    /// Makes a store for the stream that the URL names, with all defaults. [`NatsOptions`]
    /// documents the URL. Connects to nothing.
    ///
    /// # Errors
    ///
    /// Returns an [`OpenError`] if the URL is malformed or no thread can be started.
    pub fn new(url: &str) -> Result<Self, OpenError> {
        Self::builder(url)?.build()
    }

    /// Returns a builder of a store for the stream that the URL names.
    ///
    /// # Errors
    ///
    /// Returns a [`NatsOptionsError`] if the URL is malformed.
    pub fn builder(url: &str) -> Result<JetStreamStoreBuilder, NatsOptionsError> {
        Ok(JetStreamStoreBuilder {
            options: NatsOptions::parse(url)?,
            limits: PublishLimits {
                connect: Duration::from_secs(5),
                answer: Duration::from_secs(10),
                unanswered_max: 1_024,
            },
        })
    }

    /// Makes the streams and the relays' consumer if they are missing. Returns what was made.
    ///
    /// # Errors
    ///
    /// Returns a [`NatsError`], among them [`Different`](NatsError::Different) if a stream or the
    /// consumer exists with other settings. What was made before the error stays.
    pub async fn set_up(&self, settings: &StreamSettings) -> Result<Vec<String>, NatsError> {
        let settings = settings.clone();
        self.on_thread("setting up", |connection, options| {
            Box::pin(async move { settings.make(connection, options).await })
        })
        .await
    }

    /// Changes the streams and the consumer to these settings, and makes the missing ones. Returns
    /// what was made or changed.
    ///
    /// Settings that [`StreamSettings`] does not cover stay as they are, including those unknown to
    /// this client, unless they break a guarantee of the streams. If no server can change a
    /// differing setting of the consumer, the consumer is made anew, and the stream delivers all
    /// its messages to it.
    ///
    /// # Errors
    ///
    /// Returns a [`NatsError`]. A server refuses some changes of a stream, for example of the
    /// storage or the retention, and refuses to unseal it. What was changed before the error stays.
    pub async fn update(&self, settings: &StreamSettings) -> Result<Vec<String>, NatsError> {
        let settings = settings.clone();
        self.on_thread("updating", |connection, options| {
            Box::pin(async move { settings.update(connection, options).await })
        })
        .await
    }

    /// Returns the differences from these settings; empty if there are none.
    ///
    /// # Errors
    ///
    /// Returns a [`NatsError`] if the server does not return the settings.
    pub async fn differences(
        &self,
        settings: &StreamSettings,
    ) -> Result<Vec<Difference>, NatsError> {
        let settings = settings.clone();
        self.on_thread("looking at the streams", |connection, options| {
            Box::pin(async move { settings.differences(connection, options).await })
        })
        .await
    }

    /// Returns the settings of the streams, with the [default](StreamSettings::default) ones for
    /// what is missing. Start from them to change only some.
    ///
    /// # Errors
    ///
    /// Returns a [`NatsError`] if the server does not return the settings.
    pub async fn settings(&self) -> Result<StreamSettings, NatsError> {
        self.on_thread("looking at the streams", |connection, options| {
            Box::pin(set_up::settings(connection, options))
        })
        .await
    }

    /// Returns whatever delays or limits activities although no setting differs: a paused consumer,
    /// or limits that an operator has set.
    ///
    /// # Errors
    ///
    /// Returns a [`NatsError`] if the server does not return the settings.
    pub async fn stream_limits(&self) -> Result<Vec<Limit>, NatsError> {
        self.on_thread("looking at the streams", |connection, options| {
            Box::pin(set_up::limits(connection, options))
        })
        .await
    }

    async fn on_thread<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl for<'a> FnOnce(
            &'a Connection,
            &'a NatsOptions,
        ) -> BoxFuture<'a, Result<T, NatsError>>
        + Send
        + 'static,
    ) -> Result<T, NatsError> {
        let own = Arc::clone(&self.work);
        let outcome = self
            .background
            .run(async move { work(own.connection().await?, &own.options).await })
            .await;
        match outcome {
            Ok(outcome) => outcome,
            Err(ended) => Err(NatsError::Failed {
                operation,
                place: self.work.place.clone(),
                source: Box::new(ended),
            }),
        }
    }
}

impl Store for JetStreamStore {
    fn write(&self, batch: Batch) -> BoxFuture<'_, Result<(), StoreError>> {
        let work = Arc::clone(&self.work);
        let write = async move { work.write(&batch).await };
        self.background
            .operate(&self.work.place, "publishing", write)
    }

    fn timeline(&self, _query: Query) -> BoxFuture<'_, Result<Page, StoreError>> {
        unsupported(self, "reading a timeline")
    }

    fn migrate(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        Box::pin(async move { Ok(self.set_up(&StreamSettings::default()).await?) })
    }

    /// Asks the stream for an answer by a message that it is bound to refuse, so that nothing is
    /// stored. Needs no permission beyond those of publishing.
    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        let work = Arc::clone(&self.work);
        let check = async move { work.check().await };
        self.background.operate(&self.work.place, "checking", check)
    }

    fn describe(&self) -> String {
        self.work.place.clone()
    }
}

impl fmt::Debug for JetStreamStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JetStreamStore")
            .field("options", &self.work.options)
            .field("limits", &self.work.limits)
            .finish_non_exhaustive()
    }
}
