//! The amount of work that is measured.

use std::time::Duration;

/// The extent of a benchmark.
pub(crate) struct Extent {
    /// The activities, over 24 months, of the table whose pages are read.
    pub(crate) rows: i64,
    /// The activities of the table that is partitioned while it is in use.
    pub(crate) converted: i64,
    /// The row of the large project after which the deep page begins.
    pub(crate) deep: usize,
    /// The number of times that each page is read.
    pub(crate) pages: usize,
    /// The activities that are written each second meanwhile.
    pub(crate) writes_s: u32,
    /// The activities that are relayed in one measurement.
    pub(crate) relayed: usize,
    /// The number of measurements of relays.
    pub(crate) rounds: usize,
    /// The time for which the delay of relayed activities is measured.
    pub(crate) latency: Duration,
    /// The activities a second of the delay under load.
    pub(crate) loaded_s: u32,
}

pub(crate) const FULL: Extent = Extent {
    rows: 10_000_000,
    converted: 5_000_000,
    deep: 100_000,
    pages: 1_000,
    writes_s: 2_000,
    relayed: 300_000,
    rounds: 3,
    latency: Duration::from_secs(20),
    loaded_s: 5_000,
};

pub(crate) const QUICK: Extent = Extent {
    rows: 48_000,
    converted: 20_000,
    deep: 2_000,
    pages: 20,
    writes_s: 200,
    relayed: 5_000,
    rounds: 1,
    latency: Duration::from_secs(2),
    loaded_s: 500,
};
