//! The amount of work that is measured.

/// The extent of a benchmark.
pub(crate) struct Extent {
    pub(crate) rows: i64,
    pub(crate) projects: i64,
    /// The row of the large project after which the deep page begins.
    pub(crate) deep: usize,
    /// The number of times that each question is asked.
    pub(crate) requests: usize,
    pub(crate) streams: usize,
}

pub(crate) const FULL: Extent = Extent {
    rows: 1_000_000,
    projects: 1_000,
    deep: 100_000,
    requests: 1_000,
    streams: 1_000,
};

pub(crate) const QUICK: Extent = Extent {
    rows: 20_000,
    projects: 100,
    deep: 2_000,
    requests: 20,
    streams: 50,
};
