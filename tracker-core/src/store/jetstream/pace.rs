//! Publishing no faster than a stream takes it: [`Pace`].
//!
//! A server from 2.12 on keeps a bounded number of messages for a stream that it has not got to yet (`max_buffered_msgs`, `max_buffered_size`), from all
//! who publish to it, and answers the next ones that they are too many (429). They are not at fault, and neither is the batch: they are
//! published again a little later, fewer at once.

use std::time::Duration;

use async_nats::jetstream::{self, ErrorCode, context::PublishError};
use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use tokio::time::{Instant, sleep};

use super::failure::cause;

/// The shortest pause after a refusal; they double.
const PAUSE_MIN: Duration = Duration::from_millis(10);

/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// Whether the stream has too many to work on now.
pub(super) fn is_too_many(error: &PublishError) -> bool {
    cause::<jetstream::Error>(error)
        .is_some_and(|said| said.error_code() == ErrorCode::STREAM_TOO_MANY_REQUESTS)
}

/// How many messages are on their way at once.
pub(super) struct Pace {
    window_max: usize,
    window: usize,
    /// Whether one of those that are on their way was too many: then no more are sent before all are answered.
    is_too_fast: bool,
    pauses: ExponentialBackoff,
    taken_at: Instant,
    /// Whether it was since the last pause.
    has_taken: bool,
}

impl Pace {
    pub(super) fn new(window_max: usize) -> Self {
        Self {
            window_max,
            window: window_max,
            is_too_fast: false,
            pauses: pauses(),
            taken_at: Instant::now(),
            has_taken: false,
        }
    }

    /// Whether one more may be sent while so many are on their way.
    pub(super) fn has_room(&self, on_their_way: usize) -> bool {
        !self.is_too_fast && on_their_way < self.window
    }

    /// The stream has one.
    pub(super) fn taken(&mut self) {
        self.taken_at = Instant::now();
        self.has_taken = true;
        if !self.is_too_fast {
            self.window = (self.window + 1).min(self.window_max);
        }
    }

    /// One was too many.
    pub(super) fn too_many(&mut self) {
        if !self.is_too_fast {
            self.is_too_fast = true;
            self.window = (self.window / 2).max(1);
        }
    }

    /// How long the stream has taken nothing.
    pub(super) fn stands_still(&self) -> Duration {
        self.taken_at.elapsed()
    }

    /// Leaves the stream alone for a while, once all are answered: shortly where it has taken some of them.
    pub(super) async fn rest(&mut self) {
        if self.has_taken {
            self.pauses = pauses();
        }
        self.has_taken = false;
        sleep(self.pauses.next().unwrap_or(PAUSE_MAX)).await;
        self.is_too_fast = false;
    }
}

/// They double, each with up to its own length added at random, so that workers that were refused together don't return together.
fn pauses() -> ExponentialBackoff {
    ExponentialBuilder::new()
        .with_min_delay(PAUSE_MIN)
        .with_max_delay(PAUSE_MAX)
        .without_max_times()
        .with_jitter()
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn fewer_are_sent_at_once_after_a_refusal_and_more_again_when_they_are_taken() {
        let mut pace = Pace::new(100);
        assert!(pace.has_room(99) && !pace.has_room(100));
        for _ in 0..30 {
            pace.too_many();
        }
        pace.taken();
        assert!(!pace.has_room(0), "all are answered first");
        pace.rest().await;
        assert!(pace.has_room(49) && !pace.has_room(50));
        (0..1_000).for_each(|_| pace.taken());
        assert!(pace.has_room(99) && !pace.has_room(100));
        for _ in 0..100 {
            pace.too_many();
            pace.rest().await;
        }
        assert!(pace.has_room(0), "one is always tried");
        assert!(pace.stands_still() > 80 * PAUSE_MAX);
    }
}
