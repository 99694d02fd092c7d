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
    Known(Result<(), Unrecorded>),
    Pending(BoxFuture<'a, Result<(), RecordError>>),
}

/// The reason that an activity went nowhere, where that is known at once.
#[derive(Clone, Copy, Debug)]
pub enum Unrecorded {
    /// The queue did not take it.
    Refused(Refusal),
    /// There is no tracker to record with, or nothing to record.
    NotInstalled,
}

impl<'a> Awaited<'a> {
    /// Waits for an outcome.
    pub(super) fn pending(
        outcome: impl Future<Output = Result<(), RecordError>> + Send + 'a,
    ) -> Self {
        Self::Pending(Box::pin(outcome))
    }

    /// Waits until what was pushed is durable, if there is such a wait.
    #[inline]
    pub(super) fn durable(outcome: PushOutcome, wait: Option<&Arc<DurableWait>>) -> Self {
        match (outcome, wait) {
            (PushOutcome::Accepted { nth: Some(nth) }, Some(wait)) => {
                let wait = Arc::clone(wait);
                Self::pending(async move { wait.wait(nth).await })
            }
            (PushOutcome::Accepted { .. }, _) => Self::Known(Ok(())),
            (PushOutcome::Refused { refusal, .. }, _) => {
                Self::Known(Err(Unrecorded::Refused(refusal)))
            }
        }
    }

    fn poll_other(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), RecordError>> {
        match self {
            Self::Known(outcome) => Poll::Ready((*outcome).map_err(RecordError::from)),
            Self::Pending(outcome) => outcome.as_mut().poll(cx),
        }
    }
}

impl Future for Awaited<'_> {
    type Output = Result<(), RecordError>;

    /// Has what nearly every call meets in its caller's code.
    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match *self {
            Self::Known(Ok(())) => Poll::Ready(Ok(())),
            _ => self.poll_other(cx),
        }
    }
}

/// Records nothing where a recording would be awaited.
#[must_use]
pub fn not_recorded<'a>() -> Awaited<'a> {
    Awaited::Known(Err(Unrecorded::NotInstalled))
}

impl From<Unrecorded> for RecordError {
    fn from(unrecorded: Unrecorded) -> Self {
        match unrecorded {
            Unrecorded::Refused(Refusal::Full) => Self::QueueFull,
            Unrecorded::Refused(Refusal::Closed) => Self::ShutDown,
            Unrecorded::NotInstalled => Self::NotInstalled,
        }
    }
}
