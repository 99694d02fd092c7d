//! Taking messages in: [`Intake`].

use std::time::Duration;

use async_nats::jetstream::{AckKind, ErrorCode, Message, consumer};
use tokio::time::{sleep, timeout};

use super::{
    Settings, Throttle,
    requests::{EXPIRES, Requests},
    stats::Counts,
};
use crate::{
    error_chain::ErrorChain,
    nats::{NatsError, NatsOptions, connection::Connection, set_up::CONSUMER},
    pipeline::queue::BATCH_BYTES,
    store::BoxError,
};

/// How long the stream is left alone after it could not be read.
const PAUSE: Duration = Duration::from_secs(1);

/// How long what was asked for is waited for at most when the relay ends.
const GIVING_BACK_MAX: Duration = EXPIRES.saturating_mul(2);

/// Messages that are delivered together.
pub(super) type Chunk = Vec<Message>;

/// Takes messages out of the stream, and asks for as many as make a batch ahead of it.
pub(super) struct Intake<'a> {
    options: &'a NatsOptions,
    batch_rows: usize,
    acknowledge_wait: Duration,
    requests: Requests,
    trouble: Throttle,
}

impl<'a> Intake<'a> {
    pub(super) async fn open(
        connection: &Connection,
        options: &'a NatsOptions,
        settings: &Settings,
    ) -> Result<Self, NatsError> {
        let info = consumer(connection, options).await?;
        let requests = Requests::new(connection, options, settings.batch_rows).await;
        Ok(Self {
            options,
            batch_rows: settings.batch_rows,
            acknowledge_wait: info.config.ack_wait,
            requests: requests.map_err(|source| NatsError::Failed {
                operation: "subscribing",
                place: options.describe(),
                source,
            })?,
            trouble: Throttle::default(),
        })
    }

    /// How long the stream waits for an acknowledgement.
    pub(super) fn acknowledge_wait(&self) -> Duration {
        self.acknowledge_wait
    }

    /// What has arrived, once there is something. Nothing is lost when it is given up in the middle.
    pub(super) async fn next(&mut self, counts: &Counts) -> Chunk {
        let first = loop {
            match self.requests.next().await {
                Ok(first) => break first,
                Err(error) => self.failed(&error).await,
            }
        };
        if self.trouble.is_over() {
            tracing::info!("activities come out of the stream again");
        }
        let mut bytes = first.payload.len();
        let mut chunk = vec![first];
        while chunk.len() < self.batch_rows
            && bytes < BATCH_BYTES
            && let Some(message) = self.requests.next_at_once()
        {
            bytes += message.payload.len();
            chunk.push(message);
        }
        for message in &chunk {
            counts.received(is_again(message));
        }
        chunk
    }

    /// Asks for no more, and gives back what was asked for ahead, so that another relay has it at once.
    pub(super) async fn give_back(&mut self, counts: &Counts) {
        let giving_back = async {
            while let Some(message) = self.requests.next_of_the_last().await {
                counts.received(is_again(&message));
                give_back(&message, counts).await;
            }
        };
        if timeout(GIVING_BACK_MAX, giving_back).await.is_err() {
            tracing::debug!("what was on its way to this relay is delivered again later");
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
) -> Result<consumer::Info, NatsError> {
    connection.consumer_info(options).await.map_err(|failure| {
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
            failure.into_error("looking at the relays' consumer", options)
        }
    })
}
