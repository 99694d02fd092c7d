//! The amount of work that is measured.

use std::time::Duration;

/// The extent of a benchmark.
pub(crate) struct Extent {
    pub(crate) rows: i64,
    pub(crate) projects: i64,
    /// The row of the large project after which the deep page begins.
    pub(crate) deep: usize,
    /// The number of times that each question is asked.
    pub(crate) requests: usize,
    /// The number of times that each count is asked for.
    pub(crate) counts: usize,
    /// The rows of another project, whose counts are compared with those of the large project.
    pub(crate) large: i64,
    pub(crate) streams: usize,
    /// The time for which many connections ask for one kind of page.
    pub(crate) load: Duration,
}

pub(crate) const FULL: Extent = Extent {
    rows: 1_000_000,
    projects: 1_000,
    deep: 100_000,
    requests: 1_000,
    counts: 50,
    large: 10_000_000,
    streams: 1_000,
    load: Duration::from_secs(20),
};

pub(crate) const QUICK: Extent = Extent {
    rows: 20_000,
    projects: 100,
    deep: 2_000,
    requests: 20,
    counts: 5,
    large: 40_000,
    streams: 50,
    load: Duration::from_millis(500),
};
