//! Taking activities into the queue, and refusing those that there is no room for.

use std::{
    sync::{MutexGuard, PoisonError, atomic::Ordering},
    time::{Duration, Instant},
};

use tokio::sync::futures::Notified;

use super::{
    Phase, Queue, QueueState,
    lanes::{CREDIT, Lane, Lanes, Locked},
};
use crate::{
    pipeline::{
        push_outcome::{PushOutcome, Refusal},
        record::Record,
    },
    store::BATCH_BYTES,
};

impl Queue {
    /// Appends an activity, or drops it if the queue is closed or full, which is logged. It waits
    /// for room where it is to.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "a call would cost a part of what it does"
    )]
    pub(crate) fn push(&self, record: Record<'_>) -> PushOutcome {
        let lane = self.lanes.own();
        if lane.credit == 0 {
            drop(lane);
            return self.push_on_new_credit(record);
        }
        self.append(lane, record);
        PushOutcome::Accepted { nth: None }
    }

    #[cold]
    fn push_on_new_credit(&self, record: Record<'_>) -> PushOutcome {
        let mut until = None;
        loop {
            match self.lane_with_credit() {
                Ok(lane) => {
                    self.append(lane, record);
                    return PushOutcome::Accepted { nth: None };
                }
                Err(Refusal::Full) if !self.wait_max.is_zero() => {
                    let until = *until.get_or_insert_with(|| Instant::now() + self.wait_max);
                    if !self.wait_for_room(until) {
                        return self.refuse(record, Refusal::Full);
                    }
                }
                Err(refusal) => return self.refuse(record, refusal),
            }
        }
    }

    /// As [`push`](Self::push), but gives the activity back where that would wait for room. An
    /// awaited one is handed over at once.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "a call would cost a part of what it does"
    )]
    pub(crate) fn try_push<'a>(
        &self,
        record: Record<'a>,
        is_awaited: bool,
    ) -> Result<PushOutcome, Record<'a>> {
        let mut lane = match self.lane_with_credit() {
            Ok(lane) => lane,
            Err(Refusal::Full) if !self.wait_max.is_zero() => return Err(record),
            Err(refusal) => return Ok(self.refuse(record, refusal)),
        };
        if is_awaited {
            lane.take(record);
            let nth = Some(self.hand_over_now(lane));
            return Ok(PushOutcome::Accepted { nth });
        }
        self.append(lane, record);
        Ok(PushOutcome::Accepted { nth: None })
    }

    /// Has the writer take what is in a lane. Returns the position of the last activity in it.
    fn hand_over_now(&self, mut lane: Locked<'_>) -> u64 {
        let mut state = self.state();
        self.hand_over(&mut lane, &mut state);
        let last = state.accepted;
        drop(state);
        drop(lane);
        self.wake.notify_one();
        last
    }

    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "a call would cost a part of what it does"
    )]
    fn append(&self, mut lane: Locked<'_>, record: Record<'_>) {
        lane.take(record);
        let filling = &lane.filling;
        if filling.len() >= self.batch_rows || filling.bytes() >= BATCH_BYTES {
            self.hand_over(&mut lane, &mut self.state());
            drop(lane);
            self.wake.notify_one();
            return;
        }
        drop(lane);
        // Looked at first, for it is false nearly always.
        if self.writer_idle.load(Ordering::Relaxed)
            && self.writer_idle.swap(false, Ordering::Relaxed)
        {
            self.wake.notify_one();
        }
    }

    /// The lane of this thread, with credit for one activity at least.
    #[inline]
    fn lane_with_credit(&self) -> Result<Locked<'_>, Refusal> {
        let lane = self.lanes.own();
        if lane.credit > 0 {
            return Ok(lane);
        }
        self.with_new_credit(lane)
    }

    #[cold]
    fn with_new_credit<'a>(&'a self, mut lane: Locked<'a>) -> Result<Locked<'a>, Refusal> {
        // The lane needs a spare batch soon, and none is in memory for much longer than that.
        if lane.filling.len() >= self.batch_rows / 2 {
            self.spares.ask();
        }
        let mut state = self.open_state()?;
        if state.is_full {
            return Err(Refusal::Full);
        }
        // Less and less of what there is, so that others find some too.
        let share = (state.room / 4).clamp(1, CREDIT);
        lane.credit = state.take_room(share);
        if lane.credit > 0 {
            self.hurry_if_much(state);
            return Ok(lane);
        }
        drop((lane, state));
        self.lane_with_credit_of_others()
    }

    /// The same, where all room is the credit of lanes, which may not use it: they share it anew.
    fn lane_with_credit_of_others(&self) -> Result<Locked<'_>, Refusal> {
        let mut lanes = self.lanes.all();
        let mut state = self.open_state()?;
        for lane in &mut lanes {
            state.room += std::mem::take(&mut lane.credit);
        }
        let share = state.room / lanes.len();
        let mut lane = Lanes::own_of(lanes);
        lane.credit = state.take_room(share.clamp(1, CREDIT));
        if lane.credit == 0 {
            state.is_full = true;
            return Err(Refusal::Full);
        }
        self.hurry_if_much(state);
        Ok(lane)
    }

    fn open_state(&self) -> Result<MutexGuard<'_, QueueState>, Refusal> {
        let state = self.state();
        if state.phase == Phase::Open {
            Ok(state)
        } else {
            Err(Refusal::Closed)
        }
    }

    /// Has the writer take what is in the lanes before its age, where they have a batch together,
    /// or half of all room.
    fn hurry_if_much(&self, mut state: MutexGuard<'_, QueueState>) {
        let handed_over = usize::try_from(state.stats.queued).unwrap_or(usize::MAX);
        let lanes = self.capacity.saturating_sub(state.room + handed_over);
        let is_much = lanes >= self.batch_rows + CREDIT || lanes >= self.capacity.div_ceil(2);
        if is_much && !state.hurried {
            state.hurried = true;
            drop(state);
            self.wake.notify_one();
        }
    }

    /// Drops an activity that has waited for room long enough.
    pub(in super::super) fn drop_full(&self, record: Record<'_>) -> PushOutcome {
        self.refuse(record, Refusal::Full)
    }

    #[cold]
    fn refuse(&self, record: Record<'_>, refusal: Refusal) -> PushOutcome {
        let mut state = self.state();
        let dropped = &mut state.stats.dropped;
        let count = match refusal {
            Refusal::Full => &mut dropped.queue_full,
            Refusal::Closed => &mut dropped.after_shutdown,
        };
        *count += 1;
        let nth = *count;
        state.stats.recorded += 1;
        // Writing to the log takes its time, and may run code that records.
        drop(state);
        self.lost_log
            .tell(&refusal.reason(), || record.into_activity());
        refusal.report(nth);
        PushOutcome::Refused { refusal, nth }
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

    /// Waits until there may be room, or the queue is closed; tells whether that came in time.
    fn wait_for_room(&self, until: Instant) -> bool {
        let mut state = self.state();
        state.waiting_for_room += 1;
        let limit = until.saturating_duration_since(Instant::now());
        let no_room = |state: &mut QueueState| state.phase == Phase::Open && state.is_full;
        let waited = self.room.wait_timeout_while(state, limit, no_room);
        let (mut state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        state.waiting_for_room -= 1;
        !waited.timed_out()
    }
}

impl Lane {
    /// Appends an activity to its batch, on its credit.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "a call would cost a part of what it does"
    )]
    fn take(&mut self, record: Record<'_>) {
        self.credit -= 1;
        record.push_to(&mut self.filling);
    }
}

impl QueueState {
    /// Takes room for so many activities, or as many as there are.
    fn take_room(&mut self, rows: usize) -> usize {
        let rows = rows.min(self.room);
        self.room -= rows;
        rows
    }
}
