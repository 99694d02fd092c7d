//! Rows that the store does not accept yet and that are retried separately: [`Deferred`].
//!
//! A row whose foreign key refers to an uncommitted row is refused until that transaction commits.
//! A row whose trigger waits for a lock fails while all others succeed. Neither may delay the rest
//! of its batch or later batches. Delivery therefore continues without the row, and its owner has
//! it delivered concurrently.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::log_throttle::is_worth_a_line;
use crate::{
    error_chain::ErrorChain,
    panics::quietly,
    store::{Batch, StoreError},
};

/// The maximum number of rows deferred at a time, bounded because they are held in memory. Beyond
/// it, a row with a missing reference is refused at once, and any other row is retried in place.
pub(super) const DEFERRED_MAX: usize = 1_000;

/// Bounds the number of deferred rows and serializes their writes.
pub(super) struct Deferrals {
    room: Arc<Semaphore>,
    /// Admits one write at a time, so that deferred rows use at most one connection.
    pub(super) turn: Semaphore,
    /// The number of rows deferred so far.
    count: AtomicU64,
}

impl Deferrals {
    pub(super) fn new() -> Self {
        Self {
            room: Arc::new(Semaphore::new(DEFERRED_MAX)),
            turn: Semaphore::new(1),
            count: AtomicU64::new(0),
        }
    }

    /// Reserves room for one more row, or returns `None` if there is none. Logs a warning each time
    /// the count has doubled.
    pub(super) fn add(&self, because: &StoreError) -> Option<Deferral> {
        let room = Arc::clone(&self.room).try_acquire_owned().ok()?;
        let count = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        if is_worth_a_line(count, 1) {
            quietly(|| {
                tracing::warn!(
                    error = %ErrorChain(because),
                    set_aside = count,
                    "an activity can't be written yet: it is tried again beside the others"
                );
            });
        }
        Some(Deferral(room))
    }
}

/// Reserves the room of one deferred row until it is dropped.
#[derive(Debug)]
pub(crate) struct Deferral(#[expect(dead_code, reason = "held")] OwnedSemaphorePermit);

/// A deferred row and the key by which its owner identifies it.
#[derive(Debug)]
pub(crate) struct Deferred<K> {
    pub(crate) row: Batch,
    #[expect(dead_code, reason = "it holds the room until it is dropped")]
    pub(crate) deferral: Deferral,
    pub(crate) key: K,
}
