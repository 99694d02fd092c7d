//! The places that an activity can go to: [`Destination`], of which the tracker's own are
//! [`Queued`] and [`Durable`].

use std::sync::Arc;

use super::handle::Tracker;
use crate::{
    RecordError,
    pipeline::{
        push_outcome::{PushOutcome, Refusal},
        record::Record,
        room_wait::RoomWait,
    },
    store::BoxFuture,
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

/// A recording that is awaited: what comes of it.
pub(crate) type Awaited<'a> = BoxFuture<'a, Result<(), RecordError>>;

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
        let queue = &tracker.inner.queue;
        let wait = tracker.inner.durable_wait.clone();
        let is_awaited = wait.is_some();
        let pushed = queue.try_push(record, is_awaited);
        let pushed =
            pushed.map_err(|record| RoomWait::new(queue, record.into_activity(), is_awaited));
        let wait = wait.map(|wait| (wait, Arc::clone(queue)));
        Box::pin(async move {
            let outcome = match pushed {
                Ok(outcome) => Some(outcome),
                Err(waiting) => waiting.pushed().await,
            };
            match (outcome, wait) {
                (Some(PushOutcome::Accepted { nth: Some(nth) }), Some((wait, queue))) => {
                    wait.wait(&queue, nth).await
                }
                (Some(PushOutcome::Accepted { .. }), _) => Ok(()),
                (Some(PushOutcome::Refused { refusal, .. }), _) => Err(refusal.into()),
                (None, _) => Err(RecordError::QueueFull),
            }
        })
    }

    fn nothing() -> Awaited<'a> {
        not_recorded()
    }
}

/// Records nothing where a recording would be awaited.
#[must_use]
pub fn not_recorded<'a>() -> Awaited<'a> {
    Box::pin(std::future::ready(Err(RecordError::NotInstalled)))
}

impl From<Refusal> for RecordError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Full => Self::QueueFull,
            Refusal::Closed => Self::ShutDown,
        }
    }
}
