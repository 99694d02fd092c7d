//! What the log says of a store that can't be written to: [`Outage`].

use std::{cell::Cell, time::Duration};

use tokio::time::Instant;

use super::throttle::is_worth_a_line;
use crate::{error_chain::ErrorChain, quietly::quietly, store::StoreError};

/// The failed attempts since the last successful one, of all batches together, so that an outage is one series in the log.
#[derive(Default)]
pub(super) struct Outage(Cell<Option<Trouble>>);

#[derive(Clone, Copy)]
struct Trouble {
    began: Instant,
    attempts: u64,
    /// Whether the store itself has said so, and not only one batch.
    is_away: bool,
}

impl Outage {
    /// Says that the store could not be written to, each time there were twice as many attempts: an hour is ten lines.
    pub(super) fn failed(&self, error: &StoreError, retry_in: Duration, is_away: bool) {
        let mut trouble = self.0.get().unwrap_or_else(|| Trouble {
            began: Instant::now(),
            attempts: 0,
            is_away: false,
        });
        trouble.attempts += 1;
        trouble.is_away |= is_away;
        self.0.set(Some(trouble));
        let Trouble { attempts, .. } = trouble;
        if is_worth_a_line(attempts, 1) {
            quietly(|| {
                tracing::warn!(
                    error = %ErrorChain(error),
                    attempts,
                    ?retry_in,
                    "activities could not be written yet"
                );
            });
        }
    }

    /// Says that a batch was written: one that had failed, or any where the store was away.
    pub(super) fn wrote(&self, had_failed: bool) {
        if let Some(trouble) = self.0.get()
            && (had_failed || trouble.is_away)
        {
            self.0.set(None);
            quietly(
                || tracing::info!(after = ?trouble.began.elapsed(), "activities are written again"),
            );
        }
    }

    /// A batch that had failed is not written any more: what was wrong was wrong with it.
    pub(super) fn gave_up(&self) {
        if self.0.get().is_some_and(|trouble| !trouble.is_away) {
            self.0.set(None);
        }
    }
}
