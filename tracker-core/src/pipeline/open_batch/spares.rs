//! The memory of batches that were written: [`Spares`].

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::OpenBatch;

/// The number of batches that keep their memory: those that lanes fill next.
const SPARES_MAX: usize = 4;

/// Empty batches with room for what is recorded next: new memory is slow until it is touched.
#[derive(Debug, Default)]
pub(crate) struct Spares(Mutex<Vec<OpenBatch>>);

impl Spares {
    pub(crate) fn take(&self) -> Option<OpenBatch> {
        self.lock().pop()
    }

    /// Empties a batch, and keeps its memory if that is worth it.
    pub(super) fn give(&self, mut batch: OpenBatch) {
        batch.clear();
        let mut spares = self.lock();
        if batch.is_usual() && spares.len() < SPARES_MAX {
            spares.push(batch);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<OpenBatch>> {
        // Every change under the lock is complete before anything could panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
