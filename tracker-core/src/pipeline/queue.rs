//! The queue in which recorded activities wait for the writer, and the account of all of them.

mod account;
mod lost;
mod passing;

use std::{
    collections::VecDeque,
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Notify, futures::Notified, watch},
    time::{Instant, timeout_at},
};
use uuid::ContextV7;

pub(crate) use self::account::{Held, Outcome};
use self::lost::Lost;
use super::{
    lost_log::LostLog,
    open_batch::{OpenBatch, Rows, Spares},
    push_outcome::PushOutcome,
    record::Record,
};
use crate::{
    Stats,
    store::{BATCH_BYTES, Batch},
};

/// Why an activity is lost.
const QUEUE_FULL: &str = "the queue is full";
const AFTER_SHUTDOWN: &str = "it was recorded after the tracker had been shut down";

/// A bounded queue of activities, grouped into batches while they are pushed.
///
/// Pushing takes a lock for as long as it takes to append to a vector. It wakes the writer only
/// when there is news for it: the first activity after a pause, and each batch that is full.
#[derive(Debug)]
pub(crate) struct Queue {
    state: Mutex<QueueState>,
    /// Wakes the threads, and the tasks, that wait for room.
    room: Condvar,
    room_for_tasks: Notify,
    /// The time for which a push waits for room.
    wait_max: Duration,
    /// Wakes the writer.
    wake: Notify,
    /// The number of accepted activities that have left the queue for good, in the order in which
    /// they were accepted.
    passed: watch::Sender<u64>,
    capacity: usize,
    batch_rows: usize,
    batch_age: Duration,
    lost_log: LostLog,
}

#[derive(Debug, Default)]
struct QueueState {
    /// Batches that wait as they are.
    sealed: VecDeque<OpenBatch>,
    /// The batch that is being filled; never empty for longer than nothing waits.
    filling: OpenBatch,
    spares: Arc<Spares>,
    /// The number of activities that have been accepted.
    accepted: u64,
    /// True if the writer sleeps until something is pushed.
    writer_idle: bool,
    /// True if somebody waits for the batch that is being filled.
    hurried: bool,
    phase: Phase,
    /// The number of pushes that wait for room.
    waiting_for_room: usize,
    /// Those that have passed and are lost.
    lost: Lost,
    stats: Stats,
}

/// The steps of the queue's end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Open,
    /// It takes no more.
    Closed,
    /// And what the writer still has in hand is counted as lost already.
    Abandoned,
}

impl QueueState {
    /// Closes the batch that is being filled, so that the writer takes it without waiting for more.
    fn seal(&mut self) {
        if !self.filling.is_empty() {
            let spare = self.spares.take();
            let empty = spare.unwrap_or_else(|| self.filling.empty_as_large());
            self.sealed
                .push_back(mem::replace(&mut self.filling, empty));
        }
    }
}

impl Queue {
    /// A queue for `capacity` activities in batches of `batch_rows`, or of those that have come
    /// within `batch_age`.
    pub(crate) fn new(capacity: usize, batch_rows: usize, batch_age: Duration) -> Self {
        Self {
            state: Mutex::default(),
            room: Condvar::new(),
            room_for_tasks: Notify::new(),
            wait_max: Duration::ZERO,
            wake: Notify::new(),
            passed: watch::Sender::new(0),
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

    /// Appends an activity, or drops it if the queue is closed or full, which is logged. It waits
    /// for room where it is to.
    pub(crate) fn push(&self, record: Record<'_>) -> PushOutcome {
        let mut state = self.state();
        if self.would_wait(&state) {
            state = self.wait_for_room(state);
        }
        self.append(state, record)
    }

    /// As [`push`](Self::push), but gives the activity back where that would wait for room.
    pub(crate) fn try_push<'a>(&self, record: Record<'a>) -> Result<PushOutcome, Record<'a>> {
        let state = self.state();
        if self.would_wait(&state) {
            return Err(record);
        }
        Ok(self.append(state, record))
    }

    fn append(&self, mut state: MutexGuard<'_, QueueState>, record: Record<'_>) -> PushOutcome {
        if state.phase != Phase::Open {
            return self.refuse_closed(state, record);
        }
        if self.is_full(&state) {
            return self.refuse_full(state, record);
        }
        state.stats.recorded += 1;
        state.stats.queued += 1;
        state.accepted += 1;
        let nth = state.accepted;
        state.filling.push(record);
        let full = state.filling.len() >= self.batch_rows || state.filling.bytes() >= BATCH_BYTES;
        if full {
            state.seal();
        }
        let wake = full || mem::take(&mut state.writer_idle);
        drop(state);
        if wake {
            self.wake.notify_one();
        }
        PushOutcome::Accepted { nth }
    }

    /// Drops an activity that has waited for room long enough.
    pub(super) fn drop_full(&self, record: Record<'_>) -> PushOutcome {
        self.refuse_full(self.state(), record)
    }

    #[cold]
    fn refuse_full(
        &self,
        mut state: MutexGuard<'_, QueueState>,
        record: Record<'_>,
    ) -> PushOutcome {
        state.stats.dropped.queue_full += 1;
        let nth = state.stats.dropped.queue_full;
        self.refused(state, record, PushOutcome::Full { nth }, QUEUE_FULL)
    }

    #[cold]
    fn refuse_closed(
        &self,
        mut state: MutexGuard<'_, QueueState>,
        record: Record<'_>,
    ) -> PushOutcome {
        state.stats.dropped.after_shutdown += 1;
        let nth = state.stats.dropped.after_shutdown;
        self.refused(state, record, PushOutcome::Closed { nth }, AFTER_SHUTDOWN)
    }

    fn refused(
        &self,
        mut state: MutexGuard<'_, QueueState>,
        record: Record<'_>,
        outcome: PushOutcome,
        reason: &str,
    ) -> PushOutcome {
        state.stats.recorded += 1;
        // Writing to the log takes its time, and may run code that records.
        drop(state);
        self.lost_log.tell(&reason, || record.into_activity());
        outcome.report();
        outcome
    }

    fn is_full(&self, state: &QueueState) -> bool {
        state.stats.queued >= self.capacity as u64
    }

    fn would_wait(&self, state: &QueueState) -> bool {
        !self.wait_max.is_zero() && state.phase == Phase::Open && self.is_full(state)
    }

    /// Ends when there may be room, or the queue is closed, from when it is first polled or
    /// enabled.
    pub(crate) fn room(&self) -> Notified<'_> {
        self.room_for_tasks.notified()
    }

    /// The time for which a push waits for room.
    pub(crate) fn wait_max(&self) -> Duration {
        self.wait_max
    }

    /// Waits until there is room, the queue is closed, or the limit has come.
    fn wait_for_room<'a>(
        &'a self,
        mut state: MutexGuard<'a, QueueState>,
    ) -> MutexGuard<'a, QueueState> {
        state.waiting_for_room += 1;
        let no_room = |state: &mut QueueState| state.phase == Phase::Open && self.is_full(state);
        let waited = self.room.wait_timeout_while(state, self.wait_max, no_room);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.waiting_for_room -= 1;
        state
    }

    /// Takes no more activities. What is queued remains for the writer.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        if state.phase == Phase::Open {
            state.phase = Phase::Closed;
        }
        state.seal();
        drop(state);
        self.room.notify_all();
        self.room_for_tasks.notify_waiters();
        self.wake.notify_one();
    }

    /// The next batch, complete or old enough, whose drafts get new IDs; `None` once the queue is
    /// closed and empty.
    ///
    /// Only the writer calls it. The activities stay in the account as queued until they are
    /// [settled](Self::settle).
    pub(crate) async fn next_batch(&self, ids: &ContextV7) -> Option<Batch> {
        let mut ripe_at = None;
        loop {
            {
                let mut state = self.state();
                if mem::take(&mut state.hurried) {
                    state.seal();
                }
                if let Some(batch) = state.sealed.pop_front() {
                    let spares = Arc::clone(&state.spares);
                    drop(state);
                    return Some(Batch::packed(Rows::new(batch, ids, spares)));
                }
                if state.phase != Phase::Open {
                    return None;
                }
                if state.filling.is_empty() {
                    state.writer_idle = true;
                } else {
                    ripe_at.get_or_insert_with(|| Instant::now() + self.batch_age);
                }
            }
            match ripe_at {
                None => self.wake.notified().await,
                Some(ripe_at) => {
                    if timeout_at(ripe_at, self.wake.notified()).await.is_err() {
                        self.state().seal();
                    }
                }
            }
        }
    }

    /// Gives up: takes no more activities, and counts those that are queued, in the writer's hands
    /// or not, as lost, until the writer [settles](Self::settle) them all the same. Returns how
    /// many were lost, and says what those were that the writer does not have.
    pub(crate) fn abandon(&self, reason: &str) -> u64 {
        let mut state = self.state();
        state.phase = Phase::Abandoned;
        state.seal();
        let queued = mem::take(&mut state.sealed);
        let rows = mem::take(&mut state.stats.queued);
        state.stats.dropped.shutdown_deadline += rows;
        let accepted = state.accepted;
        let passed = *self.passed.borrow();
        state.lost.add(passed + 1..=accepted);
        let spares = Arc::clone(&state.spares);
        drop(state);
        self.tell_passed(accepted);
        self.wake.notify_one();
        let ids = ContextV7::new();
        for batch in queued {
            for row in Batch::packed(Rows::new(batch, &ids, Arc::clone(&spares))).iter() {
                self.lost_log.tell(&reason, || row.to_activity());
            }
        }
        rows
    }
}

#[cfg(test)]
mod tests;
