//! Rows that the store does not take yet, tried again beside all others: [`Deferred`].
//!
//! A row whose foreign key refers to what an open transaction has made is refused until that is
//! committed. One that a trigger lets wait for a lock of its own fails while all others go through.
//! Neither may hold up the rest of its batch or the next ones, so delivery goes on without it, and
//! its owner has it delivered beside them.

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

/// How many rows can be deferred at a time: they are in memory. Of more, those that lack what they
/// refer to are refused at once, and others are waited for in their place.
pub(super) const DEFERRED_MAX: usize = 1_000;

/// Which rows are deferred, and whose turn it is.
pub(super) struct Deferrals {
    room: Arc<Semaphore>,
    /// One of them is written at a time, so that they take one of the store's connections at most.
    pub(super) turn: Semaphore,
    /// How many there have been.
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

    /// Room for one more, if there is some. It is said each time there were twice as many.
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

/// The room that a deferred row takes, until this is dropped.
#[derive(Debug)]
pub(crate) struct Deferral(#[expect(dead_code, reason = "held")] OwnedSemaphorePermit);

/// A row that is deferred, and what its owner knows it by.
#[derive(Debug)]
pub(crate) struct Deferred<K> {
    pub(crate) row: Batch,
    #[expect(dead_code, reason = "it holds the room until it is dropped")]
    pub(crate) deferral: Deferral,
    pub(crate) key: K,
}
