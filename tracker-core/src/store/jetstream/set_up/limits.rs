//! Limits on the way of activities although no setting differs: [`Limit`].

use std::fmt;

use super::found::Found;
use crate::store::jetstream::{
    connection::Connection,
    consumer::{BATCH_ROWS_USUAL, EXPIRES, REQUESTS_WAITING_MIN, consumer_name},
    error::NatsError,
    info::{self, Config},
    message::ACTIVITY_BYTES_MAX,
    options::NatsOptions,
};

/// A limit on the way of activities. An operator has set it, so an update leaves it unchanged, and
/// relays take what they are allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limit {
    /// The stream, the consumer or the server.
    pub of: String,
    /// The setting.
    pub setting: &'static str,
    /// The value found.
    pub is: String,
    /// The consequence.
    pub means: &'static str,
    /// True if no activity reaches the table meanwhile.
    pub is_stop: bool,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            of,
            setting,
            is,
            means,
            ..
        } = self;
        write!(f, "{setting} of {of} is {is}: {means}")
    }
}

/// Returns the limits on the way of activities.
pub(in crate::store::jetstream) async fn limits(
    connection: &Connection,
    options: &NatsOptions,
) -> Result<Vec<Limit>, NatsError> {
    let found = Found::look(connection, options).await?;
    let payload_max = connection.client.server_info().max_payload;
    Ok(of(&found, payload_max))
}

/// All of what is there. `payload_max` is the server's, in bytes.
fn of(found: &Found, payload_max: usize) -> Vec<Limit> {
    let mut limits = Limits(Vec::new());
    if payload_max < ACTIVITY_BYTES_MAX {
        let means = "it refuses an activity of more bytes, which is then lost";
        limits.add("the server", "max_payload", payload_max.to_string(), means);
    }
    for stream in found.streams.iter().flatten() {
        limits.of_stream(&stream.config);
    }
    if let Some(dead_letters) = &found.streams[1] {
        limits.of_dead_letters(&dead_letters.config);
    }
    if let Some(consumer) = &found.consumer {
        if let Some(until) = consumer.paused_until() {
            limits.0.push(Limit {
                of: consumer_name(),
                setting: "pause_until",
                is: until.to_owned(),
                means: "nothing comes out of the stream until then",
                is_stop: true,
            });
        }
        limits.of_consumer(&consumer.config);
    }
    limits.0
}

struct Limits(Vec<Limit>);

impl Limits {
    fn add(&mut self, of: &str, setting: &'static str, is: String, means: &'static str) {
        self.0.push(Limit {
            of: of.to_owned(),
            setting,
            is,
            means,
            is_stop: false,
        });
    }

    /// Adds a number that is lower than it takes for nobody to notice.
    fn add_lower(
        &mut self,
        of: &str,
        (config, setting): (&Config, &'static str),
        than: usize,
        means: &'static str,
    ) {
        if let Some(limit) = info::limit(config, setting)
            && limit < than as u64
        {
            self.add(of, setting, limit.to_string(), means);
        }
    }

    fn of_stream(&mut self, config: &Config) {
        let means = "it refuses a message of more bytes, and a worker's activity is then lost";
        let setting = (config, "max_msg_size");
        self.add_lower(name(config), setting, ACTIVITY_BYTES_MAX, means);
    }

    fn of_dead_letters(&mut self, config: &Config) {
        if config
            .get("deny_delete")
            .and_then(serde_json::Value::as_bool)
            == Some(true)
        {
            let means = "dead letters can be neither put back nor removed";
            self.add(name(config), "deny_delete", "true".to_owned(), means);
        }
    }

    fn of_consumer(&mut self, config: &Config) {
        let name = consumer_name();
        let means = "a relay asks for no more activities at once";
        self.add_lower(&name, (config, "max_batch"), 2 * BATCH_ROWS_USUAL, means);
        let means = "all relays together have no more activities at once";
        let most = 4 * BATCH_ROWS_USUAL;
        self.add_lower(&name, (config, "max_ack_pending"), most, means);
        let means = "each relay asks with one request at a time, and of more relays some wait";
        self.add_lower(&name, (config, "max_waiting"), REQUESTS_WAITING_MIN, means);
        if let Some(threshold) = info::duration(config, "inactive_threshold") {
            let means = "it is gone when relays were away for so long, and has to be set up again";
            self.add(&name, "inactive_threshold", format!("{threshold:?}"), means);
        }
        if let Some(expires) = info::duration(config, "max_expires")
            && expires < EXPIRES
        {
            let means = "a relay asks as often as that while there is nothing";
            self.add(&name, "max_expires", format!("{expires:?}"), means);
        }
    }
}

fn name(config: &Config) -> &str {
    config
        .get("name")
        .and_then(serde_json::Value::as_str)
        .unwrap_or("the stream")
}
