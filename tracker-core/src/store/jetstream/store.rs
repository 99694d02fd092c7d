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

/// Publishes activities to a `JetStream` stream, from which [relays](crate::nats::Relay) bring them to the store where they are read; a clone is a handle
/// to the same connection.
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
/// It has one connection, made with the first activity and made again whenever it breaks, on a thread of its own. A batch is written when
/// the stream has acknowledged each of its activities: with a stream of three replicas, when two of them have it. What is published again
/// after a lost answer has the same `Nats-Msg-Id`, the `action_id`, and is dropped by the stream within its duplicate window; later than that, by the table.
///
/// It reads nothing: every method that reads answers [`StoreError::Unsupported`], as does
/// [`prune`](Store::prune). [`migrate`](Store::migrate) makes the streams with all defaults where they are missing; what else can be set
/// is in [`StreamSettings`].
///
/// # Errors of writing
///
/// A stream that is full answers with [`StoreError::NoRoom`], one that is missing, is sealed or has no leader with [`StoreError::NoStream`]; both may
/// end, so the tracker waits as for a server that can't be reached. What a server has too much of at the moment (`max_buffered_msgs`) is published again, fewer at once, and is
/// [`NoRoom`](StoreError::NoRoom) when it has taken nothing for as long as an answer is waited for. A row that is larger than the server's `max_payload` (1 MiB unless set otherwise; no activity that
/// a tracker recorded is) or the stream's largest message is [`Refused`](StoreError::Refused).
///
/// # Permissions
///
/// A worker needs to publish to `<subject>.*` and to subscribe to `_INBOX.>`, and nothing else.
#[derive(Clone)]
pub struct JetStreamStore {
    work: Arc<Publishing>,
    background: Arc<Background>,
}

/// Every knob of a [`JetStreamStore`].
#[derive(Clone, Debug)]
#[must_use = "it does nothing until it is built"]
pub struct JetStreamStoreBuilder {
    options: NatsOptions,
    limits: PublishLimits,
}

impl JetStreamStoreBuilder {
    /// Sets how long making a connection may take for each server. Default: 5 s.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.limits.connect = limit;
        self
    }

    /// Sets how long the stream may take to acknowledge an activity, once it was sent. Default: 10 s.
    pub fn answer_timeout(mut self, limit: Duration) -> Self {
        self.limits.answer = limit;
        self
    }

    /// Sets how many activities may be on their way to the stream at once without an acknowledgement. Default: 1,024, at least 1.
    ///
    /// With 1 each waits for the one before it. Beyond what the stream acknowledges within one round trip, more do not help, and a
    /// server with many workers has to hold them all.
    pub fn unacknowledged_max(mut self, activities: usize) -> Self {
        self.limits.unanswered_max = activities.max(1);
        self
    }

    /// Sets up the store. Nothing is connected to.
    ///
    /// # Errors
    ///
    /// An [`OpenError`] if no thread can be started.
    pub fn build(self) -> Result<JetStreamStore, OpenError> {
        Ok(JetStreamStore {
            work: Arc::new(Publishing::new(self.options, self.limits)),
            background: Arc::new(Background::start(THREAD_NAME).map_err(OpenError::Thread)?),
        })
    }
}

impl JetStreamStore {
    /// The stream that this URL names, with all defaults; the URL is one that [`NatsOptions`] explains. Nothing is connected to.
    ///
    /// # Errors
    ///
    /// An [`OpenError`] if the URL can't be understood or no thread can be started.
    pub fn new(url: &str) -> Result<Self, OpenError> {
        Self::builder(url)?.build()
    }

    /// Every knob of the store at this URL.
    ///
    /// # Errors
    ///
    /// A [`NatsOptionsError`] if the URL can't be understood.
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

    /// Makes the streams and the relays' consumer where they are missing. Returns what was made.
    ///
    /// # Errors
    ///
    /// A [`NatsError`], among them [`Different`](NatsError::Different) for what is there with other settings. What was made before stays.
    pub async fn set_up(&self, settings: &StreamSettings) -> Result<Vec<String>, NatsError> {
        let settings = settings.clone();
        self.on_thread("setting up", |connection, options| {
            Box::pin(async move { settings.make(connection, options).await })
        })
        .await
    }

    /// Changes what is there to these settings, and makes what is missing. Returns what was made or changed. What has no part in these
    /// settings and breaks no promise of the streams stays as it is, also what this client does not know. A consumer of which no server changes
    /// what differs is made anew; the stream delivers all there is to it.
    ///
    /// # Errors
    ///
    /// A [`NatsError`]: a server refuses some changes of a stream, as of the storage or the retention, or to unseal it. What was changed before stays.
    pub async fn update(&self, settings: &StreamSettings) -> Result<Vec<String>, NatsError> {
        let settings = settings.clone();
        self.on_thread("updating", |connection, options| {
            Box::pin(async move { settings.update(connection, options).await })
        })
        .await
    }

    /// How what is there differs from these settings; empty where it does not.
    ///
    /// # Errors
    ///
    /// A [`NatsError`] if it can't be looked at.
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

    /// The settings of what is there, and the [default](StreamSettings::default) ones of what is missing: where only some are to be changed.
    ///
    /// # Errors
    ///
    /// A [`NatsError`] if it can't be looked at.
    pub async fn settings(&self) -> Result<StreamSettings, NatsError> {
        self.on_thread("looking at the streams", |connection, options| {
            Box::pin(set_up::settings(connection, options))
        })
        .await
    }

    /// What holds up or limits the way of activities although nothing differs: a consumer that is paused, or limits that an operator has set.
    ///
    /// # Errors
    ///
    /// A [`NatsError`] if it can't be looked at.
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

    /// Asks the stream for an answer that leaves nothing behind, with no more rights than publishing needs.
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
