//! Making what is missing of the streams and the consumer, and changing what differs.

use std::time::Duration;

use async_nats::jetstream::stream::DeleteStatus;
use serde::Serialize;
use tokio::time::sleep;

use super::{
    compare::{Wanted, changed, compare, is_about},
    found::Found,
    settings::{FAST_BATCHES, StreamSettings, WantedStream},
};
use crate::store::jetstream::{
    connection::{Connection, Nothing},
    consumer::{CONSUMER, consumer_name},
    difference::Difference,
    error::NatsError,
    info::{Config, ConsumerInfo, StreamInfo},
    options::NatsOptions,
};

/// The time for which a message may still be there after its acknowledgement.
const SETTLING: Duration = Duration::from_secs(1);

/// The settings of an existing consumer that no server changes.
const FIXED: [&str; 5] = [
    "ack_policy",
    "deliver_policy",
    "deliver_subject",
    "durable_name",
    "replay_policy",
];

impl StreamSettings {
    /// Returns the differences of the existing streams and consumer. A missing one is a difference.
    pub(in crate::store::jetstream) async fn differences(
        &self,
        connection: &Connection,
        options: &NatsOptions,
    ) -> Result<Vec<Difference>, NatsError> {
        let found = Found::look(connection, options).await?;
        Ok(found.differences(self, options))
    }

    /// Creates what is missing, if nothing that exists differs, and has messages delivered that a
    /// killed server left behind. A stream without fast batches stays as it is: they make it faster
    /// and promise nothing, and a server before 2.14 in its cluster would stop serving a stream
    /// that has them.
    pub(in crate::store::jetstream) async fn make(
        &self,
        connection: &Connection,
        options: &NatsOptions,
    ) -> Result<Vec<String>, NatsError> {
        let found = Found::look(connection, options).await?;
        let differences = found.differences(self, options).into_iter();
        let differs = |one: &Difference| !one.is_missing() && one.setting != Some(FAST_BATCHES);
        let different: Vec<_> = differences.filter(differs).collect();
        if !different.is_empty() {
            return Err(NatsError::Different {
                place: options.describe(),
                differences: different,
            });
        }
        self.apply(&found, Existing::Stays, connection, options)
            .await
    }

    /// Makes or changes whatever differs.
    pub(in crate::store::jetstream) async fn update(
        &self,
        connection: &Connection,
        options: &NatsOptions,
    ) -> Result<Vec<String>, NatsError> {
        let found = Found::look(connection, options).await?;
        self.apply(&found, Existing::Changes, connection, options)
            .await
    }

    async fn apply(
        &self,
        found: &Found,
        existing: Existing,
        connection: &Connection,
        options: &NatsOptions,
    ) -> Result<Vec<String>, NatsError> {
        if self.replicas > 1 && found.is_on_a_single_server() {
            return Err(NatsError::SingleServer {
                place: options.describe(),
                replicas: self.replicas,
            });
        }
        let is_revived = revive(connection, options, found).await?;
        let mut done = Vec::new();
        for (wanted, found) in found.wanted(self, options).iter().zip(&found.streams) {
            if found.is_none() || existing == Existing::Changes {
                done.extend(apply_stream(wanted, found.as_ref(), connection, options).await?);
            }
        }
        let wanted = self.consumer(found.inactive_threshold());
        let there = found.consumer.as_ref();
        done.extend(apply_consumer(&wanted, there, is_revived, connection, options).await?);
        Ok(done)
    }
}

/// The treatment of streams that exist with other settings.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Existing {
    Stays,
    Changes,
}

/// Tells what it has done, if anything.
async fn apply_stream(
    wanted: &WantedStream,
    found: Option<&StreamInfo>,
    connection: &Connection,
    options: &NatsOptions,
) -> Result<Option<String>, NatsError> {
    let name = &wanted.name;
    let (request, config, operation, done) = match found {
        None => {
            let new = [
                ("name".to_owned(), name.clone().into()),
                ("description".to_owned(), wanted.description.into()),
                ("max_consumers".to_owned(), (-1).into()),
            ];
            let config = changed(Config::from_iter(new), &wanted.settings);
            ("CREATE", config, "making a stream", "made")
        }
        Some(found) if compare(name, &wanted.settings, &found.config).is_empty() => {
            return Ok(None);
        }
        Some(found) => {
            let config = changed(found.config.clone(), &wanted.settings);
            ("UPDATE", config, "changing a stream", "changed")
        }
    };
    let asked = connection.ask(format!("STREAM.{request}.{name}"), &config);
    let _: StreamInfo = asked
        .await
        .map_err(|failure| failure.into_error(operation, options))?;
    Ok(Some(format!("{done} the stream {name}")))
}

/// Tells what it has done, if anything. Where the consumer `is_revived` it is not there any more.
async fn apply_consumer(
    wanted: &Wanted,
    found: Option<&ConsumerInfo>,
    is_revived: bool,
    connection: &Connection,
    options: &NatsOptions,
) -> Result<Option<String>, NatsError> {
    let (config, done) = match found {
        None => {
            let new = [("description".to_owned(), "Relays share it.".into())];
            let done = format!("made the consumer {CONSUMER}");
            (changed(Config::from_iter(new), wanted), done)
        }
        Some(found) => {
            let differences = compare(&consumer_name(), wanted, &found.config);
            let done = if is_revived {
                format!("made the consumer {CONSUMER} anew, for messages that it had left behind")
            } else if differences.is_empty() {
                return Ok(None);
            } else if is_about(&differences, &FIXED) {
                remove_consumer(connection, options).await?;
                format!("made the consumer {CONSUMER} anew, since no server changes this of one")
            } else {
                format!("changed the consumer {CONSUMER}")
            };
            (changed(found.config.clone(), wanted), done)
        }
    };
    let subject = format!("CONSUMER.DURABLE.CREATE.{}.{CONSUMER}", options.stream);
    let request = CreateConsumer {
        stream_name: &options.stream,
        config,
    };
    let made = connection.ask(subject, &request).await;
    let _: ConsumerInfo =
        made.map_err(|failure| failure.into_error("making the consumer", options))?;
    Ok(Some(done))
}

/// Has messages delivered that were left behind. After the kill of a server or of the stream's
/// leader (seen with 2.9), a message may be in the stream although the consumer counts it as
/// acknowledged, so that no relay gets it. It is unknown whether its row was stored, so the message
/// is not removed. A new consumer delivers all messages, and the table skips the rows that it has.
async fn revive(
    connection: &Connection,
    options: &NatsOptions,
    found: &Found,
) -> Result<bool, NatsError> {
    let Some(left) = found.left_behind() else {
        return Ok(false);
    };
    // A message that was acknowledged just now is removed within this time.
    sleep(SETTLING).await;
    if Found::look(connection, options).await?.left_behind() != Some(left) {
        return Ok(false);
    }
    remove_consumer(connection, options).await?;
    Ok(true)
}

async fn remove_consumer(connection: &Connection, options: &NatsOptions) -> Result<(), NatsError> {
    let subject = format!("CONSUMER.DELETE.{}.{CONSUMER}", options.stream);
    let deleted = connection.ask(subject, &Nothing {}).await;
    let DeleteStatus { .. } =
        deleted.map_err(|failure| failure.into_error("removing the consumer", options))?;
    Ok(())
}

/// The request that makes or changes a consumer.
#[derive(Serialize)]
struct CreateConsumer<'a> {
    stream_name: &'a str,
    config: Config,
}
