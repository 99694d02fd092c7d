//! The destination that is the caller's own connection or transaction: [`OnClient`].

use std::{
    fmt::Display,
    panic::{AssertUnwindSafe, Location},
};

use futures_util::FutureExt;

use super::{
    awaited::{Awaited, not_recorded},
    destination::Destination,
    handle::Tracker,
};
use crate::{
    Activity, Client, RecordError, StoreError,
    error_chain::ErrorChain,
    panics::{caught, panic_message, quietly},
    pipeline::record::Record,
    store::BoxFuture,
};

/// The way of an activity that the caller's client does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is lost, which is logged and counted.
    Lose,
    /// It goes the tracker's own way: through the journal, where there is one.
    Journal,
    /// The caller is told, and does what is to be done.
    Return,
}

/// A client of the caller's, to be recorded on.
pub struct OnClient<'a> {
    insert: Insert<'a>,
    refusal: Refusal,
}

/// The insertion of an activity in a schema, whatever the client is.
type Insert<'a> = Box<dyn FnOnce(&str, Activity) -> Insertion<'a> + 'a>;

type Insertion<'a> = BoxFuture<'a, Result<(), StoreError>>;

/// Names the client, and what becomes of an activity that it does not take.
pub fn on_client<'a, C: Client + 'a>(client: C, refusal: Refusal) -> OnClient<'a> {
    OnClient {
        insert: Box::new(move |schema: &str, activity| client.insert(schema, activity)),
        refusal,
    }
}

impl<'a> Destination<'a> for OnClient<'a> {
    type Recorded = Awaited<'a>;

    fn take(self, tracker: &Tracker, record: Record<'_>) -> Awaited<'a> {
        Pending::new(tracker, record.into_activity(), self.refusal).insert(self.insert)
    }

    fn nothing() -> Awaited<'a> {
        not_recorded()
    }

    fn may_fail_the_call(&self) -> bool {
        self.refusal == Refusal::Return
    }
}

/// A completed activity, counted at most once: as stored, or as its [`Refusal`] says, also where
/// the future is dropped.
struct Pending {
    tracker: Tracker,
    refusal: Refusal,
    /// Taken by what counts it.
    activity: Option<Box<Activity>>,
}

impl Pending {
    fn new(tracker: &Tracker, activity: Box<Activity>, refusal: Refusal) -> Self {
        Self {
            tracker: tracker.clone(),
            refusal,
            activity: Some(activity),
        }
    }

    /// Begins to write it now, and ends when that is done.
    fn insert(self, insert: Insert<'_>) -> Awaited<'_> {
        let schema = self.tracker.schema();
        let activity = self.activity.as_deref().cloned();
        // A client of the caller's own making may panic, now or when it is polled.
        let insertion = caught(Location::caller(), || Some(insert(schema, activity?)));
        Awaited::pending(self.inserted(insertion))
    }

    async fn inserted(mut self, insertion: Option<Insertion<'_>>) -> Result<(), RecordError> {
        let outcome = match insertion {
            Some(insertion) => AssertUnwindSafe(insertion).catch_unwind().await,
            None => Err(Box::new("see the log") as _),
        };
        let action_id = self.action_id();
        let error = match outcome {
            Ok(Ok(())) => {
                self.taken();
                return Ok(());
            }
            Ok(Err(source)) => RecordError::Client { action_id, source },
            Err(panic) => RecordError::ClientPanicked {
                action_id,
                panic: panic_message(panic),
            },
        };
        self.refuse(&ErrorChain(&error));
        Err(error)
    }

    fn action_id(&self) -> String {
        let activity = self.activity.as_ref();
        activity.map_or_else(String::new, |activity| activity.action_id.clone())
    }

    /// Counts what the client has taken. Where a test captures it, the tracker takes it too.
    fn taken(&mut self) {
        let inner = &self.tracker.inner;
        match (self.activity.take(), &inner.by_clients) {
            (Some(activity), Some(by_clients)) => {
                by_clients.add(&activity);
                inner.queue.push(Record::Activity(activity));
            }
            _ => inner.queue.count_on_client(true),
        }
    }

    /// Does with the activity what is to be done where it was not written.
    fn refuse(&mut self, error: &dyn Display) {
        let Some(activity) = self.activity.take() else {
            return;
        };
        match self.refusal {
            Refusal::Journal => {
                quietly(|| {
                    tracing::warn!(
                        error = error.to_string(),
                        action_id = activity.action_id,
                        action_type = activity.action_type.as_deref(),
                        "an activity could not be written on the caller's client: it goes through the tracker's journal or queue"
                    );
                });
                let queue = &self.tracker.inner.queue;
                queue.push(Record::Activity(activity));
            }
            Refusal::Lose => {
                let queue = &self.tracker.inner.queue;
                queue.lost_log().tell(error, || &*activity);
                queue.count_on_client(false);
            }
            // Nothing is lost: whoever is told decides what is to be done.
            Refusal::Return => {}
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.refuse(&"the caller's future was dropped before it had completed");
    }
}
