//! A tracker without long waits: [`quick`].

use std::time::Duration;

use tracker_core::{Store, Tracker, TrackerBuilder};

/// Returns a builder whose tracker writes batches and retries at once. It retries three times after
/// an unclassified error.
pub fn quick(store: impl Store) -> TrackerBuilder {
    Tracker::builder()
        .store(store)
        .batch_age(Duration::from_millis(1))
        .retries(3)
        .retry_delays(Duration::from_millis(1), Duration::from_millis(2))
}
