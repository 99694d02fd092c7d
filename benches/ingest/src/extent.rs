//! The amount of work that is measured.

/// The extent of a benchmark.
pub(crate) struct Extent {
    /// The activities of one measurement.
    pub(crate) rows: usize,
    /// The activities that are awaited one by one.
    pub(crate) awaited: usize,
    /// The number of times that everything is measured.
    pub(crate) rounds: usize,
    /// The rows with which the small and the large table begin.
    pub(crate) small: usize,
    pub(crate) large: usize,
}

pub(crate) const FULL: Extent = Extent {
    rows: 300_000,
    awaited: 6_000,
    rounds: 5,
    small: 100_000,
    large: 10_000_000,
};

pub(crate) const QUICK: Extent = Extent {
    rows: 5_000,
    awaited: 200,
    rounds: 1,
    small: 1_000,
    large: 10_000,
};
