//! Answers that are kept for a time, in bounded memory: [`Kept`].

use std::{
    hash::Hash,
    time::{Duration, Instant},
};

use quick_cache::{Weighter, sync::Cache};

/// The number of values that room is made for at first.
const VALUES_FIRST: usize = 1_000;

/// Values that are kept for a time. Those that are asked for least go first when the memory is
/// full.
pub(crate) struct Kept<K, V> {
    cache: Cache<K, Entry<V>, Bytes>,
    duration: Duration,
}

#[derive(Clone)]
struct Entry<V> {
    value: V,
    bytes: usize,
    until: Instant,
}

impl<K: Eq + Hash, V: Clone> Kept<K, V> {
    /// Creates an empty one, whose values have `bytes_max` in all.
    pub(crate) fn new(duration: Duration, bytes_max: u64) -> Self {
        Self {
            cache: Cache::with_weighter(VALUES_FIRST, bytes_max, Bytes),
            duration,
        }
    }

    /// Returns a value that is not too old.
    pub(crate) fn get(&self, key: &K) -> Option<V> {
        let entry = self.cache.get(key)?;
        (Instant::now() < entry.until).then_some(entry.value)
    }

    /// Keeps a value that takes so many bytes, with its key.
    pub(crate) fn insert(&self, key: K, value: V, bytes: usize) {
        // A time that no clock reaches is not kept, which is slow but right.
        let Some(until) = Instant::now().checked_add(self.duration) else {
            return;
        };
        let entry = Entry {
            value,
            bytes,
            until,
        };
        self.cache.insert(key, entry);
    }
}

/// Weighs entries by what they say of themselves.
#[derive(Clone)]
struct Bytes;

impl<K, V> Weighter<K, Entry<V>> for Bytes {
    fn weight(&self, _: &K, entry: &Entry<V>) -> u64 {
        // An entry of no weight would never be removed.
        u64::try_from(entry.bytes).unwrap_or(u64::MAX).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_kept_for_its_time_and_no_longer() {
        let kept = Kept::new(Duration::from_hours(1), 1_000);
        kept.insert("a", 1, 10);
        assert_eq!(kept.get(&"a"), Some(1));
        let kept = Kept::new(Duration::ZERO, 1_000);
        kept.insert("a", 1, 10);
        assert_eq!(kept.get(&"a"), None);
        let kept = Kept::new(Duration::MAX, 1_000);
        kept.insert("a", 1, 10);
        assert_eq!(kept.get(&"a"), None);
    }

    #[test]
    fn all_values_take_no_more_memory_than_they_may() {
        let kept = Kept::new(Duration::from_hours(1), 100_000);
        for key in 0..100_000 {
            kept.insert(key, key, 100);
        }
        assert!(kept.cache.weight() <= 100_000);
        let there = (0..100_000).filter(|key| kept.get(key).is_some()).count();
        assert!((1..=1_000).contains(&there), "{there}");
    }
}
