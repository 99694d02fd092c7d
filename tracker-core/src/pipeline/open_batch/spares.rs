//! The memory of batches that were written, and of those that are filled next: [`Spares`].

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::{OpenBatch, Packed, Reference};

/// The number of batches that keep their memory: those that lanes fill next.
const SPARES_MAX: usize = 4;

/// Empty batches with room for what is recorded next: new memory is slow until it is touched. While
/// no batch is written, and so none comes back, the writer makes them.
#[derive(Debug, Default)]
pub(crate) struct Spares {
    kept: Mutex<Kept>,
    /// Wakes who makes them.
    wanted: Notify,
}

#[derive(Debug, Default)]
struct Kept {
    batches: Vec<OpenBatch>,
    /// The size of the one that is to be made, as the last one has been taken.
    wanted: Option<Size>,
}

impl Spares {
    /// An empty batch with room for what is in a full one: growing there would copy what it has, a
    /// few times in a thousand calls.
    pub(crate) fn take(&self, full: &OpenBatch) -> OpenBatch {
        let size = Size::of(full);
        let mut kept = self.lock();
        let spare = kept.batches.pop();
        if kept.batches.is_empty() {
            kept.wanted = Some(size);
        }
        drop(kept);
        spare.unwrap_or_else(|| size.batch())
    }

    /// Has one made if none is left.
    pub(crate) fn ask(&self) {
        if self.lock().wanted.is_some() {
            self.wanted.notify_one();
        }
    }

    /// Makes one whenever none is left, on the thread of who polls this. Never ends.
    pub(crate) async fn make(&self) {
        loop {
            let wanted = self.lock().wanted.take();
            match wanted {
                Some(size) => self.keep(size.touched_batch()),
                None => self.wanted.notified().await,
            }
        }
    }

    /// Empties a batch, and keeps its memory if that is worth it.
    pub(super) fn give(&self, mut batch: OpenBatch) {
        batch.clear();
        if batch.is_usual() {
            self.keep(batch);
        }
    }

    fn keep(&self, batch: OpenBatch) {
        let mut kept = self.lock();
        if kept.batches.len() < SPARES_MAX {
            kept.batches.push(batch);
            kept.wanted = None;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Every change under the lock is complete before anything could panic.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The size of a full batch.
#[derive(Clone, Copy, Debug)]
struct Size {
    rows: Extent<Packed>,
    texts: Extent<u8>,
    references: Extent<Reference>,
}

impl Size {
    fn of(full: &OpenBatch) -> Self {
        Self {
            rows: Extent::of(&full.rows),
            texts: Extent::of(&full.texts),
            references: Extent::of(&full.references),
        }
    }

    fn batch(self) -> OpenBatch {
        OpenBatch {
            rows: self.rows.vec(),
            texts: self.texts.vec(),
            references: self.references.vec(),
            ..OpenBatch::default()
        }
    }

    /// The same, with memory that is as fast as it will be.
    fn touched_batch(self) -> OpenBatch {
        let mut batch = self.batch();
        self.rows.touch(&mut batch.rows);
        self.texts.touch(&mut batch.texts);
        self.references.touch(&mut batch.references);
        batch
    }
}

/// The length of a vector, and a value for the memory of another one.
#[derive(Clone, Copy, Debug)]
struct Extent<T> {
    len: usize,
    value: Option<T>,
}

impl<T: Copy> Extent<T> {
    fn of(values: &[T]) -> Self {
        Self {
            len: values.len(),
            value: values.last().copied(),
        }
    }

    /// An empty vector with room for a few more.
    fn vec(self) -> Vec<T> {
        Vec::with_capacity(self.len + self.len / 8)
    }

    fn touch(self, values: &mut Vec<T>) {
        if let Some(value) = self.value {
            values.resize(self.len, value);
            values.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::{ActionType, Activity};

    fn full() -> OpenBatch {
        let mut full = OpenBatch::default();
        for _ in 0..100 {
            full.push_activity(Box::new(Activity::new(ActionType::Deployment)));
        }
        full
    }

    fn kept(spares: &Spares) -> usize {
        spares.lock().batches.len()
    }

    #[test]
    fn one_is_made_ahead_where_the_last_one_was_taken() {
        let (spares, full) = (Spares::default(), full());
        let mut make = Box::pin(spares.make());
        assert!(make.as_mut().now_or_never().is_none());
        assert_eq!(kept(&spares), 0);
        for _ in 0..3 {
            let empty = spares.take(&full);
            assert!(empty.is_empty() && empty.rows.capacity() >= full.len());
            spares.ask();
            assert!(make.as_mut().now_or_never().is_none());
            assert_eq!(kept(&spares), 1);
        }
    }

    #[test]
    fn none_is_made_where_one_comes_back() {
        let (spares, full) = (Spares::default(), full());
        let empty = spares.take(&full);
        spares.give(empty);
        spares.ask();
        assert!(spares.make().now_or_never().is_none());
        assert_eq!(kept(&spares), 1);
    }

    #[test]
    fn no_more_than_a_few_are_kept() {
        let spares = Spares::default();
        for _ in 0..2 * SPARES_MAX {
            spares.give(full());
        }
        assert_eq!(kept(&spares), SPARES_MAX);
    }
}
