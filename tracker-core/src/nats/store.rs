//! The store that publishes: [`JetStreamStore`].

use std::{collections::VecDeque, fmt, sync::Arc, time::Duration};

use async_nats::{
    HeaderMap,
    header::{NATS_EXPECTED_STREAM, NATS_MESSAGE_ID},
    jetstream::{
        self, ErrorCode,
        context::{PublishError, PublishErrorKind},
    },
};
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, stream::FuturesUnordered};
use tokio::{
    sync::{OnceCell, RwLock},
    time::timeout,
};

use super::{
    Difference, Limit, NatsError, NatsOptions, NatsOptionsError, StreamSettings,
    connection::{Connection, Sign, Unanswered},
    error::{self, TOO_LARGE, cause},
    message,
    pace::{Pace, is_too_many},
};
use crate::{
    Activity, Store,
    background::Background,
    store::{Batch, BoxFuture, OpenError, StoreError, unsupported},
    timeline::{Page, Query},
};

const THREAD_NAME: &str = "tracker-nats";

/// A name that no stream has.
const NO_STREAM: &str = "no.stream";

/// Publishes activities to a `JetStream` stream, from which [relays](super::Relay) bring them to the store where they are read; a clone is a handle
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
    work: Arc<Work>,
    background: Arc<Background>,
}

struct Work {
    options: NatsOptions,
    limits: Limits,
    place: String,
    connection: OnceCell<Connection>,
    /// Held by each batch, and by none while it is found out which one the server does not take.
    alone: RwLock<()>,
}

/// How long and how many.
#[derive(Clone, Copy, Debug)]
struct Limits {
    connect: Duration,
    answer: Duration,
    unanswered_max: usize,
}

/// Every knob of a [`JetStreamStore`].
#[derive(Clone, Debug)]
#[must_use = "it does nothing until it is built"]
pub struct JetStreamStoreBuilder {
    options: NatsOptions,
    limits: Limits,
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
            work: Arc::new(Work {
                place: self.options.describe(),
                options: self.options,
                limits: self.limits,
                connection: OnceCell::new(),
                alone: RwLock::new(()),
            }),
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
            limits: Limits {
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
            Box::pin(super::set_up::settings(connection, options))
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
            Box::pin(super::set_up::limits(connection, options))
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

    fn run<T: Send + 'static>(
        &self,
        operation: &'static str,
        outcome: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> BoxFuture<'_, Result<T, StoreError>> {
        Box::pin(async move {
            match self.background.run(outcome).await {
                Ok(outcome) => outcome,
                Err(ended) => Err(StoreError::Failed {
                    operation,
                    store: self.describe(),
                    source: Box::new(ended),
                }),
            }
        })
    }
}

impl Store for JetStreamStore {
    fn write(&self, batch: Batch) -> BoxFuture<'_, Result<(), StoreError>> {
        let work = Arc::clone(&self.work);
        self.run("publishing", async move { work.write(&batch).await })
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
        self.run("checking", async move { work.check().await })
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

impl Work {
    /// The connection, made by whoever needs it first.
    async fn connection(&self) -> Result<&Connection, NatsError> {
        let Limits {
            connect,
            answer,
            unanswered_max,
        } = self.limits;
        let make = || Connection::make(&self.options, connect, answer, unanswered_max);
        let connection = self.connection.get_or_try_init(make).await?;
        connection.is_connected()?;
        Ok(connection)
    }

    async fn write(&self, batch: &Batch) -> Result<(), StoreError> {
        let connection = self.connection().await?;
        let losses = connection.losses();
        let with_others = self.alone.read().await;
        let publishing = self.publish_all(connection, batch.activities());
        let done = connection.answered(publishing).await;
        drop(with_others);
        match done {
            Err(Unanswered::Sign(Sign::TooLarge)) => {
                Err(self.blame(connection, losses, batch).await)
            }
            done => done.map_err(|failed| self.error(failed)),
        }
    }

    /// Finds whether it is this batch that has a message larger than the user's may be: the server has ended the connection, and does not say of which message.
    /// Of another batch it may be too, so the largest of this one is published alone.
    async fn blame(&self, connection: &Connection, losses: u64, batch: &Batch) -> StoreError {
        let _alone = self.alone.write().await;
        let made_again = |losses| timeout(self.limits.connect, connection.made_again(losses));
        let rows = batch.activities().iter();
        if let Some(largest) =
            rows.max_by_key(|row| message::payload(row).map_or(0, |json| json.len()))
            && made_again(losses).await.is_ok()
        {
            let losses = connection.losses();
            let publishing = self.publish(connection, largest);
            if let Err(Unanswered::Sign(Sign::TooLarge)) = connection.answered(publishing).await {
                // Whoever writes the others next is not to find it broken; where it is, they wait.
                let _ = made_again(losses).await;
                return StoreError::Refused {
                    store: self.place.clone(),
                    source: TOO_LARGE.into(),
                };
            }
        }
        self.broke()
    }

    /// Publishes as many at once as is allowed and as the stream takes; of those that are too many at the moment, again and again.
    async fn publish_all(
        &self,
        connection: &Connection,
        activities: &[Activity],
    ) -> Result<(), StoreError> {
        let mut pace = Pace::new(self.limits.unanswered_max);
        let mut waiting: VecDeque<_> = activities.iter().collect();
        let mut unanswered = FuturesUnordered::new();
        let mut refusal = None;
        loop {
            while pace.has_room(unanswered.len())
                && let Some(activity) = waiting.pop_front()
            {
                let publishing = self.publish(connection, activity);
                unanswered.push(publishing.map(move |outcome| (activity, outcome)));
            }
            match unanswered.next().await {
                Some((_, Ok(()))) => pace.taken(),
                Some((activity, Err(Unpublished::TooMany(error)))) => {
                    waiting.push_back(activity);
                    pace.too_many();
                    refusal = Some(error);
                }
                Some((_, Err(Unpublished::Failed(error)))) => return Err(error),
                None => match refusal.take() {
                    None => return Ok(()),
                    Some(error) if pace.stands_still() >= self.limits.answer => {
                        return Err(self.publish_error(error));
                    }
                    Some(_) => pace.rest().await,
                },
            }
        }
    }

    /// Ends with the stream's acknowledgement.
    async fn publish(
        &self,
        connection: &Connection,
        activity: &Activity,
    ) -> Result<(), Unpublished> {
        let payload = message::payload(activity).map_err(|source| StoreError::Refused {
            store: self.place.clone(),
            source: Box::new(source),
        })?;
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, &*activity.action_id);
        let subject = connection
            .subjects
            .of(&self.options.subject, activity.project_id.as_deref());
        let answer = connection.publish_once(subject, headers, payload).await;
        let answer = answer.map_err(|error| {
            if is_too_many(&error) {
                Unpublished::TooMany(error)
            } else {
                Unpublished::Failed(self.publish_error(error))
            }
        })?;
        if answer.stream == self.options.stream {
            return Ok(());
        }
        // It is in a stream that no relay reads.
        Err(Unpublished::Failed(StoreError::NoStream {
            store: self.place.clone(),
            stream: self.options.stream.clone(),
            source: format!(
                "the stream {} takes this subject: choose another one for either",
                answer.stream
            )
            .into(),
        }))
    }

    async fn check(&self) -> Result<(), StoreError> {
        let connection = self.connection().await?;
        let mut headers = HeaderMap::new();
        headers.insert(NATS_EXPECTED_STREAM, NO_STREAM);
        let subject = connection.subjects.of(&self.options.subject, None);
        let asking = connection.publish(subject, headers, Bytes::new());
        match connection.answered(asking).await {
            Ok(_) => Ok(()),
            Err(Unanswered::Error(error)) if is_other_stream(&error) => Ok(()),
            Err(Unanswered::Error(error)) => Err(self.publish_error(error)),
            Err(Unanswered::Sign(sign)) => Err(self.error(Unanswered::Sign(sign))),
        }
    }

    fn publish_error(&self, error: PublishError) -> StoreError {
        error::of_publishing(&self.place, &self.options.stream, self.limits.answer, error)
    }

    fn error(&self, failed: Unanswered<StoreError>) -> StoreError {
        match failed {
            Unanswered::Error(error) => error,
            Unanswered::Sign(Sign::Denied(text)) => StoreError::Denied {
                store: self.place.clone(),
                source: text.into(),
            },
            Unanswered::Sign(Sign::NoLogin(error)) => error.into(),
            Unanswered::Sign(Sign::Disconnected | Sign::TooLarge) => self.broke(),
        }
    }

    fn broke(&self) -> StoreError {
        StoreError::Unreachable {
            store: self.place.clone(),
            source: "the connection broke before the stream had acknowledged all".into(),
        }
    }
}

/// Why an activity is not in the stream.
enum Unpublished {
    /// The stream has too many to work on now.
    TooMany(PublishError),
    Failed(StoreError),
}

impl From<StoreError> for Unpublished {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

/// Whether the stream's answer is that it is not the one that was expected; or, from 2.14 on where it takes no message so large, that first.
fn is_other_stream(error: &PublishError) -> bool {
    const OTHER: [ErrorCode; 2] = [
        ErrorCode::STREAM_NOT_MATCH,
        ErrorCode::STREAM_MESSAGE_EXCEEDS_MAXIMUM,
    ];
    matches!(error.kind(), PublishErrorKind::Other)
        && cause::<jetstream::Error>(error).is_some_and(|said| OTHER.contains(&said.error_code()))
}
