//! Waiting until an activity is durable, but not for ever: [`DurableWait`].

use std::{
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use futures_timer::Delay;
use futures_util::future::{Either, FutureExt, Shared, select};

use super::{log_throttle::is_worth_a_line, queue::Queue};
use crate::{RecordError, panics::quietly};

/// The number of timers within a limit. A wait may be longer than its limit by one such part.
const TIMERS: u32 = 64;

/// The limit of a wait, and the number of times that it was too short.
#[derive(Debug)]
pub(crate) struct DurableWait {
    queue: Arc<Queue>,
    limit: Duration,
    /// The latest timer, and when it was made. Waits share one, for each timer wakes a thread.
    timer: Mutex<Option<(Instant, Shared<Delay>)>>,
    late: AtomicU64,
}

impl DurableWait {
    #[cfg(feature = "journal")]
    pub(crate) fn new(queue: Arc<Queue>, limit: Duration) -> Self {
        Self {
            queue,
            limit,
            timer: Mutex::new(None),
            late: AtomicU64::new(0),
        }
    }

    /// Waits until the `nth` activity of the queue is durable, or lost, or the limit has come, when
    /// it is left to go on its way alone. The timer is nobody's runtime's, so any executor will do.
    pub(crate) async fn wait(&self, nth: u64) -> Result<(), RecordError> {
        // Polled second, and so made only where there is something to wait for.
        let limit = pin!(async { self.timer().await });
        if let Either::Right(_) = select(pin!(self.queue.wait_passed(nth)), limit).await {
            self.report();
            return Err(RecordError::NotDurableYet { limit: self.limit });
        }
        if self.queue.was_lost(nth) {
            return Err(RecordError::Lost);
        }
        Ok(())
    }

    /// A timer that ends when the limit of a wait that begins now is over.
    fn timer(&self) -> Shared<Delay> {
        let now = Instant::now();
        let part = self.limit / TIMERS;
        // Every change under the lock is complete before anything could panic.
        let mut latest = self.timer.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, timer) = match latest.take() {
            Some((made, timer)) if now.saturating_duration_since(made) < part => {
                latest.insert((made, timer))
            }
            _ => latest.insert((now, Delay::new(self.limit + part).shared())),
        };
        timer.clone()
    }

    /// Says so each time there were twice as many.
    fn report(&self) {
        let late = self.late.fetch_add(1, Ordering::Relaxed) + 1;
        if is_worth_a_line(late, 1) {
            quietly(|| {
                tracing::warn!(
                    late,
                    limit = ?self.limit,
                    "activities were not durable in time, and nobody waits for them any more: they are in the queue, until the journal or the store takes them"
                );
            });
        }
    }
}
