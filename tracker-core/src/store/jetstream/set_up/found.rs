//! The streams and the consumer that exist: [`Found`].

use async_nats::jetstream::ErrorCode;
use serde_json::Value;

use super::{
    compare::{compare, is_about},
    settings::{StreamSettings, WantedStream},
};
use crate::store::jetstream::{
    connection::{Connection, Nothing},
    consumer::consumer_name,
    difference::Difference,
    error::NatsError,
    info::{AccountInfo, Config, ConsumerInfo, StreamInfo, duration},
    options::NatsOptions,
};

/// The settings of a consumer from which no relay can take messages, or would take nothing but
/// headers.
const UNUSABLE: [&str; 3] = ["deliver_subject", "headers_only", "priority_policy"];

/// The streams and the consumer that exist.
pub(super) struct Found {
    /// The streams of activities and of dead letters.
    pub(super) streams: [Option<StreamInfo>; 2],
    pub(super) consumer: Option<ConsumerInfo>,
    /// True if the servers know streams that take fast batches.
    pub(super) has_fast_batches: bool,
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
        let account = connection.ask("INFO".to_owned(), &Nothing {}).await;
        let account: AccountInfo =
            account.map_err(|failure| failure.into_error("looking at the account", options))?;
        Ok(Self {
            streams,
            consumer,
            has_fast_batches: account.has_fast_batches(),
        })
    }

    /// The settings of what is there, and the usual ones of what is missing.
    fn settings(&self) -> StreamSettings {
        let mut settings = StreamSettings::default();
        let number = |config: &Config, name| config.get(name).and_then(Value::as_i64);
        if let Some(activities) = &self.streams[0] {
            let config = &activities.config;
            let replicas = number(config, "num_replicas").and_then(|number| number.try_into().ok());
            settings.replicas = replicas.unwrap_or(1);
            settings.bytes_max = number(config, "max_bytes").unwrap_or(-1);
            settings.duplicate_window = duration(config, "duplicate_window").unwrap_or_default();
        }
        if let Some(dead_letters) = &self.streams[1] {
            settings.dead_letter_bytes_max =
                number(&dead_letters.config, "max_bytes").unwrap_or(-1);
        }
        if let Some(consumer) = &self.consumer {
            settings.acknowledge_wait = consumer.acknowledge_wait();
            settings.unacknowledged_max = number(&consumer.config, "max_ack_pending").unwrap_or(-1);
        }
        settings
    }

    /// Returns the differences from these settings. A missing stream or consumer is one.
    pub(super) fn differences(
        &self,
        settings: &StreamSettings,
        options: &NatsOptions,
    ) -> Vec<Difference> {
        let mut differences = Vec::new();
        for (wanted, found) in self.wanted(settings, options).iter().zip(&self.streams) {
            match found {
                None => differences.push(Difference::missing(&wanted.name)),
                Some(found) => {
                    differences.extend(compare(&wanted.name, &wanted.settings, &found.config));
                }
            }
        }
        let name = consumer_name();
        match &self.consumer {
            None => differences.push(Difference::missing(&name)),
            Some(found) => {
                let wanted = settings.consumer(self.inactive_threshold());
                differences.extend(compare(&name, &wanted, &found.config));
            }
        }
        differences
    }

    /// Returns the streams as they should be on these servers.
    pub(super) fn wanted(
        &self,
        settings: &StreamSettings,
        options: &NatsOptions,
    ) -> [WantedStream; 2] {
        settings.streams(options, self.has_fast_batches)
    }

    /// After how long without relays the stream's consumers are gone, as its own settings say.
    pub(super) fn inactive_threshold(&self) -> Value {
        let limits = self.streams[0]
            .as_ref()
            .and_then(|stream| stream.config.get("consumer_limits"));
        let threshold = limits.and_then(|limits| limits.get("inactive_threshold"));
        threshold.cloned().unwrap_or_default()
    }

    /// Returns whether a stream is on a server that is no cluster.
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

/// The settings of what is there, and the usual ones of what is missing.
pub(in crate::store::jetstream) async fn settings(
    connection: &Connection,
    options: &NatsOptions,
) -> Result<StreamSettings, NatsError> {
    Ok(Found::look(connection, options).await?.settings())
}

/// Returns the differences of a consumer from one that loses and delays nothing, and whether a
/// relay can use it all the same.
pub(crate) fn differences_of_consumer(found: &ConsumerInfo) -> (Vec<Difference>, bool) {
    let settings = Found {
        streams: [None, None],
        consumer: Some(found.clone()),
        has_fast_batches: false,
    }
    .settings();
    // A relay has no permission to ask whether the stream sets this for its consumers.
    let threshold = found.config.get("inactive_threshold").cloned();
    let wanted = settings.consumer(threshold.unwrap_or_default());
    let differences = compare(&consumer_name(), &wanted, &found.config);
    let is_usable = !is_about(&differences, &UNUSABLE);
    (differences, is_usable)
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
