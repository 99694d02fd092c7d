//! What is written at once: [`Batch`].

use std::sync::Arc;

use crate::Activity;

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

    /// The batch in two, each for another attempt; `None` for one of a single row.
    pub(crate) fn halves(&self) -> Option<(Self, Self)> {
        let rows = self.activities.len();
        if rows < 2 {
            return None;
        }
        let (first, second) = self.activities.split_at(rows / 2);
        let retry = |half: &[Activity]| Self::from(half.to_vec()).retry();
        Some((retry(first), retry(second)))
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
