//! The log's words on a store that can't be written to: [`Outage`].

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::throttle::is_worth_a_line;
use crate::{error_chain::ErrorChain, quietly::quietly, store::StoreError};

/// The failed attempts since the last successful one, of all batches together, so that an outage is
/// one series in the log.
#[derive(Default)]
pub(super) struct Outage(Mutex<Option<Trouble>>);

#[derive(Clone, Copy)]
struct Trouble {
    began: Instant,
    attempts: u64,
    /// True if the store itself has said so, and not only one batch.
    is_away: bool,
}

impl Outage {
    /// Says that the store could not be written to, each time there were twice as many attempts: an
    /// hour is ten lines.
    pub(super) fn failed(&self, error: &StoreError, retry_in: Duration, is_away: bool) {
        let attempts = {
            let mut trouble = self.lock();
            let trouble = trouble.get_or_insert_with(|| Trouble {
                began: Instant::now(),
                attempts: 0,
                is_away: false,
            });
            trouble.attempts += 1;
            trouble.is_away |= is_away;
            trouble.attempts
        };
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
        let over = self.lock().take_if(|trouble| had_failed || trouble.is_away);
        if let Some(trouble) = over {
            quietly(
                || tracing::info!(after = ?trouble.began.elapsed(), "activities are written again"),
            );
        }
    }

    /// A batch that had failed is not written any more: what was wrong was wrong with it.
    pub(super) fn gave_up(&self) {
        let _ = self.lock().take_if(|trouble| !trouble.is_away);
    }

    fn lock(&self) -> MutexGuard<'_, Option<Trouble>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
