//! The places that an activity can go to: [`Destination`], of which the tracker's own are
//! [`Queued`] and [`Durable`].

use super::{
    awaited::{Awaited, not_recorded},
    handle::Tracker,
};
use crate::{
    RecordError,
    pipeline::{record::Record, room_wait::RoomWait},
};

/// A place that an activity goes to, and what its recording gives to whoever records it.
pub trait Destination<'a> {
    /// Nothing, or what is to be awaited.
    type Recorded;

    /// Takes an activity that is complete.
    fn take(self, tracker: &Tracker, record: Record<'_>) -> Self::Recorded;

    /// The value where there is no tracker to record with, or nothing to record.
    fn nothing() -> Self::Recorded;

    /// Returns whether the function fails where this does. Its call is open until it is recorded
    /// then.
    fn may_fail_the_call(&self) -> bool {
        false
    }
}

/// The tracker's queue. Whoever records does not wait.
#[derive(Debug)]
pub struct Queued;

impl Destination<'_> for Queued {
    type Recorded = ();

    fn take(self, tracker: &Tracker, record: Record<'_>) {
        tracker.inner.queue.push(record);
    }

    fn nothing() {}
}

/// The tracker's queue, and from there whatever makes the activity durable, which is waited for.
#[derive(Debug)]
pub struct Durable;

impl<'a> Destination<'a> for Durable {
    type Recorded = Awaited<'a>;

    fn take(self, tracker: &Tracker, record: Record<'_>) -> Awaited<'a> {
        let (queue, wait) = (&tracker.inner.queue, &tracker.inner.durable_wait);
        match queue.try_push(record, wait.is_some()) {
            Ok(outcome) => Awaited::durable(outcome, wait.as_ref()),
            Err(record) => {
                let room = RoomWait::new(queue, record.into_activity(), wait.is_some());
                let wait = wait.clone();
                Awaited::pending(async move {
                    match room.pushed().await {
                        Some(outcome) => Awaited::durable(outcome, wait.as_ref()).await,
                        None => Err(RecordError::QueueFull),
                    }
                })
            }
        }
    }

    fn nothing() -> Awaited<'a> {
        not_recorded()
    }
}
