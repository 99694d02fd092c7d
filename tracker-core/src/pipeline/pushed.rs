//! The outcome of a push into the queue: [`PushOutcome`].

use crate::quietly::quietly;

/// An activity is in the queue, or lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pushed {
    /// Accepted, as the `nth` activity.
    Accepted { nth: u64 },
    /// Dropped, as the `nth` for this reason.
    Full { nth: u64 },
    /// Dropped, as the `nth` for this reason.
    Closed { nth: u64 },
}

impl Pushed {
    /// Says that an activity was dropped, each time there are twice as many: a million drops are twenty lines.
    pub(crate) fn report(self) {
        match self {
            Self::Full { nth } if nth.is_power_of_two() => quietly(|| {
                tracing::warn!(
                    dropped = nth,
                    "activities are lost: the queue is full; the store is slower than they come, or can't be reached"
                );
            }),
            Self::Closed { nth } if nth.is_power_of_two() => quietly(|| {
                tracing::warn!(
                    dropped = nth,
                    "activities are lost: they were recorded after the tracker had been shut down"
                );
            }),
            Self::Accepted { .. } | Self::Full { .. } | Self::Closed { .. } => {}
        }
    }
}
