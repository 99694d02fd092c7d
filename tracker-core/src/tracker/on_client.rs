//! The destination that is the caller's own connection or transaction: [`OnClient`].

use std::{fmt::Display, panic::AssertUnwindSafe};

use futures_util::FutureExt;

use super::Tracker;
use crate::{
    Activity, Client, RecordError, StoreError,
    error_chain::ErrorChain,
    private::capture,
    quietly::{panic_message, quietly},
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

/// A completed activity, counted at most once: as stored, or as its [`Refusal`] says, also where the future is dropped.
pub(crate) struct OnClient {
    tracker: Tracker,
    refusal: Refusal,
    /// Taken by what counts it.
    activity: Option<Activity>,
}

type Insertion<'a> = BoxFuture<'a, Result<(), StoreError>>;

impl OnClient {
    pub(super) fn new(tracker: &Tracker, activity: Activity, refusal: Refusal) -> Self {
        Self {
            tracker: tracker.clone(),
            refusal,
            activity: Some(activity),
        }
    }

    /// Begins to write it now, and ends when that is done.
    pub(crate) fn insert<'a, C: Client + 'a>(
        self,
        client: C,
    ) -> impl Future<Output = Result<(), RecordError>> + Send + use<'a, C> {
        let schema = self.tracker.schema();
        let activity = self.activity.clone();
        // A client of the caller's own making may panic, now or when it is polled.
        let insertion = capture(|| Some(client.insert(schema, activity?)));
        self.inserted(insertion)
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
                inner.queue.push(Box::new(activity)).report();
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
                queue.push(Box::new(activity)).report();
            }
            Refusal::Lose => {
                let queue = &self.tracker.inner.queue;
                queue.lost_log().tell(error, || &activity);
                queue.count_on_client(false);
            }
            // Nothing is lost: whoever is told decides what is to be done.
            Refusal::Return => {}
        }
    }
}

impl Drop for OnClient {
    fn drop(&mut self) {
        self.refuse(&"the caller's future was dropped before it had completed");
    }
}
