//! The answers with the values that filters can have, kept for a while: [`KeptValues`].

use std::time::Duration;

use axum::body::Bytes;
use tracker_core::timeline::Filter;

use crate::kept::Kept;

/// The time for which an answer is kept, since a reader who types asks again and again.
const KEPT_FOR: Duration = Duration::from_secs(10);

/// The memory of all answers that are kept, in bytes.
const KEPT_BYTES_MAX: u64 = 8 << 20;

/// The memory that a filter takes beside the texts of its request, in bytes: for its lists, and for
/// the texts of a link.
const FILTER_BYTES: usize = 16 << 10;

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

    /// Keeps the answer to a request, whose query string has so many bytes.
    pub(crate) fn insert(&self, filter: Filter, answer: Bytes, query_bytes: usize) {
        let bytes = FILTER_BYTES + query_bytes + answer.len();
        self.0.insert(filter, answer, bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_filters_with_short_answers_take_no_more_memory_than_they_may() {
        let kept = KeptValues::default();
        let filter = |number: usize| {
            let text = format!("{number:050000}");
            Filter::project("p").text(text)
        };
        for number in 0..1_000 {
            kept.insert(filter(number), Bytes::from_static(b"{}"), 50_000);
        }
        let there = (0..1_000).filter(|number| kept.get(&filter(*number)).is_some());
        let bytes = there.count() as u64 * 50_000;
        assert!((1..=KEPT_BYTES_MAX).contains(&bytes), "{bytes}");
    }
}
