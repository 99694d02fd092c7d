//! The consumer that relays share: its name, and what each of them asks of it.

use std::time::Duration;

/// The option's name.
pub(crate) const CONSUMER: &str = "relay";

/// How many activities a relay writes at once at most, unless it is set otherwise.
pub(crate) const BATCH_ROWS_USUAL: usize = 4_000;

/// How long a request stands before it is made again. A relay that ends waits for that, since only then nothing more can come: what the
/// server sends to nobody is held up until the consumer's `ack_wait` is over.
pub(crate) const EXPIRES: Duration = Duration::from_secs(2);

/// How many requests of all relays it has to let wait for each of them to have more than one.
pub(crate) const REQUESTS_WAITING_MIN: usize = 64;

/// It, for people.
pub(super) fn consumer_name() -> String {
    format!("consumer {CONSUMER}")
}
