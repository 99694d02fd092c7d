//! The options, progress and results of a conversion: [`Partitioning`], [`Progress`],
//! [`Partitioned`], [`Abandoned`].

use super::Period;

/// The options of a conversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Partitioning {
    pub(super) period: Period,
    pub(super) keeps_old: bool,
}

impl Partitioning {
    /// Partitions by this period, and drops the old table at the end.
    pub fn by(period: Period) -> Self {
        Self {
            period,
            keeps_old: false,
        }
    }

    /// Sets whether to keep the old table as `project_actions_unpartitioned`, with all its rows up
    /// to the end of the conversion. Nothing writes to it any more. The next conversion without
    /// this option drops it. Default: false.
    pub fn keep_old(mut self, keeps_old: bool) -> Self {
        self.keeps_old = keeps_old;
        self
    }
}

/// The progress of a conversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The current step.
    pub step: Step,
    /// The number of rows copied, or of indexes built.
    pub done: u64,
    /// The total number, as far as it is known: rows may be added meanwhile.
    pub total: u64,
}

/// A step of a conversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Copying rows.
    Copying,
    /// Building indexes.
    Indexing,
}

/// The result of a conversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Partitioned {
    /// The table is partitioned now.
    Converted {
        /// The number of copied rows, over all runs of the conversion.
        rows: u64,
    },
    /// The table was partitioned by this period before.
    Already,
}

/// The result of undoing a conversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Abandoned {
    /// An unfinished conversion was undone, and nothing of it is left.
    TakenBack,
    /// No conversion had begun.
    Nothing,
}
