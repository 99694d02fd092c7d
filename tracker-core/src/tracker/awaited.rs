//! A recording that is awaited: [`Awaited`].

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use crate::{
    RecordError,
    pipeline::{
        durable_wait::DurableWait,
        push_outcome::{PushOutcome, Refusal},
    },
    store::BoxFuture,
};

/// The outcome of a recording, which most know at once: only a wait needs memory of its own.
pub enum Awaited<'a> {
    /// The queue has the activity, and nothing else is waited for.
    Accepted,
    /// The activity is lost.
    Refused(Refusal),
    /// There is no tracker to record with, or nothing to record.
    NotInstalled,
    /// The outcome is waited for.
    Pending(BoxFuture<'a, Result<(), RecordError>>),
}

impl<'a> Awaited<'a> {
    /// Waits for an outcome.
    pub(super) fn pending(
        outcome: impl Future<Output = Result<(), RecordError>> + Send + 'a,
    ) -> Self {
        Self::Pending(Box::pin(outcome))
    }

    /// Waits until what was pushed is durable, if there is such a wait.
    pub(super) fn durable(outcome: PushOutcome, wait: Option<&Arc<DurableWait>>) -> Self {
        match (outcome, wait) {
            (PushOutcome::Accepted { nth: Some(nth) }, Some(wait)) => {
                let wait = Arc::clone(wait);
                Self::pending(async move { wait.wait(nth).await })
            }
            (PushOutcome::Accepted { .. }, _) => Self::Accepted,
            (PushOutcome::Refused { refusal, .. }, _) => Self::Refused(refusal),
        }
    }
}

impl Future for Awaited<'_> {
    type Output = Result<(), RecordError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self {
            Self::Accepted => Poll::Ready(Ok(())),
            Self::Refused(refusal) => Poll::Ready(Err((*refusal).into())),
            Self::NotInstalled => Poll::Ready(Err(RecordError::NotInstalled)),
            Self::Pending(outcome) => outcome.as_mut().poll(cx),
        }
    }
}

/// Records nothing where a recording would be awaited.
#[must_use]
pub fn not_recorded<'a>() -> Awaited<'a> {
    Awaited::NotInstalled
}

impl From<Refusal> for RecordError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Full => Self::QueueFull,
            Refusal::Closed => Self::ShutDown,
        }
    }
}
