//! The line in the log that says what a lost activity was: [`LostLog`].

use std::{
    borrow::{Borrow, Cow},
    fmt,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use tracing::Level;

use crate::{Activity, quietly::quietly};

/// The target of the lines, which is a part of the interface.
const TARGET: &str = "tracker_core::lost";

/// The number of lines that are written at most within [`PERIOD`]: losses come in thousands, on the
/// threads of those who record.
const LINES_MAX: u32 = 100;
const PERIOD: Duration = Duration::from_secs(1);

/// Writes a line for each lost activity, as many as there may be, which has all that is needed to
/// write the row again.
#[derive(Debug)]
pub(crate) struct LostLog {
    has_details: bool,
    period: Mutex<Period>,
}

#[derive(Debug, Default)]
struct Period {
    began: Option<Instant>,
    lines: u32,
    /// The number of activities that have got no line since the last one.
    left_out: u64,
}

impl LostLog {
    /// `has_details` says whether the lines have the details of the activities.
    pub(crate) fn new(has_details: bool) -> Self {
        Self {
            has_details,
            period: Mutex::default(),
        }
    }

    /// Writes the line of an activity, which is made only if there is to be one.
    pub(crate) fn tell<A: Borrow<Activity>>(
        &self,
        reason: &dyn fmt::Display,
        activity: impl FnOnce() -> A,
    ) {
        quietly(|| {
            if !tracing::enabled!(target: TARGET, Level::ERROR) {
                return;
            }
            if let Some(left_out) = self.admit(Instant::now())
                && let Ok(activity) = serde_json::to_string(&*self.told(activity().borrow()))
            {
                let left_out = (left_out > 0).then_some(left_out);
                tracing::error!(
                    target: TARGET,
                    %reason,
                    left_out,
                    %activity,
                    "an activity is lost"
                );
            }
        });
    }

    /// As much of the activity as is told.
    fn told<'a>(&self, activity: &'a Activity) -> Cow<'a, Activity> {
        let mut told = Cow::Borrowed(activity);
        if !self.has_details && activity.action_details.is_some() {
            told.to_mut().action_details = None;
        }
        told
    }

    /// Returns how many activities have been left out, if there may be a line now.
    fn admit(&self, now: Instant) -> Option<u64> {
        let mut period = self.period.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |began| now.saturating_duration_since(began) >= PERIOD;
        if period.began.is_none_or(is_over) {
            period.began = Some(now);
            period.lines = 0;
        }
        if period.lines >= LINES_MAX {
            period.left_out += 1;
            return None;
        }
        period.lines += 1;
        Some(std::mem::take(&mut period.left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_bounded_and_the_next_one_counts_what_is_left_out() {
        let log = LostLog::new(true);
        let began = Instant::now();
        let lines = (0..1_000).filter(|_| log.admit(began) == Some(0)).count();
        assert_eq!(lines, LINES_MAX as usize);
        assert_eq!(log.admit(began + PERIOD / 2), None);
        assert_eq!(log.admit(began + PERIOD), Some(901));
        assert_eq!(log.admit(began + PERIOD), Some(0));
    }
}
