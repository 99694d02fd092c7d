//! Making and checking the streams and the relays' consumer: [`StreamSettings`].

use std::{fmt, time::Duration};

use async_nats::jetstream::{
    ErrorCode,
    consumer::{self, AckPolicy, DeliverPolicy, IntoConsumerConfig, pull},
    stream::{Config, DeleteStatus, DiscardPolicy, Info, RetentionPolicy, StorageType},
};
use serde::Serialize;
use tokio::time::sleep;

use super::{
    NatsError, NatsOptions,
    connection::{Connection, Nothing},
    subject,
};

/// The consumer that relays share.
pub(super) const CONSUMER: &str = "relay";

/// How long after an acknowledgement a message may still be there.
const SETTLING: Duration = Duration::from_secs(1);

/// The most replicas of a stream that there can be.
const REPLICAS_MAX: usize = 5;

/// How the streams and the relays' consumer are set up.
///
/// | | stream of activities | stream of dead letters |
/// | --- | --- | --- |
/// | name, subjects | `<stream>`, `<subject>.*` | `<stream>_DEAD`, `<subject>_dead.*` |
/// | retention | work queue: what a relay has acknowledged is removed | limits: until it is replayed or removed |
/// | storage | files | files |
/// | when full | new messages are refused, and the workers keep them | new messages are refused, and stay in the stream of activities |
/// | age | unlimited: nothing is lost because relays were away for long | unlimited |
/// | replicas, largest size | as set here | as set here |
///
/// The consumer is durable and delivers all; each message is acknowledged by itself, so that relays can share; a message is delivered again, without a limit,
/// until it is acknowledged: what can never be stored is told by the store, not by a count of attempts.
#[derive(Clone, Debug)]
#[must_use = "it does nothing until a store is set up with it"]
pub struct StreamSettings {
    replicas: usize,
    bytes_max: i64,
    duplicate_window: Duration,
    dead_letter_bytes_max: i64,
    acknowledge_wait: Duration,
    unacknowledged_max: i64,
}

impl Default for StreamSettings {
    fn default() -> Self {
        Self {
            replicas: 3,
            bytes_max: 10 << 30,
            duplicate_window: Duration::from_mins(2),
            dead_letter_bytes_max: 1 << 30,
            acknowledge_wait: Duration::from_secs(30),
            unacknowledged_max: 40_000,
        }
    }
}

impl StreamSettings {
    /// Sets how many servers of the cluster have each message: 1 to 5. Default: 3.
    ///
    /// With 3 an activity is acknowledged when two servers have it, and any one of them can be lost. A single server, and a cluster that can
    /// do without any of its activities, has 1.
    pub fn replicas(mut self, replicas: usize) -> Self {
        self.replicas = replicas.clamp(1, REPLICAS_MAX);
        self
    }

    /// Sets how large the stream of activities may become on each replica, in bytes. Default: 10 GiB, at least 1 MiB.
    ///
    /// It is empty while relays keep up; its size is how long they may be away. An activity takes some 600 bytes.
    pub fn bytes_max(mut self, bytes: u64) -> Self {
        self.bytes_max = bounded(bytes);
        self
    }

    /// Sets for how long the stream remembers what was published, to drop repetitions. Default: 2 minutes, at least 100 ms.
    ///
    /// It takes some 200 bytes of the server's memory for each activity of that time. A repetition that comes later is dropped by the table, and
    /// costs a relay one row.
    pub fn duplicate_window(mut self, window: Duration) -> Self {
        self.duplicate_window = window.max(Duration::from_millis(100));
        self
    }

    /// Sets how large the stream of dead letters may become, in bytes. Default: 1 GiB, at least 1 MiB.
    pub fn dead_letter_bytes_max(mut self, bytes: u64) -> Self {
        self.dead_letter_bytes_max = bounded(bytes);
        self
    }

    /// Sets how long a relay may have a message before another one gets it. Default: 30 s, at least 1 s.
    ///
    /// A relay that waits for its store says in time that it is still at it, so this is how long the messages of a relay that died are
    /// held up.
    pub fn acknowledge_wait(mut self, wait: Duration) -> Self {
        self.acknowledge_wait = wait.max(Duration::from_secs(1));
        self
    }

    /// Sets how many messages all relays together may have. Default: 40,000, at least 1; a relay has up to 16,000.
    ///
    /// A relay has up to four batches: two that are being written, and two that it has asked for.
    pub fn unacknowledged_max(mut self, messages: u32) -> Self {
        self.unacknowledged_max = i64::from(messages.max(1));
        self
    }

    /// How what is there differs; what is missing differs too.
    pub(super) async fn differences(
        &self,
        connection: &Connection,
        options: &NatsOptions,
    ) -> Result<Vec<Difference>, NatsError> {
        let found = look(connection, options).await?;
        Ok(self.differences_of(&found, options))
    }

    fn differences_of(&self, found: &Found, options: &NatsOptions) -> Vec<Difference> {
        let mut differences = Vec::new();
        let (activities, dead_letters) = self.streams(options);
        for (wanted, found) in [activities, dead_letters].iter().zip(&found.streams) {
            match found {
                None => differences.push(Difference::missing(&wanted.name)),
                Some(found) => compare_stream(&mut differences, wanted, &found.config),
            }
        }
        let wanted = self.wanted_consumer();
        match &found.consumer {
            None => differences.push(Difference::missing(&format!("consumer {CONSUMER}"))),
            Some(found) => compare_consumer(&mut differences, &wanted, found),
        }
        differences
    }

    /// Makes what is missing, where nothing that is there differs, and has delivered what a killed server has left behind.
    pub(super) async fn make(
        &self,
        connection: &Connection,
        options: &NatsOptions,
    ) -> Result<Vec<String>, NatsError> {
        let found = look(connection, options).await?;
        let differences = self.differences_of(&found, options).into_iter();
        let different: Vec<_> = differences.filter(|one| !one.is_missing()).collect();
        if !different.is_empty() {
            return Err(NatsError::Different {
                place: options.describe(),
                differences: different,
            });
        }
        self.apply(&found, connection, options).await
    }

    /// Makes or changes whatever differs.
    pub(super) async fn update(
        &self,
        connection: &Connection,
        options: &NatsOptions,
    ) -> Result<Vec<String>, NatsError> {
        let found = look(connection, options).await?;
        self.apply(&found, connection, options).await
    }

    async fn apply(
        &self,
        found: &Found,
        connection: &Connection,
        options: &NatsOptions,
    ) -> Result<Vec<String>, NatsError> {
        if self.replicas > 1 && found.is_single_server() {
            return Err(NatsError::SingleServer {
                place: options.describe(),
                replicas: self.replicas,
            });
        }
        let is_revived = revive(connection, options, found).await?;
        let mut done = Vec::new();
        let (activities, dead_letters) = self.streams(options);
        for (wanted, found) in [activities, dead_letters].into_iter().zip(&found.streams) {
            let name = wanted.name.clone();
            let Some(found) = found else {
                let made = connection
                    .ask(format!("STREAM.CREATE.{name}"), &wanted)
                    .await;
                let _: Info =
                    made.map_err(|failure| failure.into_error("making a stream", options))?;
                done.push(format!("made the stream {name}"));
                continue;
            };
            let mut differences = Vec::new();
            compare_stream(&mut differences, &wanted, &found.config);
            if !differences.is_empty() {
                // What is not set here stays as it is.
                let changed = changed(found.config.clone(), wanted);
                let changed = connection
                    .ask(format!("STREAM.UPDATE.{name}"), &changed)
                    .await;
                let _: Info =
                    changed.map_err(|failure| failure.into_error("changing a stream", options))?;
                done.push(format!("changed the stream {name}"));
            }
        }
        let mut differences = Vec::new();
        if let Some(found) = &found.consumer {
            compare_consumer(&mut differences, &self.wanted_consumer(), found);
        }
        if found.consumer.is_none() || !differences.is_empty() || is_revived {
            let subject = format!("CONSUMER.DURABLE.CREATE.{}.{}", options.stream, CONSUMER);
            let request = CreateConsumer {
                stream_name: &options.stream,
                config: self.wanted_consumer().into_consumer_config(),
            };
            let made = connection.ask(subject, &request).await;
            let _: consumer::Info =
                made.map_err(|failure| failure.into_error("making the consumer", options))?;
            done.push(if is_revived {
                format!("made the consumer {CONSUMER} anew, for messages that it had left behind")
            } else if found.consumer.is_none() {
                format!("made the consumer {CONSUMER}")
            } else {
                format!("changed the consumer {CONSUMER}")
            });
        }
        Ok(done)
    }

    fn streams(&self, options: &NatsOptions) -> (Config, Config) {
        let common = Config {
            discard: DiscardPolicy::New,
            storage: StorageType::File,
            num_replicas: self.replicas,
            max_messages: -1,
            max_messages_per_subject: -1,
            max_consumers: -1,
            ..Config::default()
        };
        let activities = Config {
            name: options.stream.clone(),
            description: Some("Activities on their way to the table.".to_owned()),
            subjects: vec![subject::all(&options.subject)],
            retention: RetentionPolicy::WorkQueue,
            max_bytes: self.bytes_max,
            duplicate_window: self.duplicate_window,
            ..common.clone()
        };
        let dead_letters = Config {
            name: options.dead_letter_stream(),
            description: Some("Activities that the store refused, with the reasons.".to_owned()),
            subjects: vec![subject::all(&options.dead_letter_subject())],
            retention: RetentionPolicy::Limits,
            max_bytes: self.dead_letter_bytes_max,
            duplicate_window: self.duplicate_window,
            ..common
        };
        (activities, dead_letters)
    }

    fn wanted_consumer(&self) -> pull::Config {
        pull::Config {
            durable_name: Some(CONSUMER.to_owned()),
            description: Some("Relays share it.".to_owned()),
            deliver_policy: DeliverPolicy::All,
            ack_policy: AckPolicy::Explicit,
            ack_wait: self.acknowledge_wait,
            max_deliver: -1,
            max_ack_pending: self.unacknowledged_max,
            ..pull::Config::default()
        }
    }
}

/// The settings of what is there, and the usual ones of what is missing.
pub(super) async fn settings(
    connection: &Connection,
    options: &NatsOptions,
) -> Result<StreamSettings, NatsError> {
    Ok(look(connection, options).await?.settings())
}

async fn look(connection: &Connection, options: &NatsOptions) -> Result<Found, NatsError> {
    let streams = [
        stream(connection, options, &options.stream).await?,
        stream(connection, options, &options.dead_letter_stream()).await?,
    ];
    let consumer = match &streams[0] {
        Some(_) => consumer(connection, options).await?,
        None => None,
    };
    Ok(Found { streams, consumer })
}

/// Has what was left behind delivered. After the kill of a server or of the stream's leader (seen with 2.9), a message may be in the stream although
/// the consumer takes it for acknowledged, so that nobody gets it. Whether its row was stored is not known, so it is not removed: a
/// consumer that is made anew delivers all there is, and the table drops what it has.
async fn revive(
    connection: &Connection,
    options: &NatsOptions,
    found: &Found,
) -> Result<bool, NatsError> {
    let Some(left) = found.left_behind() else {
        return Ok(false);
    };
    // What is acknowledged just now is removed just now.
    sleep(SETTLING).await;
    if look(connection, options).await?.left_behind() != Some(left) {
        return Ok(false);
    }
    let subject = format!("CONSUMER.DELETE.{}.{CONSUMER}", options.stream);
    let deleted = connection.ask(subject, &Nothing {}).await;
    let DeleteStatus { .. } =
        deleted.map_err(|failure| failure.into_error("removing the consumer", options))?;
    Ok(true)
}

async fn stream(
    connection: &Connection,
    options: &NatsOptions,
    name: &str,
) -> Result<Option<Info>, NatsError> {
    match connection.stream_info(name).await {
        Ok(info) => Ok(Some(info)),
        Err(failure) if failure.is(ErrorCode::STREAM_NOT_FOUND) => Ok(None),
        Err(failure) => Err(failure.into_error("looking at a stream", options)),
    }
}

async fn consumer(
    connection: &Connection,
    options: &NatsOptions,
) -> Result<Option<consumer::Info>, NatsError> {
    match connection.consumer_info(options).await {
        Ok(info) => Ok(Some(info)),
        Err(failure) if failure.is(ErrorCode::CONSUMER_NOT_FOUND) => Ok(None),
        Err(failure) => Err(failure.into_error("looking at the consumer", options)),
    }
}

/// The request that makes or changes a consumer.
#[derive(Serialize)]
struct CreateConsumer<'a> {
    stream_name: &'a str,
    config: consumer::Config,
}

/// What is there.
struct Found {
    streams: [Option<Info>; 2],
    consumer: Option<consumer::Info>,
}

impl Found {
    /// Whether a stream is on a server that is no cluster: it is in none that has a name.
    fn is_single_server(&self) -> bool {
        self.streams.iter().flatten().any(|stream| {
            let cluster = stream.cluster.as_ref();
            let name = cluster.and_then(|cluster| cluster.name.as_deref());
            name.is_none_or(str::is_empty)
        })
    }

    /// The settings that it has, and the usual ones of what is missing.
    fn settings(&self) -> StreamSettings {
        let mut settings = StreamSettings::default();
        if let Some(activities) = &self.streams[0] {
            settings.replicas = activities.config.num_replicas;
            settings.bytes_max = activities.config.max_bytes;
            settings.duplicate_window = activities.config.duplicate_window;
        }
        if let Some(dead_letters) = &self.streams[1] {
            settings.dead_letter_bytes_max = dead_letters.config.max_bytes;
        }
        if let Some(consumer) = &self.consumer {
            settings.acknowledge_wait = consumer.config.ack_wait;
            settings.unacknowledged_max = consumer.config.max_ack_pending;
        }
        settings
    }

    /// The first message that the consumer takes for acknowledged and that is there all the same.
    fn left_behind(&self) -> Option<u64> {
        let (stream, consumer) = (self.streams[0].as_ref()?, self.consumer.as_ref()?);
        let first = stream.state.first_sequence;
        let is_left = stream.state.messages > 0 && first <= consumer.ack_floor.stream_sequence;
        is_left.then_some(first)
    }
}

fn bounded(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX).max(1 << 20)
}

/// One setting that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The stream or the consumer.
    pub of: String,
    /// The setting; `None` where the stream or consumer itself is missing.
    pub setting: Option<&'static str>,
    /// What it is.
    pub is: String,
    /// What it should be.
    pub should_be: String,
}

impl Difference {
    fn missing(of: &str) -> Self {
        Self {
            of: of.to_owned(),
            setting: None,
            is: "missing".to_owned(),
            should_be: "there".to_owned(),
        }
    }

    fn is_missing(&self) -> bool {
        self.setting.is_none()
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            of, is, should_be, ..
        } = self;
        match self.setting {
            None => write!(f, "{of} is missing"),
            Some(setting) => write!(f, "{setting} of {of} is {is}, not {should_be}"),
        }
    }
}

fn compare_stream(differences: &mut Vec<Difference>, wanted: &Config, found: &Config) {
    // What the server leaves out of its answer is none.
    let none_is_minus_one = |number: i64| if number == 0 { -1 } else { number };
    let mut compare = |setting, is: String, should_be: String| {
        if is != should_be {
            let of = wanted.name.clone();
            let setting = Some(setting);
            differences.push(Difference {
                of,
                setting,
                is,
                should_be,
            });
        }
    };
    let subjects = |config: &Config| config.subjects.join(" ");
    compare("subjects", subjects(found), subjects(wanted));
    compare("retention", debug(found.retention), debug(wanted.retention));
    compare("storage", debug(found.storage), debug(wanted.storage));
    compare("discard", debug(found.discard), debug(wanted.discard));
    compare(
        "replicas",
        found.num_replicas.to_string(),
        wanted.num_replicas.to_string(),
    );
    compare(
        "max_bytes",
        found.max_bytes.to_string(),
        wanted.max_bytes.to_string(),
    );
    compare("max_age", debug(found.max_age), debug(wanted.max_age));
    compare(
        "duplicate_window",
        debug(found.duplicate_window),
        debug(wanted.duplicate_window),
    );
    compare(
        "max_msgs",
        none_is_minus_one(found.max_messages).to_string(),
        wanted.max_messages.to_string(),
    );
    compare(
        "max_msgs_per_subject",
        none_is_minus_one(found.max_messages_per_subject).to_string(),
        wanted.max_messages_per_subject.to_string(),
    );
    // Without acknowledgements nothing would be known to be stored.
    compare(
        "no_ack",
        found.no_ack.to_string(),
        wanted.no_ack.to_string(),
    );
    compare(
        "sealed",
        found.sealed.to_string(),
        wanted.sealed.to_string(),
    );
}

fn compare_consumer(
    differences: &mut Vec<Difference>,
    wanted: &pull::Config,
    found: &consumer::Info,
) {
    let is = &found.config;
    let mut compare = |setting, is: String, should_be: String| {
        if is != should_be {
            let of = format!("consumer {}", found.name);
            let setting = Some(setting);
            differences.push(Difference {
                of,
                setting,
                is,
                should_be,
            });
        }
    };
    compare("ack_policy", debug(is.ack_policy), debug(wanted.ack_policy));
    compare("ack_wait", debug(is.ack_wait), debug(wanted.ack_wait));
    compare(
        "max_deliver",
        is.max_deliver.to_string(),
        wanted.max_deliver.to_string(),
    );
    compare(
        "max_ack_pending",
        is.max_ack_pending.to_string(),
        wanted.max_ack_pending.to_string(),
    );
    compare(
        "filter_subject",
        is.filter_subject.clone(),
        wanted.filter_subject.clone(),
    );
    compare(
        "headers_only",
        is.headers_only.to_string(),
        wanted.headers_only.to_string(),
    );
}

fn debug(value: impl fmt::Debug) -> String {
    format!("{value:?}").to_lowercase()
}

/// The found settings, but for those that are compared.
fn changed(found: Config, wanted: Config) -> Config {
    Config {
        subjects: wanted.subjects,
        retention: wanted.retention,
        storage: wanted.storage,
        discard: wanted.discard,
        num_replicas: wanted.num_replicas,
        max_bytes: wanted.max_bytes,
        max_age: wanted.max_age,
        duplicate_window: wanted.duplicate_window,
        max_messages: wanted.max_messages,
        max_messages_per_subject: wanted.max_messages_per_subject,
        no_ack: wanted.no_ack,
        ..found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_settings_do_not_differ_and_each_other_one_is_named() {
        let options = NatsOptions::parse("nats://a").unwrap();
        let (wanted, _) = StreamSettings::default().streams(&options);
        let mut differences = Vec::new();
        compare_stream(&mut differences, &wanted, &wanted);
        assert_eq!(differences, []);

        let (found, _) = StreamSettings::default()
            .replicas(1)
            .bytes_max(0)
            .streams(&options);
        compare_stream(&mut differences, &wanted, &found);
        let text: Vec<_> = differences.iter().map(ToString::to_string).collect();
        assert_eq!(
            text,
            [
                "replicas of ACTIVITIES is 1, not 3",
                "max_bytes of ACTIVITIES is 1048576, not 10737418240"
            ]
        );
    }

    #[test]
    fn a_change_leaves_what_is_not_compared() {
        let options = NatsOptions::parse("nats://a").unwrap();
        let (wanted, _) = StreamSettings::default().streams(&options);
        let found = Config {
            allow_direct: true,
            max_bytes: 7,
            ..wanted.clone()
        };
        let changed = changed(found, wanted.clone());
        assert!(changed.allow_direct);
        assert_eq!(changed.max_bytes, wanted.max_bytes);
    }
}
