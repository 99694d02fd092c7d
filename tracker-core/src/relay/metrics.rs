//! A relay's figures through the [`metrics`] facade; nothing without the feature `metrics`.

use super::stats::RelayStats;

#[cfg(not(feature = "metrics"))]
pub(super) fn describe() {}

#[cfg(not(feature = "metrics"))]
pub(super) fn report(_stream: &str, _stats: &RelayStats) {}

#[cfg(feature = "metrics")]
pub(super) use self::reporting::{describe, report};

#[cfg(feature = "metrics")]
mod reporting {
    use metrics::{counter, describe_counter, describe_gauge, gauge};

    use super::RelayStats;
    use crate::{panics::quietly, pipeline::metrics::describe_writes};

    const RECEIVED: &str = "tracker_relay_received_total";
    const REDELIVERED: &str = "tracker_relay_redelivered_total";
    const STORED: &str = "tracker_relay_stored_total";
    const DEAD_LETTERED: &str = "tracker_relay_dead_lettered_total";
    const GIVEN_BACK: &str = "tracker_relay_given_back_total";
    const WAITING: &str = "tracker_relay_waiting";
    const UNACKNOWLEDGED: &str = "tracker_relay_unacknowledged";

    /// Says what the figures mean, to the recorder that is installed now.
    pub(in super::super) fn describe() {
        quietly(|| {
            describe_writes();
            describe_counter!(RECEIVED, "Messages that the stream has delivered.");
            describe_counter!(
                REDELIVERED,
                "Messages that the stream had delivered before."
            );
            describe_counter!(STORED, "Activities that are in the store.");
            describe_counter!(
                DEAD_LETTERED,
                "Messages that were refused, and that are in the stream of dead letters."
            );
            describe_counter!(GIVEN_BACK, "Messages that were given back to the stream.");
            describe_gauge!(
                WAITING,
                "Messages in the stream that no relay has yet: the lag."
            );
            describe_gauge!(
                UNACKNOWLEDGED,
                "Messages that relays have and have not acknowledged."
            );
        });
    }

    /// Hands on the figures.
    pub(in super::super) fn report(stream: &str, stats: &RelayStats) {
        quietly(|| {
            let stream = || stream.to_owned();
            for (name, count) in [
                (RECEIVED, stats.received),
                (REDELIVERED, stats.redelivered),
                (STORED, stats.stored),
                (DEAD_LETTERED, stats.dead_lettered),
                (GIVEN_BACK, stats.given_back),
            ] {
                counter!(name, "stream" => stream()).absolute(count);
            }
            gauge!(WAITING, "stream" => stream()).set(approximate(stats.waiting));
            gauge!(UNACKNOWLEDGED, "stream" => stream()).set(approximate(stats.unacknowledged));
        });
    }

    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
    fn approximate(number: u64) -> f64 {
        number as f64
    }
}
