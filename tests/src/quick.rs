//! A tracker that waits for nothing in earnest: [`quick`].

use std::time::Duration;

use tracker_core::{Store, Tracker, TrackerBuilder};

/// A builder whose batches are written at once, and which tries again at once, three times where the store says no more
/// than that it failed.
pub fn quick(store: impl Store) -> TrackerBuilder {
    Tracker::builder()
        .store(store)
        .batch_age(Duration::from_millis(1))
        .retries(3)
        .retry_delays(Duration::from_millis(1), Duration::from_millis(2))
}
