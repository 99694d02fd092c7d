//! The lanes of a queue, so that threads that record do not wait for each other: [`Lanes`].
//!
//! ```text
//! a thread ─► its lane: a batch that is filled, credit ─► hand-over ─► QueueState ─► writer
//! ```
//!
//! A push locks the lane of its thread, which nobody else wants but now and then. It takes one off
//! the lane's credit, which is a part of the queue's room. The lock of the queue's state is only
//! taken where a lane's batch is full, old or waited for, and is handed over whole, and where the
//! credit is used up.
//!
//! The order of the locks is: lanes by their numbers, and then the state. So what is in the lanes
//! and what is in the state can be looked at as of one instant, by who holds them all.

use std::{
    cell::Cell,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::super::open_batch::OpenBatch;

/// The number of lanes. Where more threads record, some of them share one.
const LANES: usize = 32;

/// The room that a lane takes at a time, in activities.
pub(super) const CREDIT: usize = 64;

#[derive(Debug)]
pub(super) struct Lanes(Box<[Apart]>);

/// A lane, which shares no line of a processor's cache with another one.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Apart(Mutex<Lane>);

#[derive(Debug, Default)]
pub(super) struct Lane {
    /// The batch that is being filled.
    pub(super) filling: OpenBatch,
    /// The number of activities that it may take before it asks for more.
    pub(super) credit: usize,
}

impl Lanes {
    pub(super) fn new() -> Self {
        Self((0..LANES).map(|_| Apart::default()).collect())
    }

    /// The lane of this thread.
    #[inline]
    pub(super) fn own(&self) -> MutexGuard<'_, Lane> {
        self.0[number()].lock()
    }

    /// Each lane, one after the other.
    pub(super) fn each(&self) -> impl Iterator<Item = MutexGuard<'_, Lane>> {
        self.0.iter().map(Apart::lock)
    }

    /// All lanes at once.
    pub(super) fn all(&self) -> Vec<MutexGuard<'_, Lane>> {
        self.each().collect()
    }

    /// The lane of this thread among [all](Self::all).
    pub(super) fn own_of(mut all: Vec<MutexGuard<'_, Lane>>) -> MutexGuard<'_, Lane> {
        all.swap_remove(number())
    }
}

impl Apart {
    #[inline]
    fn lock(&self) -> MutexGuard<'_, Lane> {
        // Every change under the lock is complete before anything could panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The number of this thread's lane in each queue: the next one, for a thread that has none yet.
#[inline]
fn number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static OWN: Cell<usize> = const { Cell::new(LANES) };
    }
    let own = OWN.get();
    if own < LANES {
        return own;
    }
    let own = NEXT.fetch_add(1, Ordering::Relaxed) % LANES;
    OWN.set(own);
    own
}
