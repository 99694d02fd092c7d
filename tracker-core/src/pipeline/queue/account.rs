//! The account of where every activity is.

use super::{Phase, Queue};
use crate::Stats;

/// The place that activities leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    Queued,
    #[cfg(feature = "journal")]
    Journaled,
}

/// The place that activities come to, as they are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Stored,
    StoreFailed,
    Refused,
    #[cfg(feature = "journal")]
    Journaled,
    #[cfg(feature = "journal")]
    DeadLettered,
    #[cfg(feature = "journal")]
    JournalDamaged,
}

impl Queue {
    /// Counts an activity that never enters the queue, because it is written on the caller's
    /// client.
    pub(crate) fn count_on_client(&self, stored: bool) {
        let mut state = self.state();
        state.stats.recorded += 1;
        if stored {
            state.stats.stored += 1;
        } else {
            state.stats.dropped.client_failed += 1;
        }
    }

    /// Counts activities that another process recorded, and that are in a journal which is this
    /// one's now.
    #[cfg(feature = "journal")]
    pub(crate) fn count_adopted(&self, rows: u64) {
        let mut state = self.state();
        state.stats.recorded += rows;
        state.stats.adopted += rows;
        state.stats.journaled += rows;
    }

    /// Moves `rows` activities from where they are held to where `outcome` counts them; returns how
    /// many are counted there now.
    pub(crate) fn settle(&self, rows: u64, held: Held, outcome: Outcome) -> u64 {
        let mut state = self.state();
        let is_abandoned = state.phase == Phase::Abandoned;
        let from = match held {
            // It was counted as lost, and has found its way all the same.
            Held::Queued if is_abandoned => &mut state.stats.dropped.shutdown_deadline,
            Held::Queued => &mut state.stats.queued,
            #[cfg(feature = "journal")]
            Held::Journaled => &mut state.stats.journaled,
        };
        let rows = rows.min(*from);
        *from -= rows;
        if held == Held::Queued {
            state.add_room(rows);
        }
        let account = &mut state.stats;
        let counter = match outcome {
            Outcome::Stored => &mut account.stored,
            Outcome::StoreFailed => &mut account.dropped.store_failed,
            Outcome::Refused => &mut account.dropped.refused,
            #[cfg(feature = "journal")]
            Outcome::Journaled => &mut account.journaled,
            #[cfg(feature = "journal")]
            Outcome::DeadLettered => &mut account.dead_lettered,
            #[cfg(feature = "journal")]
            Outcome::JournalDamaged => &mut account.dropped.journal_damaged,
        };
        *counter += rows;
        let count = *counter;
        let is_awaited = state.waiting_for_room > 0;
        drop(state);
        if is_awaited {
            self.room.notify_all();
        }
        self.room_for_tasks.notify_waiters();
        count
    }

    /// The account at this instant.
    pub(crate) fn stats(&self) -> Stats {
        let lanes = self.lanes.all();
        let mut stats = self.state().stats;
        let filling: usize = lanes.iter().map(|lane| lane.filling.len()).sum();
        stats.recorded += filling as u64;
        stats.queued += filling as u64;
        stats
    }
}
