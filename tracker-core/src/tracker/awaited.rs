//! A recording that is awaited: [`Awaited`].

use std::{
    future::{Future, poll_fn},
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

/// A recording, or `None` if there is nothing to wait for, as with most. It takes two words, for it
/// is moved a few times before it is polled.
pub struct Awaited<'a>(Option<BoxFuture<'a, Result<(), RecordError>>>);

impl<'a> Awaited<'a> {
    /// Waits for an outcome. One without a size, such as an error that is known at once, takes no
    /// memory.
    pub(super) fn pending(
        outcome: impl Future<Output = Result<(), RecordError>> + Send + 'a,
    ) -> Self {
        Self(Some(Box::pin(outcome)))
    }

    /// Waits until what was pushed is durable, if there is such a wait.
    #[inline]
    pub(super) fn durable(outcome: PushOutcome, wait: Option<&Arc<DurableWait>>) -> Self {
        match (outcome, wait) {
            (PushOutcome::Accepted { nth: Some(nth) }, Some(wait)) => {
                let wait = Arc::clone(wait);
                Self::pending(async move { wait.wait(nth).await })
            }
            (PushOutcome::Accepted { .. }, _) => Self(None),
            (PushOutcome::Refused { refusal, .. }, _) => refused(refusal),
        }
    }
}

impl Future for Awaited<'_> {
    type Output = Result<(), RecordError>;

    /// Has what nearly every call meets in its caller's code.
    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            None => Poll::Ready(Ok(())),
            Some(outcome) => outcome.as_mut().poll(cx),
        }
    }
}

#[cold]
fn refused<'a>(refusal: Refusal) -> Awaited<'a> {
    match refusal {
        Refusal::Full => Awaited::pending(poll_fn(|_| Poll::Ready(Err(RecordError::QueueFull)))),
        Refusal::Closed => Awaited::pending(poll_fn(|_| Poll::Ready(Err(RecordError::ShutDown)))),
    }
}

/// Records nothing where a recording would be awaited.
#[must_use]
pub fn not_recorded<'a>() -> Awaited<'a> {
    Awaited::pending(poll_fn(|_| Poll::Ready(Err(RecordError::NotInstalled))))
}
