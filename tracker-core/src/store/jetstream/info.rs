//! What a server says of a stream and of a consumer: [`StreamInfo`], [`ConsumerInfo`].
//!
//! The settings stay the JSON that they are: a server has more of them than any client knows, and what is sent back to it must have them all.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

/// Settings under the names that servers give them.
pub(crate) type Config = Map<String, Value>;

#[derive(Clone, Debug, Deserialize)]
pub(super) struct StreamInfo {
    pub(crate) config: Config,
    pub(super) state: StreamState,
    #[serde(default)]
    cluster: Option<ClusterInfo>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct StreamState {
    pub(super) messages: u64,
    pub(super) first_seq: u64,
}

#[derive(Clone, Debug, Deserialize)]
struct ClusterInfo {
    #[serde(default)]
    name: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ConsumerInfo {
    pub(crate) config: Config,
    pub(super) ack_floor: Position,
    pub(crate) num_pending: u64,
    pub(crate) num_ack_pending: usize,
    /// Whether it delivers nothing until a time that an operator has set; from 2.11 on.
    #[serde(default)]
    paused: bool,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Position {
    pub(super) stream_seq: u64,
}

impl StreamInfo {
    /// Whether it is on a server that is no cluster: it is in none that has a name.
    pub(super) fn is_on_a_single_server(&self) -> bool {
        self.cluster
            .as_ref()
            .is_none_or(|cluster| cluster.name.is_empty())
    }
}

impl ConsumerInfo {
    /// Until when it delivers nothing, as the server writes times.
    pub(crate) fn paused_until(&self) -> Option<&str> {
        let until = self.config.get("pause_until").and_then(Value::as_str);
        self.paused
            .then_some(until.unwrap_or("it is told to go on"))
    }

    /// How long the stream waits for an acknowledgement.
    pub(crate) fn acknowledge_wait(&self) -> Duration {
        // What a server has where nothing was said.
        const USUAL: Duration = Duration::from_secs(30);
        duration(&self.config, "ack_wait").unwrap_or(USUAL)
    }
}

/// A number; `None` where there is none, or one that stands for no limit.
pub(crate) fn limit(config: &Config, name: &str) -> Option<u64> {
    config
        .get(name)
        .and_then(Value::as_u64)
        .filter(|number| *number > 0)
}

/// A length of time, which servers have in nanoseconds.
pub(crate) fn duration(config: &Config, name: &str) -> Option<Duration> {
    limit(config, name).map(Duration::from_nanos)
}
