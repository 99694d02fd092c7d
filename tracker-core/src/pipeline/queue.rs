//! The queue in which recorded activities wait for the writer, and the account of all of them.

mod account;
mod lanes;
mod lost;
mod passed;
mod passing;
mod pushing;

use std::{
    collections::VecDeque,
    mem,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, timeout_at},
};

pub(crate) use self::account::{Held, Outcome};
use self::{
    lanes::{Lane, Lanes},
    lost::Lost,
    passed::Passed,
};
use super::{
    lost_log::LostLog,
    open_batch::{OpenBatch, Rows, Spares},
};
use crate::{
    Stats,
    action_id::ActionIds,
    store::{BATCH_BYTES, Batch},
};

/// A bounded queue of activities, grouped into batches while they are pushed.
///
/// A push takes the lock of its thread's [lane](lanes) for as long as it takes to append to a few
/// vectors. It wakes the writer only when there is news for it: the first activity after a pause,
/// and each batch that is full.
#[derive(Debug)]
pub(crate) struct Queue {
    lanes: Lanes,
    spares: Arc<Spares>,
    state: Mutex<QueueState>,
    /// True if the writer sleeps until something is pushed.
    writer_idle: AtomicBool,
    /// Wakes the threads, and the tasks, that wait for room.
    room: Condvar,
    room_for_tasks: Notify,
    /// The time for which a push waits for room.
    wait_max: Duration,
    /// Wakes the writer.
    wake: Notify,
    /// The number of accepted activities that have left the queue for good, in the order in which
    /// they were handed over.
    passed: Passed,
    capacity: usize,
    batch_rows: usize,
    batch_age: Duration,
    lost_log: LostLog,
}

/// All that the lanes have handed over.
#[derive(Debug)]
struct QueueState {
    /// Batches that wait as they are.
    sealed: VecDeque<OpenBatch>,
    /// The number of activities that were handed over.
    accepted: u64,
    /// The room that is no lane's credit.
    room: usize,
    /// True if there is no room, and no lane has credit.
    is_full: bool,
    /// True if what the lanes have is not to get any older.
    hurried: bool,
    phase: Phase,
    /// The number of pushes that wait for room.
    waiting_for_room: usize,
    /// Those that have passed and are lost.
    lost: Lost,
    /// The account, without what is in the lanes.
    stats: Stats,
}

/// The steps of the queue's end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    #[default]
    Open,
    /// It takes no more, and the lanes are empty.
    Closed,
    /// And what the writer still has in hand is counted as lost already.
    Abandoned,
}

impl QueueState {
    /// Takes back the room of activities that have left.
    fn add_room(&mut self, rows: u64) {
        self.room += usize::try_from(rows).unwrap_or(usize::MAX);
        self.is_full &= rows == 0;
    }
}

impl Queue {
    /// A queue for `capacity` activities in batches of `batch_rows`, or of those that have come
    /// within `batch_age`.
    pub(crate) fn new(capacity: usize, batch_rows: usize, batch_age: Duration) -> Self {
        let state = QueueState {
            sealed: VecDeque::new(),
            accepted: 0,
            room: capacity,
            is_full: false,
            hurried: false,
            phase: Phase::Open,
            waiting_for_room: 0,
            lost: Lost::default(),
            stats: Stats::default(),
        };
        Self {
            lanes: Lanes::new(),
            spares: Arc::default(),
            state: Mutex::new(state),
            writer_idle: AtomicBool::new(false),
            room: Condvar::new(),
            room_for_tasks: Notify::new(),
            wait_max: Duration::ZERO,
            wake: Notify::new(),
            passed: Passed::default(),
            capacity,
            batch_rows,
            batch_age,
            lost_log: LostLog::new(true),
        }
    }

    /// The same queue, where a push waits for room, but no longer than `limit`.
    pub(crate) fn waiting_for_room(mut self, limit: Duration) -> Self {
        self.wait_max = limit;
        self
    }

    /// The same queue, where the log says of lost activities what `lost_log` tells.
    pub(crate) fn logging_lost(mut self, lost_log: LostLog) -> Self {
        self.lost_log = lost_log;
        self
    }

    /// The log that says what a lost activity was.
    pub(crate) fn lost_log(&self) -> &LostLog {
        &self.lost_log
    }

    fn state(&self) -> MutexGuard<'_, QueueState> {
        // Every change under the lock is complete before anything could panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes the batch of a lane, so that the writer takes it without waiting for more.
    fn hand_over(&self, lane: &mut Lane, state: &mut QueueState) {
        let rows = lane.filling.len();
        if rows == 0 {
            return;
        }
        state.accepted += rows as u64;
        state.stats.recorded += rows as u64;
        state.stats.queued += rows as u64;
        // A large batch is moved, a small one copied to those that wait.
        if rows < self.batch_rows / 4
            && let Some(last) = state.sealed.back_mut()
            && last.has_room_for(&lane.filling, self.batch_rows, BATCH_BYTES)
        {
            last.append(&mut lane.filling);
            return;
        }
        let empty = self.spares.take(&lane.filling);
        let full = mem::replace(&mut lane.filling, empty);
        state.sealed.push_back(full);
    }

    /// Closes the batches of all lanes. Returns the number of all that were handed over until then.
    fn hand_over_all(&self) -> u64 {
        let filling = self.lanes.each().filter(|lane| !lane.filling.is_empty());
        for mut lane in filling {
            self.hand_over(&mut lane, &mut self.state());
        }
        self.spares.ask();
        self.state().accepted
    }

    /// Ends the phase in which activities are taken. No lane takes any without credit.
    fn end_taking(&self, phase: Phase) -> MutexGuard<'_, QueueState> {
        let lanes = self.lanes.all();
        let mut state = self.state();
        state.phase = state.phase.max(phase);
        for mut lane in lanes {
            lane.credit = 0;
            self.hand_over(&mut lane, &mut state);
        }
        state
    }

    /// Takes no more activities. What is queued remains for the writer.
    pub(crate) fn close(&self) {
        drop(self.end_taking(Phase::Closed));
        self.room.notify_all();
        self.room_for_tasks.notify_waiters();
        self.wake.notify_one();
    }

    /// The next batch, complete or old enough, whose drafts get new IDs; `None` once the queue is
    /// closed and empty.
    ///
    /// Only the writer calls it. The activities stay in the account as queued until they are
    /// [settled](Self::settle).
    pub(crate) async fn next_batch(&self, ids: &ActionIds) -> Option<Batch> {
        let mut ripe_at = None;
        loop {
            if mem::take(&mut self.state().hurried) {
                self.hand_over_all();
            }
            {
                let mut state = self.state();
                if let Some(batch) = state.sealed.pop_front() {
                    drop(state);
                    return Some(self.pack(batch, ids));
                }
                if state.phase != Phase::Open {
                    return None;
                }
            }
            // Said before the lanes are looked at: whoever pushes behind the look sees it.
            self.writer_idle.store(true, Ordering::Relaxed);
            if self.lanes.each().any(|lane| !lane.filling.is_empty()) {
                self.writer_idle.store(false, Ordering::Relaxed);
                ripe_at.get_or_insert_with(|| Instant::now() + self.batch_age);
            }
            match ripe_at {
                None => self.wake.notified().await,
                Some(ripe_at) => {
                    if timeout_at(ripe_at, self.wake.notified()).await.is_err() {
                        self.hand_over_all();
                    }
                }
            }
        }
    }

    /// Has memory ready for the batches that are filled next. Never ends; only the writer calls it.
    pub(crate) async fn keep_spares(&self) {
        self.spares.make().await;
    }

    fn pack(&self, batch: OpenBatch, ids: &ActionIds) -> Batch {
        Batch::packed(Rows::new(batch, ids, Arc::clone(&self.spares)))
    }

    /// Gives up: takes no more activities, and counts those that are queued, in the writer's hands
    /// or not, as lost, until the writer [settles](Self::settle) them all the same. Returns how
    /// many were lost, and says what those were that the writer does not have.
    pub(crate) fn abandon(&self, reason: &str) -> u64 {
        let mut state = self.end_taking(Phase::Abandoned);
        let queued = mem::take(&mut state.sealed);
        let rows = mem::take(&mut state.stats.queued);
        state.stats.dropped.shutdown_deadline += rows;
        let accepted = state.accepted;
        let passed = self.passed.count();
        state.lost.add(passed + 1..=accepted);
        drop(state);
        self.pass_to(accepted);
        self.wake.notify_one();
        let ids = ActionIds::default();
        for batch in queued {
            for row in self.pack(batch, &ids).iter() {
                self.lost_log.tell(&reason, || row.to_activity());
            }
        }
        rows
    }
}

#[cfg(test)]
mod tests;
