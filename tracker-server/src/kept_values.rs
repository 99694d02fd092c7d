//! The answers with the values that filters can have, kept for a while: [`KeptValues`].

use std::time::Duration;

use axum::body::Bytes;
use tracker_core::timeline::Filter;

use crate::kept::Kept;

/// The time for which an answer is kept, since a reader who types asks again and again.
const KEPT_FOR: Duration = Duration::from_secs(10);

/// The memory of all answers that are kept, in bytes.
const KEPT_BYTES_MAX: u64 = 8 << 20;

/// Answers by what was asked for.
pub(crate) struct KeptValues(Kept<Filter, Bytes>);

impl Default for KeptValues {
    fn default() -> Self {
        Self(Kept::new(KEPT_FOR, KEPT_BYTES_MAX))
    }
}

impl KeptValues {
    /// Returns an answer that is not too old.
    pub(crate) fn get(&self, filter: &Filter) -> Option<Bytes> {
        self.0.get(filter)
    }

    /// Keeps an answer.
    pub(crate) fn insert(&self, filter: Filter, answer: Bytes) {
        // The address bounds what a filter takes, so the answer stands for both.
        let bytes = answer.len();
        self.0.insert(filter, answer, bytes);
    }
}
