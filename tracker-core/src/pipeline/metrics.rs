//! The tracker's figures through the [`metrics`] facade.
//!
//! They are taken on the writer's thread, from the account and around each write, so that recording
//! costs nothing more.

use std::time::Duration;

use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

use crate::Stats;

/// The pause between looks at the account while nothing is written.
pub(super) const INTERVAL: Duration = Duration::from_secs(1);

const RECORDED: &str = "tracker_activities_recorded_total";
const STORED: &str = "tracker_activities_stored_total";
const DEAD_LETTERED: &str = "tracker_activities_dead_lettered_total";
const DROPPED: &str = "tracker_activities_dropped_total";
const QUEUED: &str = "tracker_activities_queued";
const JOURNALED: &str = "tracker_activities_journaled";
const BATCH_ROWS: &str = "tracker_batch_rows";
const WRITE_SECONDS: &str = "tracker_write_duration_seconds";

/// Says what the figures mean, to the recorder that is installed now.
pub(super) fn describe() {
    describe_counter!(
        RECORDED,
        "Activities that were recorded, or taken over from a journal."
    );
    describe_counter!(STORED, "Activities that are in the store.");
    describe_counter!(
        DEAD_LETTERED,
        "Activities that the store refused, and that are put aside in the journal."
    );
    describe_counter!(DROPPED, "Activities that were lost, by reason.");
    describe_gauge!(QUEUED, "Activities that wait in memory.");
    describe_gauge!(
        JOURNALED,
        "Activities that wait in the journal for the store."
    );
    describe_writes();
}

/// Says what the figures of each write mean, which a relay has as well.
pub(crate) fn describe_writes() {
    describe_histogram!(BATCH_ROWS, "Activities in one write to the store.");
    describe_histogram!(
        WRITE_SECONDS,
        metrics::Unit::Seconds,
        "How long one write to the store took, by outcome."
    );
}

/// Hands on the account.
pub(super) fn account(store: &str, stats: &Stats) {
    let store = || store.to_owned();
    counter!(RECORDED, "store" => store()).absolute(stats.recorded);
    counter!(STORED, "store" => store()).absolute(stats.stored);
    counter!(DEAD_LETTERED, "store" => store()).absolute(stats.dead_lettered);
    for (reason, count) in stats.dropped.by_reason() {
        counter!(DROPPED, "store" => store(), "reason" => reason).absolute(count);
    }
    gauge!(QUEUED, "store" => store()).set(approximate(stats.queued));
    gauge!(JOURNALED, "store" => store()).set(approximate(stats.journaled));
}

/// Hands on one write.
pub(super) fn write(store: &str, rows: u64, took: Duration, is_written: bool) {
    let outcome = if is_written { "written" } else { "failed" };
    let store = || store.to_owned();
    histogram!(BATCH_ROWS, "store" => store()).record(approximate(rows));
    histogram!(WRITE_SECONDS, "store" => store(), "outcome" => outcome).record(took.as_secs_f64());
}

/// A gauge is a float, which holds every number of activities that there can be.
#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
fn approximate(number: u64) -> f64 {
    number as f64
}
