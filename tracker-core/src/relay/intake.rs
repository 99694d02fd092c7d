//! Taking messages in: [`Intake`].

use std::{convert::Infallible, mem, time::Duration};

use async_nats::jetstream::{AckKind, ErrorCode, Message};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::{
    requests::{Requests, extend},
    settings::Settings,
    stats::Counts,
    trouble_log::TroubleLog,
};
use crate::{
    error_chain::ErrorChain,
    store::{
        BATCH_BYTES, BoxError,
        jetstream::{
            NatsError, NatsOptions,
            connection::Connection,
            consumer::{CONSUMER, EXPIRES},
            info::ConsumerInfo,
            set_up::differences_of_consumer,
        },
    },
};

/// The pause after the stream could not be read.
const PAUSE: Duration = Duration::from_secs(1);

/// The longest time that a chunk waits to be full, while the stream has enough to fill it.
const FILLING_MAX: Duration = Duration::from_millis(10);

/// The longest time that a relay which ends waits for the messages that it has asked for.
const NAKS_MAX: Duration = EXPIRES.saturating_mul(2);

/// Messages that are written together.
#[derive(Default)]
pub(super) struct Chunk {
    pub(super) messages: Vec<Message>,
    bytes: usize,
    /// True if a message had been delivered before, so that its row may be in the store.
    pub(super) may_be_stored: bool,
    /// The number of messages that the stream had for relays when the last one left it.
    pending: u64,
}

/// Takes messages out of the stream, and asks for more ahead of it.
pub(super) struct Intake<'a> {
    connection: Connection,
    options: &'a NatsOptions,
    batch_rows: usize,
    acknowledge_wait: Duration,
    requests: Requests,
    /// The messages that have arrived and were not handed on.
    arrived: Chunk,
    trouble: TroubleLog,
}

impl<'a> Intake<'a> {
    pub(super) async fn open(
        connection: &Connection,
        options: &'a NatsOptions,
        settings: &Settings,
    ) -> Result<Self, NatsError> {
        let consumer = consumer(connection, options).await?;
        check(&consumer, options)?;
        let requests = Requests::new(connection, options, settings.batch_rows, &consumer).await;
        Ok(Self {
            connection: connection.clone(),
            options,
            batch_rows: settings.batch_rows,
            acknowledge_wait: consumer.acknowledge_wait(),
            requests: requests.map_err(|source| NatsError::Failed {
                operation: "subscribing",
                place: options.describe(),
                source,
            })?,
            arrived: Chunk::default(),
            trouble: TroubleLog::default(),
        })
    }

    /// Returns the time for which the stream waits for an acknowledgement.
    pub(super) fn acknowledge_wait(&self) -> Duration {
        self.acknowledge_wait
    }

    /// Returns the messages that have arrived, once there is one: a full batch, if the stream has
    /// that many. No message is lost if the future is dropped.
    pub(super) async fn next(&mut self, counts: &Counts) -> Chunk {
        while self.arrived.messages.is_empty() {
            match self.requests.next().await {
                Ok(first) => self.keep(first, counts),
                Err(error) => self.failed(&error).await,
            }
        }
        if self.trouble.is_over() {
            tracing::info!("activities come out of the stream again");
        }
        self.take_what_is_there(counts);
        let filled = Instant::now() + FILLING_MAX;
        while self.has_room() && self.arrived.pending >= self.batch_rows as u64 {
            match timeout_at(filled, self.requests.next()).await {
                Ok(Ok(message)) => self.keep(message, counts),
                // The next request shows the error again.
                Ok(Err(_)) | Err(_) => break,
            }
            self.take_what_is_there(counts);
        }
        mem::take(&mut self.arrived)
    }

    /// Says again and again that what was asked for ahead is being worked on.
    pub(super) async fn extend(&mut self) -> Infallible {
        loop {
            sleep(self.acknowledge_wait / 3).await;
            for message in &self.arrived.messages {
                extend(message).await;
            }
            self.requests.extend().await;
        }
    }

    fn keep(&mut self, message: Message, counts: &Counts) {
        let info = message.info().ok();
        let is_again = info.as_ref().is_some_and(|info| info.delivered > 1);
        counts.received(is_again);
        let arrived = &mut self.arrived;
        arrived.may_be_stored |= is_again;
        arrived.pending = info.map_or(0, |info| info.pending);
        arrived.bytes += message.payload.len();
        arrived.messages.push(message);
    }

    fn has_room(&self) -> bool {
        self.arrived.messages.len() < self.batch_rows && self.arrived.bytes < BATCH_BYTES
    }

    fn take_what_is_there(&mut self, counts: &Counts) {
        while self.has_room()
            && let Some(message) = self.requests.next_at_once()
        {
            self.keep(message, counts);
        }
    }

    /// Stops asking for messages, and naks those that were asked for ahead, so that another relay
    /// gets them at once.
    pub(super) async fn nak(&mut self, counts: &Counts) {
        let naks = async {
            loop {
                for message in mem::take(&mut self.arrived).messages {
                    nak(&message, counts).await;
                }
                match self.requests.next_of_the_last().await {
                    Some(message) => self.keep(message, counts),
                    None => break,
                }
            }
        };
        if timeout(NAKS_MAX, naks).await.is_err() {
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
        // It may allow less now than it did.
        if self.connection.is_connected().is_ok()
            && let Ok(consumer) = consumer(&self.connection, self.options).await
        {
            self.requests.allow(&consumer);
        }
    }
}

/// Lets the stream deliver a message again at once.
pub(super) async fn nak(message: &Message, counts: &Counts) {
    if message.ack_with(AckKind::Nak(None)).await.is_ok() {
        counts.count_nak();
    }
}

/// Refuses a consumer that delivers nothing, or nothing but headers, and logs its other settings
/// that break a promise.
fn check(consumer: &ConsumerInfo, options: &NatsOptions) -> Result<(), NatsError> {
    let (differences, is_usable) = differences_of_consumer(consumer);
    if differences.is_empty() {
        return Ok(());
    }
    let place = options.describe();
    let different = NatsError::Different { place, differences };
    if !is_usable {
        return Err(different);
    }
    tracing::warn!("{different}: `tracker nats setup --update` mends it");
    Ok(())
}

async fn consumer(
    connection: &Connection,
    options: &NatsOptions,
) -> Result<ConsumerInfo, NatsError> {
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
