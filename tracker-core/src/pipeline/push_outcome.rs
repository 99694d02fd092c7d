//! The outcome of a push into the queue: [`PushOutcome`].

use super::log_throttle::is_worth_a_line;
use crate::panics::quietly;

/// An activity is in the queue, or lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PushOutcome {
    /// Accepted; as the `nth` of all that were handed over, where it is awaited.
    Accepted { nth: Option<u64> },
    /// Dropped, as the `nth` for this reason.
    Refused { refusal: Refusal, nth: u64 },
}

/// The reason why an activity is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is no room.
    Full,
    /// The tracker is shut down.
    Closed,
}

impl Refusal {
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Full => "the queue is full",
            Self::Closed => "it was recorded after the tracker had been shut down",
        }
    }

    /// Says that an activity was dropped, each time there are twice as many: a million drops are
    /// twenty lines.
    pub(super) fn report(self, nth: u64) {
        if !is_worth_a_line(nth, 1) {
            return;
        }
        match self {
            Self::Full => quietly(|| {
                tracing::warn!(
                    dropped = nth,
                    "activities are lost: the queue is full; the store is slower than they come, or can't be reached"
                );
            }),
            Self::Closed => quietly(|| {
                tracing::warn!(
                    dropped = nth,
                    "activities are lost: they were recorded after the tracker had been shut down"
                );
            }),
        }
    }
}
