//! What is asked of a conversion, and what it tells: [`Partitioning`], [`Progress`], [`Partitioned`], [`Abandoned`].

use super::Period;

/// How a table is to be partitioned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Partitioning {
    pub(super) period: Period,
    pub(super) keeps_old: bool,
}

impl Partitioning {
    /// With a partition for each month or day; the table that there was is dropped when all is done.
    pub fn by(period: Period) -> Self {
        Self {
            period,
            keeps_old: false,
        }
    }

    /// Keeps the table that there was, as `project_actions_unpartitioned`, with all that was in it up to the end of the conversion. Nobody writes to it
    /// any more; the next conversion without this drops it.
    pub fn keep_old(mut self, keeps_old: bool) -> Self {
        self.keeps_old = keeps_old;
        self
    }
}

/// How far a conversion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// What is being done.
    pub step: Step,
    /// How many rows have been copied, or indexes built.
    pub done: u64,
    /// How many there are, as far as that is known: rows may come meanwhile.
    pub total: u64,
}

/// What a conversion is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Rows are copied.
    Copying,
    /// Indexes are built.
    Indexing,
}

/// What became of a table that was to be partitioned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Partitioned {
    /// It is partitioned now; so many rows were copied for it, over all runs of the conversion.
    Converted {
        /// The rows.
        rows: u64,
    },
    /// It was partitioned by this period before.
    Already,
}

/// What was there of a conversion that was to be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Abandoned {
    /// It had begun, and nothing of it is left.
    TakenBack,
    /// None had begun.
    Nothing,
}
