//! Flow control of publishing: [`Pace`].
//!
//! A server from 2.12 on bounds the messages that wait to be stored in a stream
//! (`max_buffered_msgs`, `max_buffered_size`), counted over all publishers. It refuses further ones
//! as too many requests (429). This is not a permanent error of the messages or the batch, so they
//! are published again a little later, with fewer in flight.

use std::time::Duration;

use async_nats::jetstream::{self, ErrorCode, context::PublishError};
use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use tokio::time::{Instant, sleep};

use super::failure::cause;

/// The shortest pause after a refusal. Each further pause is twice as long.
const PAUSE_MIN: Duration = Duration::from_millis(10);

/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// Returns whether the stream refused the message because too many are pending.
pub(super) fn is_too_many(error: &PublishError) -> bool {
    cause::<jetstream::Error>(error)
        .is_some_and(|said| said.error_code() == ErrorCode::STREAM_TOO_MANY_REQUESTS)
}

/// Adapts the number of messages in flight to what the stream takes.
pub(super) struct Pace {
    window_max: usize,
    window: usize,
    /// True if a message in flight was refused as too many. No more are sent until all are
    /// answered.
    is_too_fast: bool,
    pauses: ExponentialBackoff,
    taken_at: Instant,
    /// True if the stream has taken a message since the last pause.
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

    /// Returns whether another message may be sent while `on_their_way` are in flight.
    pub(super) fn has_room(&self, on_their_way: usize) -> bool {
        !self.is_too_fast && on_their_way < self.window
    }

    /// Records that the stream has taken a message.
    pub(super) fn taken(&mut self) {
        self.taken_at = Instant::now();
        self.has_taken = true;
        if !self.is_too_fast {
            self.window = (self.window + 1).min(self.window_max);
        }
    }

    /// Records that a message was refused as too many.
    pub(super) fn too_many(&mut self) {
        if !self.is_too_fast {
            self.is_too_fast = true;
            self.window = (self.window / 2).max(1);
        }
    }

    /// Returns the time since the stream last took a message.
    pub(super) fn stands_still(&self) -> Duration {
        self.taken_at.elapsed()
    }

    /// Pauses once all messages are answered. The pauses start again at the shortest if the stream
    /// has taken a message since the last one.
    pub(super) async fn rest(&mut self) {
        if self.has_taken {
            self.pauses = pauses();
        }
        self.has_taken = false;
        sleep(self.pauses.next().unwrap_or(PAUSE_MAX)).await;
        self.is_too_fast = false;
    }
}

/// Makes the pauses, which double. Each is prolonged at random by up to its own length, so that
/// workers that were refused together don't retry together.
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
