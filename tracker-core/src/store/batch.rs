//! The rows of one write: [`Batch`].

use std::sync::Arc;

use crate::Activity;

/// The bytes of text that make a batch full, however few its rows are: the usual 4,000 have half as
/// much.
pub(crate) const BATCH_BYTES: usize = 2 << 20;

/// Activities that are written to the store at once; cheap to clone.
#[derive(Clone, Debug)]
pub struct Batch {
    activities: Arc<Vec<Activity>>,
    retry: bool,
}

impl Batch {
    /// Returns the activities, in the order in which they were recorded.
    #[must_use]
    pub fn activities(&self) -> &[Activity] {
        &self.activities
    }

    /// Returns whether an earlier attempt, which failed or whose outcome is unknown, may have
    /// written some of the rows. If none did, a store may try a faster way of writing first.
    #[must_use]
    pub fn is_retry(&self) -> bool {
        self.retry
    }

    /// Returns the number of activities.
    pub(crate) fn rows(&self) -> u64 {
        self.activities.len() as u64
    }

    /// Returns up to `rows` activities from the index `at` on. If `rows` covers the whole batch,
    /// returns the batch unchanged; a smaller part is a retry.
    pub(crate) fn part(&self, at: usize, rows: usize) -> Self {
        if rows >= self.activities.len() {
            return self.clone();
        }
        let rows = self.activities.iter().skip(at).take(rows);
        rows.cloned().collect::<Self>().retry()
    }

    /// Returns the same batch, marked as a retry.
    #[must_use]
    pub fn retry(&self) -> Self {
        Self {
            activities: Arc::clone(&self.activities),
            retry: true,
        }
    }
}

impl From<Vec<Activity>> for Batch {
    fn from(activities: Vec<Activity>) -> Self {
        Self {
            activities: Arc::new(activities),
            retry: false,
        }
    }
}

impl FromIterator<Activity> for Batch {
    fn from_iter<T: IntoIterator<Item = Activity>>(activities: T) -> Self {
        Vec::from_iter(activities).into()
    }
}
