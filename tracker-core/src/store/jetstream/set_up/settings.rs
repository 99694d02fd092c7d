//! The settings of the streams and the relays' consumer: [`StreamSettings`].

use std::time::Duration;

use serde_json::{Value, json};

use super::compare::Wanted;
use crate::store::jetstream::{consumer::CONSUMER, options::NatsOptions, subject};

/// The most replicas of a stream that there can be.
const REPLICAS_MAX: usize = 5;

/// The setting of a stream that takes fast batches.
pub(super) const FAST_BATCHES: &str = "allow_batched";

/// The settings of the streams and the relays' consumer.
///
/// | | stream of activities | stream of dead letters |
/// | --- | --- | --- |
/// | name, subjects | `<stream>`, `<subject>.*` | `<stream>_DEAD`, `<subject>_dead.*` |
/// | retention | work queue: what a relay has acknowledged is removed | limits: until it is replayed or removed |
/// | storage | files | files |
/// | when full | new messages are refused, and the workers keep them | new messages are refused, and stay in the stream of activities |
/// | age | unlimited: nothing is lost because relays were away for long | unlimited |
/// | replicas, largest size | as set here | as set here |
/// | fast batches | allowed, on servers from 2.14 on | as they are |
///
/// The consumer is durable and delivers all messages. Each message is acknowledged by itself, so
/// that relays can share a stream. A message is delivered again without a limit until it is
/// acknowledged: the store, and not a number of attempts, tells that an activity can never be
/// stored.
#[derive(Clone, Debug)]
#[must_use = "it does nothing until a store is set up with it"]
pub struct StreamSettings {
    pub(super) replicas: usize,
    pub(super) bytes_max: i64,
    pub(super) duplicate_window: Duration,
    pub(super) dead_letter_bytes_max: i64,
    pub(super) acknowledge_wait: Duration,
    pub(super) unacknowledged_max: i64,
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
    /// Sets the number of servers in the cluster that have each message: 1 to 5. Default: 3.
    ///
    /// With 3, an activity is acknowledged when two servers have it, and any one of them can be
    /// lost. Set 1 for a single server, and for a cluster that can do without any of its
    /// activities.
    pub fn replicas(mut self, replicas: usize) -> Self {
        self.replicas = replicas.clamp(1, REPLICAS_MAX);
        self
    }

    /// Sets the largest size of the stream of activities on each replica, in bytes. Default: 10
    /// GiB, at least 1 MiB.
    ///
    /// The stream is empty while relays keep up; its size limits the time for which they may be
    /// away. An activity takes some 600 bytes.
    pub fn bytes_max(mut self, bytes: u64) -> Self {
        self.bytes_max = bounded(bytes);
        self
    }

    /// Sets the time for which the stream remembers published activities, to drop repetitions.
    /// Default: 2 minutes, at least 100 ms.
    ///
    /// This takes some 200 bytes of the server's memory for each activity of that time. A later
    /// repetition is dropped by the table, and costs a relay one row.
    pub fn duplicate_window(mut self, window: Duration) -> Self {
        self.duplicate_window = window.max(Duration::from_millis(100));
        self
    }

    /// Sets the largest size of the stream of dead letters, in bytes. Default: 1 GiB, at least 1
    /// MiB.
    pub fn dead_letter_bytes_max(mut self, bytes: u64) -> Self {
        self.dead_letter_bytes_max = bounded(bytes);
        self
    }

    /// Sets the time after which an unacknowledged message of a relay is delivered to another one.
    /// Default: 30 s, at least 1 s.
    ///
    /// A relay that waits for its store extends this deadline in time. Only the messages of a relay
    /// that died are therefore delayed for so long.
    pub fn acknowledge_wait(mut self, wait: Duration) -> Self {
        self.acknowledge_wait = wait.max(Duration::from_secs(1));
        self
    }

    /// Sets the number of messages that all relays together may have unacknowledged. Default:
    /// 40,000, at least 1; a relay has up to 16,000.
    ///
    /// A relay has up to four batches: two that are being written, and two that it has asked for.
    pub fn unacknowledged_max(mut self, messages: u32) -> Self {
        self.unacknowledged_max = i64::from(messages.max(1));
        self
    }

    /// The streams of activities and of dead letters. A server that doesn't know the setting of
    /// fast batches may refuse it.
    pub(super) fn streams(
        &self,
        options: &NatsOptions,
        has_fast_batches: bool,
    ) -> [WantedStream; 2] {
        let mut activities = WantedStream {
            name: options.stream.clone(),
            description: "Activities on their way to the table.",
            settings: self.stream(&options.subject, "workqueue", self.bytes_max),
        };
        if has_fast_batches {
            activities.settings.push((FAST_BATCHES, json!(true)));
        }
        let subject = options.dead_letter_subject();
        let dead_letters = WantedStream {
            name: options.dead_letter_stream(),
            description: "Activities that the store refused, with the reasons.",
            settings: self.stream(&subject, "limits", self.dead_letter_bytes_max),
        };
        [activities, dead_letters]
    }

    fn stream(&self, subject: &str, retention: &str, bytes_max: i64) -> Wanted {
        vec![
            ("subjects", json!([subject::all(subject)])),
            ("retention", json!(retention)),
            ("storage", json!("file")),
            ("discard", json!("new")),
            ("num_replicas", json!(self.replicas)),
            ("max_bytes", json!(bytes_max)),
            ("max_age", json!(0)),
            ("duplicate_window", nanoseconds(self.duplicate_window)),
            ("max_msgs", json!(-1)),
            ("max_msgs_per_subject", json!(-1)),
            // Without acknowledgements nothing would be known to be stored.
            ("no_ack", Value::Null),
            // Neither takes anything in.
            ("sealed", Value::Null),
            ("mirror", Value::Null),
            // It takes numbers alone.
            ("allow_msg_counter", Value::Null),
            // It acknowledges what is not in its file yet.
            ("persist_mode", Value::Null),
        ]
    }

    /// Returns the settings of the consumer that relays share. The server removes it if relays were
    /// away for `inactive_threshold`, which is unlimited unless the stream sets one for each of its
    /// consumers.
    pub(super) fn consumer(&self, inactive_threshold: Value) -> Wanted {
        vec![
            ("durable_name", json!(CONSUMER)),
            ("deliver_policy", json!("all")),
            ("ack_policy", json!("explicit")),
            ("ack_wait", nanoseconds(self.acknowledge_wait)),
            // It takes the place of `ack_wait`.
            ("backoff", Value::Null),
            ("max_deliver", json!(-1)),
            ("max_ack_pending", json!(self.unacknowledged_max)),
            ("filter_subject", Value::Null),
            ("filter_subjects", Value::Null),
            ("headers_only", Value::Null),
            // The other way is as slowly as it came.
            ("replay_policy", json!("instant")),
            ("inactive_threshold", inactive_threshold),
            // Requests would have to name a group.
            ("priority_policy", Value::Null),
            ("priority_groups", Value::Null),
            ("priority_timeout", Value::Null),
            // It would not be asked, but send to a subject.
            ("deliver_subject", Value::Null),
            ("deliver_group", Value::Null),
            ("flow_control", Value::Null),
            ("idle_heartbeat", Value::Null),
        ]
    }
}

/// A stream as it should be.
pub(super) struct WantedStream {
    pub(super) name: String,
    pub(super) description: &'static str,
    pub(super) settings: Wanted,
}

fn bounded(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX).max(1 << 20)
}

fn nanoseconds(time: Duration) -> Value {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).into()
}
