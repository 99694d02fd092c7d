//! Publishes batches over one connection: [`Publishing`].

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Duration,
};

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
    time::{Instant, timeout},
};

use super::{
    connection::Connection,
    error::NatsError,
    failure::{TOO_LARGE, cause},
    fast_batch::{Ended, FastBatch},
    message::{self, Message, NO_STREAM},
    options::NatsOptions,
    pace::{Pace, is_too_many},
    signs::{Sign, Unanswered},
    store_error,
};
use crate::{
    row::{IdBuffer, Row},
    store::{Batch, StoreError},
};

/// The fewest activities that go in a fast batch. Its first message waits for an answer alone,
/// which takes longer than to publish a few.
const FAST_ROWS_MIN: usize = 100;

/// The time for which no further fast batch is tried after the server has not taken one.
const FAST_PAUSE: Duration = Duration::from_mins(10);

/// The shared state of a store.
pub(super) struct Publishing {
    pub(super) options: NatsOptions,
    pub(super) limits: PublishLimits,
    pub(super) place: String,
    connection: OnceCell<Connection>,
    /// Held for reading by each batch, and for writing by the search for an oversized message,
    /// during which no batch is published.
    alone: RwLock<()>,
    /// The time before which no fast batch is tried.
    plain_until: Mutex<Option<Instant>>,
}

/// The time limits, and the most publishes without an acknowledgement.
#[derive(Clone, Copy, Debug)]
pub(super) struct PublishLimits {
    pub(super) connect: Duration,
    pub(super) answer: Duration,
    pub(super) unanswered_max: usize,
}

impl Publishing {
    pub(super) fn new(options: NatsOptions, limits: PublishLimits) -> Self {
        Self {
            place: options.describe(),
            options,
            limits,
            connection: OnceCell::new(),
            alone: RwLock::new(()),
            plain_until: Mutex::new(None),
        }
    }

    /// Returns the connection, and makes it at the first call.
    pub(super) async fn connection(&self) -> Result<&Connection, NatsError> {
        let PublishLimits {
            connect,
            answer,
            unanswered_max,
        } = self.limits;
        let make = || Connection::make(&self.options, connect, answer, unanswered_max);
        let connection = self.connection.get_or_try_init(make).await?;
        connection.is_connected()?;
        Ok(connection)
    }

    pub(super) async fn write(&self, batch: &Batch) -> Result<(), StoreError> {
        let connection = self.connection().await?;
        let losses = connection.losses();
        let with_others = self.alone.read().await;
        let done = match self.publish_fast(connection, batch).await {
            Ok(covered) => {
                let rest = batch.rest(covered);
                connection
                    .answered(self.publish_all(connection, &rest))
                    .await
            }
            Err(failed) => Err(failed),
        };
        drop(with_others);
        match done {
            Err(Unanswered::Sign(Sign::TooLarge)) => {
                Err(self.blame(connection, losses, batch).await)
            }
            done => done.map_err(|failed| self.error(failed)),
        }
    }

    /// Finds out whether this batch has a message that is larger than the user may publish. The
    /// server has ended the connection without naming the message, which may be one of another
    /// batch, so the largest one of this batch is published alone.
    async fn blame(&self, connection: &Connection, losses: u64, batch: &Batch) -> StoreError {
        let _alone = self.alone.write().await;
        let made_again = |losses| timeout(self.limits.connect, connection.made_again(losses));
        let rows = batch.iter();
        if let Some(largest) =
            rows.max_by_key(|row| message::payload(row).map_or(0, |json| json.len()))
            && made_again(losses).await.is_ok()
        {
            let losses = connection.losses();
            let publishing = self.publish(connection, largest);
            if let Err(Unanswered::Sign(Sign::TooLarge)) = connection.answered(publishing).await {
                // Reconnects before other batches go on, so that they find a working connection. If
                // that takes too long, they meet the error of a lost connection and are retried.
                let _ = made_again(losses).await;
                return StoreError::Refused {
                    store: self.place.clone(),
                    source: TOO_LARGE.into(),
                };
            }
        }
        self.broke()
    }

    /// Publishes activities in a fast batch, if the server takes it, and returns the number of
    /// first ones that are in the stream. A retry may have messages that are on their way already,
    /// which the server would count as stored.
    async fn publish_fast(
        &self,
        connection: &Connection,
        batch: &Batch,
    ) -> Result<usize, Unanswered<StoreError>> {
        let PublishLimits { unanswered_max, .. } = self.limits;
        if batch.is_retry() || batch.len().min(unanswered_max) < FAST_ROWS_MIN {
            return Ok(0);
        }
        if !self.may_be_fast() {
            return Ok(0);
        }
        let inbox = connection.client.new_inbox();
        let publishing = async {
            let fast = FastBatch::new(connection, &inbox, unanswered_max).await?;
            let rows: Vec<_> = batch.iter().collect();
            let message = |at: usize| self.message(connection, rows[at]);
            let stream = &self.options.stream;
            fast.publish(stream, rows.len(), message).await
        };
        match connection.answered(publishing).await {
            Ok(Ended {
                covered,
                is_supported,
            }) => {
                if !is_supported {
                    self.be_plain_for_a_while();
                }
                Ok(covered)
            }
            // The user may subscribe to the answers of plain messages alone.
            Err(Unanswered::Sign(Sign::Denied(text))) if text.contains(&inbox) => {
                self.be_plain_for_a_while();
                Ok(0)
            }
            Err(Unanswered::Sign(sign)) => Err(Unanswered::Sign(sign)),
            Err(Unanswered::Error(error)) => {
                if matches!(error.kind(), PublishErrorKind::TimedOut) {
                    self.be_plain_for_a_while();
                }
                Err(Unanswered::Error(self.publish_error(error)))
            }
        }
    }

    fn may_be_fast(&self) -> bool {
        let plain_until = self.plain_until.lock();
        plain_until
            .unwrap_or_else(PoisonError::into_inner)
            .is_none_or(|until| until <= Instant::now())
    }

    fn be_plain_for_a_while(&self) {
        let mut plain_until = self
            .plain_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *plain_until = Some(Instant::now() + FAST_PAUSE);
    }

    /// Publishes all activities, as many at once as the limit and the pace allow. Those refused as
    /// too many are published again, until the stream has taken none for the answer limit.
    async fn publish_all(&self, connection: &Connection, batch: &Batch) -> Result<(), StoreError> {
        let mut pace = Pace::new(self.limits.unanswered_max);
        let mut waiting: VecDeque<_> = batch.iter().collect();
        let mut unanswered = FuturesUnordered::new();
        let mut refusal = None;
        loop {
            while pace.has_room(unanswered.len())
                && let Some(row) = waiting.pop_front()
            {
                let publishing = self.publish(connection, row);
                unanswered.push(publishing.map(move |outcome| (row, outcome)));
            }
            match unanswered.next().await {
                Some((_, Ok(()))) => pace.taken(),
                Some((row, Err(Unpublished::TooMany(error)))) => {
                    waiting.push_back(row);
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

    /// Publishes one activity and waits for the acknowledgement of the stream.
    async fn publish(&self, connection: &Connection, row: Row<'_>) -> Result<(), Unpublished> {
        let Message {
            subject,
            headers,
            payload,
        } = self.message(connection, row)?;
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
        // The message is in a stream that no relay reads.
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

    fn message(&self, connection: &Connection, row: Row<'_>) -> Result<Message, StoreError> {
        let payload = message::payload(&row).map_err(|source| StoreError::Refused {
            store: self.place.clone(),
            source: Box::new(source),
        })?;
        let mut headers = HeaderMap::new();
        headers.insert(
            NATS_MESSAGE_ID,
            row.action_id.text(&mut IdBuffer::default()),
        );
        let subject = connection
            .subjects
            .of(&self.options.subject, row.project_id);
        Ok(Message {
            subject,
            headers,
            payload,
        })
    }

    pub(super) async fn check(&self) -> Result<(), StoreError> {
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
        store_error::of_publishing(&self.place, &self.options.stream, self.limits.answer, error)
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

/// The reason why an activity is not in the stream.
enum Unpublished {
    /// The stream has too many messages pending.
    TooMany(PublishError),
    Failed(StoreError),
}

impl From<StoreError> for Unpublished {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

/// Returns whether the answer shows that a stream is there, although it refuses the message. It is
/// not the expected stream; or, from 2.14 on, the message is too large, which the server checks
/// first.
fn is_other_stream(error: &PublishError) -> bool {
    const OTHER: [ErrorCode; 2] = [
        ErrorCode::STREAM_NOT_MATCH,
        ErrorCode::STREAM_MESSAGE_EXCEEDS_MAXIMUM,
    ];
    matches!(error.kind(), PublishErrorKind::Other)
        && cause::<jetstream::Error>(error).is_some_and(|said| OTHER.contains(&said.error_code()))
}
