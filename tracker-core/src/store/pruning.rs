//! Pruning in batches, and its results: [`Pruning`], [`Pruned`], [`Kept`].

/// Describes a batch of pruning: rows of any project, recorded before a time, that are to be
/// removed.
///
/// ```
/// use tracker_core::{ActionType, Activity, MemoryStore, Store, store::Pruning};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = MemoryStore::new();
/// store.write(vec![Activity::new(ActionType::Deployment)].into()).await?;
///
/// let mut removed = 0;
/// let mut next = Some(Pruning::before(i64::MAX));
/// while let Some(pruning) = next {
///     let pruned = store.prune(pruning).await?;
///     removed += pruned.removed;
///     next = pruned.next;
/// }
/// assert_eq!(removed, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Pruning {
    pub(super) created_before: i64,
    pub(super) limit: u32,
    pub(super) cursor: PruneCursor,
}

/// The start of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum PruneCursor {
    /// The beginning, where whole partitions are dropped first.
    #[default]
    Beginning,
    /// Any place. The rows that are found fastest come first, which is correct as long as every row
    /// can be removed.
    #[cfg(feature = "postgres")]
    Anywhere,
    /// After the row of this ID, in the order of IDs; `None` is before all rows.
    #[cfg(feature = "postgres")]
    Behind(Option<String>),
    /// After the row of this number, in SQLite.
    #[cfg(feature = "sqlite")]
    AfterNumber(i64),
}

impl Pruning {
    /// The default number of rows in a batch.
    pub const LIMIT_DEFAULT: u32 = 1_000;

    /// Returns the first batch of the rows that were recorded before a time, in milliseconds since
    /// the Unix epoch.
    pub fn before(created_before: i64) -> Self {
        Self {
            created_before,
            limit: Self::LIMIT_DEFAULT,
            cursor: PruneCursor::default(),
        }
    }

    /// Sets the most rows that the batch removes one by one. With 0, only whole partitions are
    /// dropped.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = limit;
        self
    }

    /// Returns the time before which rows are removed, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn created_before(&self) -> i64 {
        self.created_before
    }

    /// Returns the most rows that the batch removes one by one.
    #[must_use]
    pub fn limit_rows(&self) -> u32 {
        self.limit
    }

    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    pub(super) fn at(mut self, cursor: PruneCursor) -> Self {
        self.cursor = cursor;
        self
    }
}

/// The result of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pruned {
    /// The number of rows that were removed.
    pub removed: u64,
    /// The rows that were skipped because they can't be removed, grouped by the reason. No row is
    /// counted twice over all batches.
    pub kept: Vec<Kept>,
    /// The next batch; `None` if all rows have been visited.
    pub next: Option<Pruning>,
}

impl Pruned {
    /// A batch that removed this many rows and skipped none.
    #[must_use]
    pub fn new(removed: u64, next: Option<Pruning>) -> Self {
        Self {
            removed,
            kept: Vec::new(),
            next,
        }
    }
}

/// Rows that can't be removed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Kept {
    /// The reason: a foreign key with its table, a trigger, or row-level security.
    pub because: String,
    /// The number of rows; `None` if it is unknown.
    pub rows: Option<u64>,
}

impl Kept {
    /// Makes an entry from a reason and a number of rows.
    #[must_use]
    pub fn new(because: impl Into<String>, rows: Option<u64>) -> Self {
        Self {
            because: because.into(),
            rows,
        }
    }
}
