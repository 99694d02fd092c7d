//! The pauses after which a failed write is tried again, and what is taken for a batch that will
//! never be written.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

/// The attempts that follow a failed one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RetryPolicy {
    /// The number of times that a batch may fail, while the store answers, before its rows are
    /// taken for the reason.
    pub(crate) retries_max: usize,
    pub(crate) delay_min: Duration,
    pub(crate) delay_max: Duration,
    /// The time for which a row is tried again that the store does not take yet, beside all others.
    pub(crate) deferral_max: Duration,
}

/// Unless it is set.
pub(crate) const DEFERRAL_MAX: Duration = Duration::from_mins(1);

impl RetryPolicy {
    /// The pauses before each further attempt: doubling from the shortest to the longest, each with
    /// up to its own length added at random, so that workers that failed together don't return
    /// together.
    pub(crate) fn delays(&self) -> ExponentialBackoff {
        ExponentialBuilder::new()
            .with_min_delay(self.delay_min)
            .with_max_delay(self.delay_max)
            .without_max_times()
            .with_jitter()
            .build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_longest_and_never_end() {
        let policy = RetryPolicy {
            retries_max: 6,
            delay_min: Duration::from_millis(100),
            delay_max: Duration::from_millis(800),
            deferral_max: DEFERRAL_MAX,
        };
        let delays: Vec<_> = policy
            .delays()
            .map(|delay| delay.as_millis())
            .take(6)
            .collect();
        assert_eq!(delays.len(), 6);
        for (delay, base) in delays.into_iter().zip([100, 200, 400, 800, 800, 800]) {
            assert!((base..=2 * base).contains(&delay), "{delay} for {base}");
        }
    }
}
