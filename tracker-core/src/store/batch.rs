//! What is written at once: [`Batch`].

use std::sync::Arc;

use crate::Activity;

/// How many bytes of text make a batch full, however few its rows are: the usual 4,000 have half as much.
pub(crate) const BATCH_BYTES: usize = 2 << 20;

/// Activities that go to the store in one write; cheap to clone.
#[derive(Clone, Debug)]
pub struct Batch {
    activities: Arc<Vec<Activity>>,
    retry: bool,
}

impl Batch {
    /// The activities, in the order in which they were recorded.
    #[must_use]
    pub fn activities(&self) -> &[Activity] {
        &self.activities
    }

    /// Whether some of the rows may have been written already, by an attempt that failed or whose
    /// outcome is unknown. A store may try a faster way of writing first when they have not.
    #[must_use]
    pub fn is_retry(&self) -> bool {
        self.retry
    }

    /// How many there are.
    pub(crate) fn rows(&self) -> u64 {
        self.activities.len() as u64
    }

    /// `rows` of its rows from the one `at` on: less than all of them for another attempt.
    pub(crate) fn part(&self, at: usize, rows: usize) -> Self {
        if rows >= self.activities.len() {
            return self.clone();
        }
        let rows = self.activities.iter().skip(at).take(rows);
        rows.cloned().collect::<Self>().retry()
    }

    /// The same batch, for another attempt.
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
