//! Work that a store does now and then: [`Turns`].

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The interval between two turns.
const EVERY: Duration = Duration::from_secs(10);

/// The time of the next turn; `None` means now.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<Option<Instant>>);

impl Turns {
    /// Returns true for one caller in each interval.
    pub(super) fn is_due(&self) -> bool {
        let mut at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let is_due = at.is_none_or(|at| at <= now);
        if is_due {
            *at = now.checked_add(EVERY);
        }
        is_due
    }
}
