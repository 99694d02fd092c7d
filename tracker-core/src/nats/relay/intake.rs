//! Taking messages in: [`Intake`].

use std::time::Duration;

use async_nats::jetstream::{
    AckKind, ErrorCode, Message,
    consumer::{self, Consumer, FromConsumer, pull},
};
use futures_util::{FutureExt, StreamExt};
use tokio::{sync::watch, time::sleep};

use super::{Phase, Settings, Throttle, stats::Counts};
use crate::{
    error_chain::ErrorChain,
    nats::{
        NatsError, NatsOptions,
        connection::{Connection, Nothing},
        set_up::CONSUMER,
    },
    pipeline::queue::BATCH_BYTES,
    store::BoxError,
};

/// How long a request for messages stands before it is made again.
const REQUEST_EXPIRES: Duration = Duration::from_secs(30);

/// How often the server says meanwhile that it is there; after twice as long without, the request is made again.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// How long the stream is left alone after it could not be read.
const PAUSE: Duration = Duration::from_secs(1);

const LOOKING: &str = "looking at the relays' consumer";

/// Messages that are delivered together.
pub(super) type Chunk = Vec<Message>;

/// Asks for messages, as many as make a batch ahead of what is taken out.
pub(super) struct Intake<'a> {
    options: &'a NatsOptions,
    settings: &'a Settings,
    consumer: Consumer<pull::Config>,
    messages: Option<pull::Stream>,
    phases: watch::Receiver<Phase>,
    trouble: Throttle,
}

impl<'a> Intake<'a> {
    pub(super) async fn open(
        connection: &Connection,
        options: &'a NatsOptions,
        settings: &'a Settings,
        phases: watch::Receiver<Phase>,
    ) -> Result<Self, NatsError> {
        let consumer = consumer(connection, options).await?;
        Ok(Self {
            options,
            settings,
            consumer,
            messages: None,
            phases,
            trouble: Throttle::default(),
        })
    }

    /// How long the stream waits for an acknowledgement.
    pub(super) fn acknowledge_wait(&self) -> Duration {
        self.consumer.cached_info().config.ack_wait
    }

    /// What has arrived, once there is something; `None` when the relay is to end.
    pub(super) async fn next(&mut self, counts: &Counts) -> Option<Chunk> {
        loop {
            let mut phases = self.phases.clone();
            let ended = phases.wait_for(|phase| *phase > Phase::Running);
            let taken = tokio::select! {
                biased;
                _ = ended => None,
                taken = self.take(counts) => Some(taken),
            };
            match taken {
                None => {
                    self.give_back(counts).await;
                    return None;
                }
                Some(Ok(chunk)) => {
                    if self.trouble.is_over() {
                        tracing::info!("activities come out of the stream again");
                    }
                    return Some(chunk);
                }
                Some(Err(error)) => self.failed(&error).await,
            }
        }
    }

    /// Waits for a message, and takes with it those that are there. Nothing is lost when it is given up: it waits only before it has one.
    async fn take(&mut self, counts: &Counts) -> Result<Chunk, BoxError> {
        let messages = match &mut self.messages {
            Some(messages) => messages,
            none => none.insert(request(&self.consumer, self.settings.batch_rows).await?),
        };
        let first = match messages.next().await {
            Some(Ok(first)) => first,
            other => {
                self.messages = None;
                return Err(match other {
                    Some(Err(error)) => Box::new(error),
                    _ => "the subscription has ended".into(),
                });
            }
        };
        let mut bytes = first.payload.len();
        let mut chunk = vec![first];
        while chunk.len() < self.settings.batch_rows && bytes < BATCH_BYTES {
            match messages.next().now_or_never() {
                None => break,
                Some(Some(Ok(message))) => {
                    bytes += message.payload.len();
                    chunk.push(message);
                }
                // It shows again with the next request.
                Some(_) => {
                    self.messages = None;
                    break;
                }
            }
        }
        for message in &chunk {
            counts.received(is_again(message));
        }
        Ok(chunk)
    }

    /// Gives back what was asked for ahead, so that another relay has it at once.
    async fn give_back(&mut self, counts: &Counts) {
        let Some(mut messages) = self.messages.take() else {
            return;
        };
        while let Some(Some(Ok(message))) = messages.next().now_or_never() {
            counts.received(is_again(&message));
            give_back(&message, counts).await;
        }
    }

    async fn failed(&mut self, error: &BoxError) {
        if self.trouble.is_worth_a_line() {
            tracing::warn!(
                error = %ErrorChain(&**error),
                "no activities come out of {}: tried again each second",
                self.options.describe()
            );
        }
        sleep(PAUSE).await;
    }
}

/// Lets the stream deliver a message again at once.
pub(super) async fn give_back(message: &Message, counts: &Counts) {
    if message.ack_with(AckKind::Nak(None)).await.is_ok() {
        counts.gave_back();
    }
}

/// Whether it had been delivered before, so that its row may be in the store.
pub(super) fn is_again(message: &Message) -> bool {
    message.info().is_ok_and(|info| info.delivered > 1)
}

async fn consumer(
    connection: &Connection,
    options: &NatsOptions,
) -> Result<Consumer<pull::Config>, NatsError> {
    let info: consumer::Info = connection
        .ask(info_subject(options), &Nothing {})
        .await
        .map_err(|failure| {
            let (place, stream) = (options.describe(), options.stream.clone());
            if failure.is(ErrorCode::STREAM_NOT_FOUND) {
                NatsError::NoStream { place, stream }
            } else if failure.is(ErrorCode::CONSUMER_NOT_FOUND) {
                let consumer = CONSUMER.to_owned();
                NatsError::NoConsumer {
                    place,
                    stream,
                    consumer,
                }
            } else {
                failure.into_error(LOOKING, options)
            }
        })?;
    let config = pull::Config::try_from_consumer_config(info.config.clone());
    let config = config.map_err(|source| NatsError::Failed {
        operation: LOOKING,
        place: options.describe(),
        source,
    })?;
    Ok(Consumer::new(config, info, connection.context.clone()))
}

/// Whom to ask about the consumer.
pub(super) fn info_subject(options: &NatsOptions) -> String {
    format!("CONSUMER.INFO.{}.{CONSUMER}", options.stream)
}

async fn request(
    consumer: &Consumer<pull::Config>,
    messages: usize,
) -> Result<pull::Stream, BoxError> {
    let stream = consumer
        .stream()
        .max_messages_per_batch(messages)
        .expires(REQUEST_EXPIRES)
        .heartbeat(HEARTBEAT);
    Ok(stream.messages().await?)
}
