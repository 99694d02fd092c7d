//! The queue in which recorded activities wait for the writer, and the account of all of them.

mod lost;
mod passing;

use std::{
    collections::VecDeque,
    mem,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Notify, futures::Notified, watch},
    time::{Instant, timeout_at},
};
use uuid::ContextV7;

use self::lost::Lost;
use super::{
    lost_log::LostLog,
    pushed::Pushed,
    recorded::{Record, Recorded},
};
use crate::{Stats, store::BATCH_BYTES};

/// The number of written batches that keep their memory: the one that is filled next, and one more
/// for when the writer has fallen behind.
const SPARE_BATCHES_MAX: usize = 2;

/// Why an activity is lost.
pub(super) const QUEUE_FULL: &str = "the queue is full";
const AFTER_SHUTDOWN: &str = "it was recorded after the tracker had been shut down";

/// A bounded queue of activities, grouped into batches while they are pushed.
///
/// Pushing takes a lock for as long as it takes to append to a vector. It wakes the writer only
/// when there is news for it: the first activity after a pause, and each batch that is full.
#[derive(Debug)]
pub(crate) struct Queue {
    state: Mutex<State>,
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
struct State {
    /// Batches that wait as they are.
    sealed: VecDeque<Recorded>,
    /// The batch that is being filled; never empty for longer than nothing waits.
    filling: Recorded,
    /// The memory of batches that were written, no more than [`SPARE_BATCHES_MAX`]: new memory is slow until it is touched.
    spare: Vec<Recorded>,
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

impl State {
    /// Closes the batch that is being filled, so that the writer takes it without waiting for more.
    fn seal(&mut self) {
        if !self.filling.is_empty() {
            let spare = self.spare.pop();
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

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change under the lock is complete before anything could panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends an activity or a draft, or drops it if the queue is closed or full; waits for room where it is to.
    pub(crate) fn push(&self, what: impl Record) -> Pushed {
        let mut state = self.state();
        if self.would_wait(&state) {
            state = self.wait_for_room(state);
        }
        self.append(state, what)
    }

    /// Appends it, or drops it as [`push`](Self::push) does, except where a push would wait for room: then it is given back.
    pub(crate) fn push_unless_full<R: Record>(&self, what: R) -> Result<Pushed, R> {
        let state = self.state();
        if self.would_wait(&state) {
            return Err(what);
        }
        Ok(self.append(state, what))
    }

    fn append(&self, mut state: MutexGuard<'_, State>, what: impl Record) -> Pushed {
        state.stats.recorded += 1;
        if state.phase != Phase::Open {
            state.stats.dropped.after_shutdown += 1;
            let nth = state.stats.dropped.after_shutdown;
            drop(state);
            self.lost_log.tell(&AFTER_SHUTDOWN, || what.into_activity());
            return Pushed::Closed { nth };
        }
        if self.is_full(&state) {
            state.stats.dropped.queue_full += 1;
            let nth = state.stats.dropped.queue_full;
            drop(state);
            self.lost_log.tell(&QUEUE_FULL, || what.into_activity());
            return Pushed::Full { nth };
        }
        state.stats.queued += 1;
        state.accepted += 1;
        let nth = state.accepted;
        what.append_to(&mut state.filling);
        let full = state.filling.len() >= self.batch_rows || state.filling.bytes() >= BATCH_BYTES;
        if full {
            state.seal();
        }
        let wake = full || mem::take(&mut state.writer_idle);
        drop(state);
        if wake {
            self.wake.notify_one();
        }
        Pushed::Accepted { nth }
    }

    fn is_full(&self, state: &State) -> bool {
        state.stats.queued >= self.capacity as u64
    }

    fn would_wait(&self, state: &State) -> bool {
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

    /// Counts an activity that found no room in time.
    pub(crate) fn count_full(&self) -> Pushed {
        let mut state = self.state();
        state.stats.recorded += 1;
        state.stats.dropped.queue_full += 1;
        Pushed::Full {
            nth: state.stats.dropped.queue_full,
        }
    }

    /// Waits until there is room, the queue is closed, or the limit has come.
    fn wait_for_room<'a>(&'a self, mut state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        state.waiting_for_room += 1;
        let no_room = |state: &mut State| state.phase == Phase::Open && self.is_full(state);
        let waited = self.room.wait_timeout_while(state, self.wait_max, no_room);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.waiting_for_room -= 1;
        state
    }

    /// Takes back an empty batch, for its memory.
    pub(crate) fn recycle(&self, batch: Recorded) {
        let mut state = self.state();
        if batch.is_usual() && state.spare.len() < SPARE_BATCHES_MAX {
            state.spare.push(batch);
        }
    }

    /// Counts an activity that never enters the queue, because it is written on the caller's client.
    pub(crate) fn count_on_client(&self, stored: bool) {
        let mut state = self.state();
        state.stats.recorded += 1;
        if stored {
            state.stats.stored += 1;
        } else {
            state.stats.dropped.client_failed += 1;
        }
    }

    /// Counts activities that another process recorded, and that are in a journal which is this one's now.
    #[cfg(feature = "journal")]
    pub(crate) fn count_adopted(&self, rows: u64) {
        let mut state = self.state();
        state.stats.recorded += rows;
        state.stats.adopted += rows;
        state.stats.journaled += rows;
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

    /// The next batch, complete or old enough; `None` once the queue is closed and empty.
    ///
    /// Only the writer calls it. The activities stay in the account as queued until they are [settled](Self::settle).
    pub(crate) async fn next_batch(&self) -> Option<Recorded> {
        let mut ripe_at = None;
        loop {
            {
                let mut state = self.state();
                if mem::take(&mut state.hurried) {
                    state.seal();
                }
                if let Some(batch) = state.sealed.pop_front() {
                    return Some(batch);
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
        drop(state);
        self.tell_passed(accepted);
        self.wake.notify_one();
        let ids = ContextV7::new();
        for mut batch in queued {
            for activity in batch.take_activities::<Vec<_>>(&ids) {
                self.lost_log.tell(&reason, || &activity);
            }
        }
        rows
    }

    /// Moves `rows` activities from where they are held to where `outcome` counts them; returns how many are counted there now.
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

    /// Where every activity is now.
    pub(crate) fn stats(&self) -> Stats {
        self.state().stats
    }
}

/// Where activities are that something became of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    Queued,
    #[cfg(feature = "journal")]
    Journaled,
}

/// What became of activities.
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

#[cfg(test)]
mod tests;
