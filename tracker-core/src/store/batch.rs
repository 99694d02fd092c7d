//! The rows of one write: [`Batch`].

use std::{
    fmt,
    ops::Range,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::{Arc, OnceLock},
};

use crate::{Activity, row::Row};

/// The bytes of text that make a batch full, however few its rows are: the usual 4,000 have half as
/// much.
pub(crate) const BATCH_BYTES: usize = 2 << 20;

/// Activities that are written to the store at once; cheap to clone.
#[derive(Clone, Debug)]
pub struct Batch {
    rows: Arc<Rows>,
    /// The rows that are meant, which another batch may share.
    part: Range<usize>,
    retry: bool,
}

#[derive(Debug)]
enum Rows {
    Activities(Vec<Activity>),
    Packed {
        rows: Box<dyn PackedRows>,
        /// Made when they are asked for.
        activities: OnceLock<Vec<Activity>>,
    },
}

/// Rows in another form than activities, from which stores can write them as well.
pub(crate) trait PackedRows: fmt::Debug + Send + Sync + UnwindSafe + RefUnwindSafe {
    fn len(&self) -> usize;

    /// Returns the row at an index, which is less than the number of rows.
    fn row(&self, at: usize) -> Row<'_>;
}

impl Batch {
    /// Makes a batch of packed rows.
    pub(crate) fn packed(rows: impl PackedRows + 'static) -> Self {
        let len = rows.len();
        let rows = Rows::Packed {
            rows: Box::new(rows),
            activities: OnceLock::new(),
        };
        Self::new(rows, len)
    }

    fn new(rows: Rows, len: usize) -> Self {
        Self {
            rows: Arc::new(rows),
            part: 0..len,
            retry: false,
        }
    }

    /// Returns the activities, in the order in which they were recorded.
    ///
    /// The first call makes them of the texts that were recorded, and later ones return the same.
    #[must_use]
    pub fn activities(&self) -> &[Activity] {
        let all = match &*self.rows {
            Rows::Activities(activities) => activities,
            Rows::Packed { rows, activities } => activities.get_or_init(|| {
                let rows = (0..rows.len()).map(|at| rows.row(at).to_activity());
                rows.collect()
            }),
        };
        all.get(self.part.clone()).unwrap_or_default()
    }

    /// Returns whether an earlier attempt, which failed or whose outcome is unknown, may have
    /// written some of the rows. If none did, a store may try a faster way of writing first.
    #[must_use]
    pub fn is_retry(&self) -> bool {
        self.retry
    }

    /// Goes over all rows, as a store does, and returns the approximate size of their texts, in
    /// bytes.
    #[doc(hidden)]
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.iter().map(|row| row.bytes()).sum()
    }

    /// Iterates over the rows, and makes no activities for that.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = Row<'_>> + Clone {
        let row = |at| match &*self.rows {
            Rows::Activities(activities) => Row::from(&activities[at]),
            Rows::Packed { rows, .. } => rows.row(at),
        };
        self.part.clone().map(row)
    }

    /// Returns the number of activities, as it is counted.
    pub(crate) fn rows(&self) -> u64 {
        self.len() as u64
    }

    pub(crate) fn len(&self) -> usize {
        self.part.len()
    }

    #[cfg(any(feature = "journal", feature = "postgres", feature = "sqlite"))]
    pub(crate) fn is_empty(&self) -> bool {
        self.part.is_empty()
    }

    /// Returns up to `rows` activities from the index `at` on. If `rows` covers the whole batch,
    /// returns the batch unchanged; a smaller part is a retry.
    pub(crate) fn part(&self, at: usize, rows: usize) -> Self {
        if rows >= self.len() {
            return self.clone();
        }
        let mut part = self.rest(at).retry();
        part.part.end = part.part.end.min(part.part.start + rows);
        part
    }

    /// Returns the activities from the index `at` on. If there are none, no memory is kept.
    pub(crate) fn rest(&self, at: usize) -> Self {
        if at >= self.len() {
            return Self::default();
        }
        let mut rest = self.clone();
        rest.part.start += at;
        rest
    }

    /// Returns the same activities, but keeps no others in memory.
    pub(crate) fn alone(&self) -> Self {
        Self {
            retry: self.retry,
            ..self.iter().map(Row::to_activity).collect()
        }
    }

    /// Returns the same batch, marked as a retry.
    #[must_use]
    pub fn retry(&self) -> Self {
        Self {
            retry: true,
            ..self.clone()
        }
    }
}

impl Default for Batch {
    fn default() -> Self {
        Vec::new().into()
    }
}

impl From<Vec<Activity>> for Batch {
    fn from(activities: Vec<Activity>) -> Self {
        let len = activities.len();
        Self::new(Rows::Activities(activities), len)
    }
}

impl FromIterator<Activity> for Batch {
    fn from_iter<T: IntoIterator<Item = Activity>>(activities: T) -> Self {
        Vec::from_iter(activities).into()
    }
}
