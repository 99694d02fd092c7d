//! Waiting until an activity is durable, but not for ever: [`DurableWait`].

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_timer::Delay;
use futures_util::future::{Either, select};

use super::{log_throttle::is_worth_a_line, queue::Queue};
use crate::{RecordError, panics::quietly};

/// The limit of a wait, and the number of times that it was too short.
#[derive(Debug)]
pub(crate) struct DurableWait {
    queue: Arc<Queue>,
    limit: Duration,
    late: AtomicU64,
}

impl DurableWait {
    #[cfg(feature = "journal")]
    pub(crate) fn new(queue: Arc<Queue>, limit: Duration) -> Self {
        Self {
            queue,
            limit,
            late: AtomicU64::new(0),
        }
    }

    /// Waits until the `nth` activity of the queue is durable, or lost, or the limit has come, when
    /// it is left to go on its way alone. The timer is nobody's runtime's, so any executor will do.
    pub(crate) async fn wait(&self, nth: u64) -> Result<(), RecordError> {
        // Polled second, and so made only where there is something to wait for.
        let limit = pin!(async { Delay::new(self.limit).await });
        if let Either::Right(_) = select(pin!(self.queue.wait_passed(nth)), limit).await {
            self.report();
            return Err(RecordError::NotDurableYet { limit: self.limit });
        }
        if self.queue.was_lost(nth) {
            return Err(RecordError::Lost);
        }
        Ok(())
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
