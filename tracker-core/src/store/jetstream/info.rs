//! The info that a server returns about a stream, a consumer and an account: [`StreamInfo`],
//! [`ConsumerInfo`], [`AccountInfo`].
//!
//! The settings stay JSON: a server has more of them than any client knows, and an update must send
//! all of them back.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

/// Settings under the names that the server gives them.
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
    /// True if delivery is paused until a time that an operator has set. Servers before 2.11 don't
    /// report it.
    #[serde(default)]
    paused: bool,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Position {
    pub(super) stream_seq: u64,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct AccountInfo {
    api: Api,
}

#[derive(Clone, Debug, Deserialize)]
struct Api {
    /// Servers before 2.11 have no level.
    #[serde(default)]
    level: u64,
}

impl AccountInfo {
    /// Returns whether the servers know streams that take fast batches, which came with 2.14.
    pub(super) fn has_fast_batches(&self) -> bool {
        self.api.level >= 4
    }
}

impl StreamInfo {
    /// Returns whether the stream is on a server outside any cluster, that is, in none with a name.
    pub(super) fn is_on_a_single_server(&self) -> bool {
        self.cluster
            .as_ref()
            .is_none_or(|cluster| cluster.name.is_empty())
    }
}

impl ConsumerInfo {
    /// Returns the time until which delivery is paused, in the server's format, or `None` if it is
    /// not paused.
    pub(crate) fn paused_until(&self) -> Option<&str> {
        let until = self.config.get("pause_until").and_then(Value::as_str);
        self.paused
            .then_some(until.unwrap_or("it is told to go on"))
    }

    /// Returns the time that the server waits for an ack before it delivers a message again.
    pub(crate) fn acknowledge_wait(&self) -> Duration {
        // The server's default.
        const USUAL: Duration = Duration::from_secs(30);
        duration(&self.config, "ack_wait").unwrap_or(USUAL)
    }
}

/// Returns a numeric setting, or `None` if it is missing or its value means no limit.
pub(crate) fn limit(config: &Config, name: &str) -> Option<u64> {
    config
        .get(name)
        .and_then(Value::as_u64)
        .filter(|number| *number > 0)
}

/// Returns a duration, which the settings hold in nanoseconds.
pub(crate) fn duration(config: &Config, name: &str) -> Option<Duration> {
    limit(config, name).map(Duration::from_nanos)
}
