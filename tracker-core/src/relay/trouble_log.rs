//! The log of failures to take activities out of the stream: [`TroubleLog`].

use std::time::{Duration, Instant};

/// Decides which of many equal failures are logged: the first one, and one a minute.
#[derive(Debug, Default)]
pub(super) struct TroubleLog(Option<Instant>);

impl TroubleLog {
    const INTERVAL: Duration = Duration::from_mins(1);

    pub(super) fn is_worth_a_line(&mut self) -> bool {
        let now = Instant::now();
        let is_worth = self.0.is_none_or(|said| now - said >= Self::INTERVAL);
        if is_worth {
            self.0 = Some(now);
        }
        is_worth
    }

    /// It works again: tells whether it had been said that it does not.
    pub(super) fn is_over(&mut self) -> bool {
        self.0.take().is_some()
    }
}
