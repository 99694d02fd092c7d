//! The name and the limits of the consumer that all relays share.

use std::time::Duration;

/// The name of the consumer.
pub(crate) const CONSUMER: &str = "relay";

/// The default for the most activities that a relay writes at once.
pub(crate) const BATCH_ROWS_USUAL: usize = 4_000;

/// The time after which a request expires and is made again. A relay that ends waits for the
/// expiry, because only then can no more messages arrive. Messages sent to a relay that has ended
/// would be delayed until the consumer's `ack_wait` is over.
pub(crate) const EXPIRES: Duration = Duration::from_secs(2);

/// The lowest `max_waiting` (pending requests of all relays) with which each relay may have more
/// than one request pending.
pub(crate) const REQUESTS_WAITING_MIN: usize = 64;

/// Describes the consumer in messages for people.
pub(super) fn consumer_name() -> String {
    format!("consumer {CONSUMER}")
}
