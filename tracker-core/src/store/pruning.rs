//! What is to be pruned, and what became of it: [`Pruning`], [`Pruned`], [`Kept`].

/// Rows of any project that are to be removed since they are from before a time, a batch of them.
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

/// Where a batch begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum PruneCursor {
    /// Before all: whole partitions come first.
    #[default]
    Beginning,
    /// With whatever rows are found soonest, which is right as long as none of them stays.
    #[cfg(feature = "postgres")]
    Anywhere,
    /// Behind the row of this ID, in the order of the IDs.
    #[cfg(feature = "postgres")]
    Behind(Option<String>),
    /// Behind the row of this number, in SQLite.
    #[cfg(feature = "sqlite")]
    BehindNumber(i64),
}

impl Pruning {
    /// How many rows a batch has unless set otherwise.
    pub const LIMIT_DEFAULT: u32 = 1_000;

    /// The first batch of the rows from before a time, in milliseconds since the Unix epoch.
    pub fn before(created_before: i64) -> Self {
        Self {
            created_before,
            limit: Self::LIMIT_DEFAULT,
            cursor: PruneCursor::default(),
        }
    }

    /// How many rows are removed at most one by one; with 0, whole partitions alone are dropped.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = limit;
        self
    }

    /// The time.
    #[must_use]
    pub fn created_before(&self) -> i64 {
        self.created_before
    }

    /// How many rows are removed at most one by one.
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

/// What became of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pruned {
    /// How many rows were removed.
    pub removed: u64,
    /// Rows that were passed over, since they can't be removed, by what keeps them. No row is in it twice over all batches.
    pub kept: Vec<Kept>,
    /// The next batch; `None` where all has been looked at.
    pub next: Option<Pruning>,
}

impl Pruned {
    /// So many were removed, and none was passed over.
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
    /// What keeps them: a foreign key with its table, a trigger, row-level security.
    pub because: String,
    /// How many they are; `None` where nobody can tell.
    pub rows: Option<u64>,
}

impl Kept {
    /// So many rows, kept by this.
    #[must_use]
    pub fn new(because: impl Into<String>, rows: Option<u64>) -> Self {
        Self {
            because: because.into(),
            rows,
        }
    }
}
