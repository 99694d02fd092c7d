//! What is there of the streams and the consumer: [`Found`].

use async_nats::jetstream::ErrorCode;
use serde_json::Value;

use super::{
    difference::{Difference, compare},
    settings::StreamSettings,
};
use crate::nats::{
    NatsError, NatsOptions,
    connection::Connection,
    info::{ConsumerInfo, StreamInfo},
};

/// What is there.
pub(super) struct Found {
    /// Of activities and of dead letters.
    pub(super) streams: [Option<StreamInfo>; 2],
    pub(super) consumer: Option<ConsumerInfo>,
}

impl Found {
    pub(super) async fn look(
        connection: &Connection,
        options: &NatsOptions,
    ) -> Result<Self, NatsError> {
        let streams = [
            stream(connection, options, &options.stream).await?,
            stream(connection, options, &options.dead_letter_stream()).await?,
        ];
        let consumer = match &streams[0] {
            Some(_) => consumer(connection, options).await?,
            None => None,
        };
        Ok(Self { streams, consumer })
    }

    /// How it differs from these settings; what is missing differs too.
    pub(super) fn differences(
        &self,
        settings: &StreamSettings,
        options: &NatsOptions,
    ) -> Vec<Difference> {
        let mut differences = Vec::new();
        for (wanted, found) in settings.streams(options).iter().zip(&self.streams) {
            match found {
                None => differences.push(Difference::missing(&wanted.name)),
                Some(found) => {
                    differences.extend(compare(&wanted.name, &wanted.settings, &found.config));
                }
            }
        }
        let name = super::consumer_name();
        match &self.consumer {
            None => differences.push(Difference::missing(&name)),
            Some(found) => {
                let wanted = settings.consumer(self.inactive_threshold());
                differences.extend(compare(&name, &wanted, &found.config));
            }
        }
        differences
    }

    /// After how long without relays the stream's consumers are gone, as its own settings say.
    pub(super) fn inactive_threshold(&self) -> Value {
        let limits = self.streams[0]
            .as_ref()
            .and_then(|stream| stream.config.get("consumer_limits"));
        let threshold = limits.and_then(|limits| limits.get("inactive_threshold"));
        threshold.cloned().unwrap_or_default()
    }

    /// Whether a stream is on a server that is no cluster.
    pub(super) fn is_on_a_single_server(&self) -> bool {
        let mut streams = self.streams.iter().flatten();
        streams.any(StreamInfo::is_on_a_single_server)
    }

    /// The first message that the consumer takes for acknowledged and that is there all the same.
    pub(super) fn left_behind(&self) -> Option<u64> {
        let (stream, consumer) = (self.streams[0].as_ref()?, self.consumer.as_ref()?);
        let first = stream.state.first_seq;
        let is_left = stream.state.messages > 0 && first <= consumer.ack_floor.stream_seq;
        is_left.then_some(first)
    }
}

async fn stream(
    connection: &Connection,
    options: &NatsOptions,
    name: &str,
) -> Result<Option<StreamInfo>, NatsError> {
    match connection.stream_info(name).await {
        Ok(info) => Ok(Some(info)),
        Err(failure) if failure.is(ErrorCode::STREAM_NOT_FOUND) => Ok(None),
        Err(failure) => Err(failure.into_error("looking at a stream", options)),
    }
}

async fn consumer(
    connection: &Connection,
    options: &NatsOptions,
) -> Result<Option<ConsumerInfo>, NatsError> {
    match connection.consumer_info(options).await {
        Ok(info) => Ok(Some(info)),
        Err(failure) if failure.is(ErrorCode::CONSUMER_NOT_FOUND) => Ok(None),
        Err(failure) => Err(failure.into_error("looking at the consumer", options)),
    }
}
