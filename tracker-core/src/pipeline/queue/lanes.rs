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
//! A lane is unlocked by a plain store. The lock of std exchanges a value there, so the processor
//! waits for all that was stored under the lock, which is a whole row. Whoever finds a lane locked
//! tries again, and sleeps for a while in the end, so that even a thread of a lower priority can
//! unlock it.
//!
//! The order of the locks is: lanes by their numbers, and then the state. So what is in the lanes
//! and what is in the state can be looked at as of one instant, by who holds them all.

use std::{
    cell::Cell,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use crossbeam_utils::Backoff;
use spin::mutex::{SpinMutex, SpinMutexGuard};

use super::super::open_batch::OpenBatch;

/// The number of lanes. Where more threads record, some of them share one.
const LANES: usize = 32;

/// The pause of a thread that has found a lane locked some ten times, in which whoever has the lock
/// can run. A push has a lane for some 0.1 µs; a hand-over may have it for longer.
const PAUSE: Duration = Duration::from_micros(50);

/// The room that a lane takes at a time, in activities.
pub(super) const CREDIT: usize = 64;

#[derive(Debug)]
pub(super) struct Lanes(Box<[Apart]>);

/// A lane, which shares no line of a processor's cache with another one.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Apart(SpinMutex<Lane>);

/// The lock of a lane, which is let go when this is dropped.
pub(super) type Locked<'a> = SpinMutexGuard<'a, Lane>;

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
    pub(super) fn own(&self) -> Locked<'_> {
        self.0[number()].lock()
    }

    /// Each lane, one after the other.
    pub(super) fn each(&self) -> impl Iterator<Item = Locked<'_>> {
        self.0.iter().map(Apart::lock)
    }

    /// All lanes at once.
    pub(super) fn all(&self) -> Vec<Locked<'_>> {
        self.each().collect()
    }

    /// The lane of this thread among [all](Self::all).
    pub(super) fn own_of(mut all: Vec<Locked<'_>>) -> Locked<'_> {
        all.swap_remove(number())
    }
}

impl Apart {
    /// Locks the lane. Every change under the lock is complete before anything could panic, and
    /// nobody holds it across an await.
    #[inline]
    fn lock(&self) -> Locked<'_> {
        match self.0.try_lock() {
            Some(lane) => lane,
            None => self.lock_later(),
        }
    }

    /// Waits for the lock.
    #[cold]
    fn lock_later(&self) -> Locked<'_> {
        let backoff = Backoff::new();
        loop {
            if backoff.is_completed() {
                thread::sleep(PAUSE);
            } else {
                backoff.snooze();
            }
            if let Some(lane) = self.0.try_lock() {
                return lane;
            }
        }
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

#[cfg(test)]
mod tests {
    use std::thread::ScopedJoinHandle;

    use super::*;

    #[test]
    fn threads_that_share_a_lane_have_it_one_after_the_other() {
        const THREADS: usize = 3 * LANES;
        const TIMES: usize = 1_000;
        let lanes = Lanes::new();
        let credit = |lanes: &[Locked<'_>]| -> usize { lanes.iter().map(|lane| lane.credit).sum() };
        thread::scope(|scope| {
            let add = || (0..TIMES).for_each(|_| lanes.own().credit += 1);
            let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(add)).collect();
            let mut last = 0;
            while !threads.iter().all(ScopedJoinHandle::is_finished) {
                let all = lanes.all();
                let now = credit(&all);
                assert!(now >= last);
                last = now;
            }
        });
        assert_eq!(credit(&lanes.all()), THREADS * TIMES);
    }
}
