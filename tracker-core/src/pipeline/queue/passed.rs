//! The number of activities that have left the queue for good, and those who wait for it:
//! [`Passed`].

use std::{
    collections::VecDeque,
    future::Future,
    mem,
    pin::Pin,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, Waker},
};

/// A number that grows. Whoever waits for a number is woken when it is reached, and not before.
#[derive(Debug, Default)]
pub(super) struct Passed {
    count: AtomicU64,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    /// In the order of the places.
    wakers: VecDeque<(Place, Waker)>,
    /// The number of those who have come.
    came: u64,
}

/// The count that is waited for, and the number of who waits.
type Place = (u64, u64);

impl Passed {
    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::SeqCst)
    }

    /// Raises the count to this one, if it is lower, and wakes who waits for it. No lock is held
    /// then: whom it wakes may come back here.
    pub(super) fn reach(&self, count: u64) {
        if self.count.fetch_max(count, Ordering::SeqCst) >= count {
            return;
        }
        let mut waiting = self.waiting();
        let wakers = &mut waiting.wakers;
        let reached = wakers.partition_point(|((awaited, _), _)| *awaited <= count);
        let reached: Vec<_> = wakers.drain(..reached).collect();
        drop(waiting);
        for (_, waker) in reached {
            waker.wake();
        }
    }

    /// Waits until the count is this one or higher.
    pub(super) fn reached(&self, count: u64) -> Reached<'_> {
        Reached {
            passed: self,
            count,
            place: None,
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        // Every change under the lock is complete before anything could panic.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    /// Finds the waker of a place, or where it belongs: at the end, for nearly all who come.
    fn find(&self, place: Place) -> Result<usize, usize> {
        match self.wakers.back() {
            Some((last, _)) if place <= *last => self
                .wakers
                .binary_search_by_key(&place, |(place, _)| *place),
            _ => Err(self.wakers.len()),
        }
    }
}

/// The wait for a count.
#[derive(Debug)]
pub(super) struct Reached<'a> {
    passed: &'a Passed,
    count: u64,
    /// Its place among those who wait, where it has been polled.
    place: Option<Place>,
}

impl Reached<'_> {
    fn is_over(&self) -> bool {
        self.passed.count() >= self.count
    }
}

impl Future for Reached<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.is_over() {
            return Poll::Ready(());
        }
        // A waker is made, and dropped, while no lock is held: it may be code that comes back here.
        let mut waker = cx.waker().clone();
        let mut waiting = self.passed.waiting();
        // Whoever raises the count from here on looks at those who wait later.
        if self.is_over() {
            drop(waiting);
            return Poll::Ready(());
        }
        let place = self.place.unwrap_or_else(|| {
            waiting.came += 1;
            (self.count, waiting.came)
        });
        match waiting.find(place) {
            Ok(at) => mem::swap(&mut waiting.wakers[at].1, &mut waker),
            Err(at) => waiting.wakers.insert(at, (place, waker)),
        }
        drop(waiting);
        self.place = Some(place);
        Poll::Pending
    }
}

impl Drop for Reached<'_> {
    fn drop(&mut self) {
        if let Some(place) = self.place
            && !self.is_over()
        {
            let mut waiting = self.passed.waiting();
            let found = waiting.find(place).ok();
            let waker = found.and_then(|at| waiting.wakers.remove(at));
            drop(waiting);
            drop(waker);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, atomic::AtomicUsize};
    use std::task::Wake;

    use super::*;

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn poll(reached: &mut Reached<'_>, woken: &Arc<Woken>) -> Poll<()> {
        let waker = Waker::from(Arc::clone(woken));
        Pin::new(reached).poll(&mut Context::from_waker(&waker))
    }

    #[test]
    fn those_whose_count_is_reached_are_woken_and_no_others() {
        let passed = Passed::default();
        let counts = [3, 1, 2, 2];
        let mut waits = counts.map(|count| (passed.reached(count), Arc::<Woken>::default()));
        for (wait, woken) in &mut waits {
            assert!(poll(wait, woken).is_pending());
        }
        passed.reach(2);
        passed.reach(1);
        for (wait, woken) in &mut waits {
            let is_over = wait.count <= 2;
            assert_eq!(woken.0.load(Ordering::Relaxed), usize::from(is_over));
            assert_eq!(poll(wait, woken).is_ready(), is_over);
        }
        assert_eq!(passed.count(), 2);
        passed.reach(u64::MAX);
        assert_eq!(waits[0].1.0.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn the_waker_of_the_last_poll_is_woken() {
        let passed = Passed::default();
        let (before, last) = (Arc::<Woken>::default(), Arc::<Woken>::default());
        let mut wait = passed.reached(1);
        assert!(poll(&mut wait, &before).is_pending());
        assert!(poll(&mut wait, &last).is_pending());
        passed.reach(1);
        let times = [&before, &last].map(|woken| woken.0.load(Ordering::Relaxed));
        assert_eq!(times, [0, 1]);
    }

    #[test]
    fn nothing_is_left_of_a_wait_that_is_dropped() {
        let passed = Passed::default();
        let woken = Arc::<Woken>::default();
        let mut wait = passed.reached(1);
        assert!(poll(&mut wait, &woken).is_pending());
        drop(wait);
        assert_eq!(Arc::strong_count(&woken), 1);
        passed.reach(1);
        assert_eq!(woken.0.load(Ordering::Relaxed), 0);
    }
}
