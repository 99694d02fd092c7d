//! A call of which something is recorded however it ends: [`Call`].

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    task::{Context, Poll},
    thread,
};

use crate::{
    Client, Status, Tracker,
    draft::Draft,
    private::{Attribute, InClient, Refusal, fill_in, not_installed, nothing},
    store::BoxFuture,
};

/// Watches a tracked function from its entry on, for `record = "always"`. It records exactly once: what the function has returned,
/// that it panicked, or, when it is dropped before either, that the call was cancelled.
pub struct Call {
    /// Taken by what is recorded; `None` where nothing is.
    open: Option<(Tracker, Draft)>,
    /// Whether a panic of the body goes through this value alone.
    is_uncaught: bool,
    attribute: Attribute,
}

impl Call {
    pub(crate) fn new(open: Option<(Tracker, Draft)>, attribute: Attribute) -> Self {
        Self {
            open,
            is_uncaught: false,
            attribute,
        }
    }

    /// Says that the body runs without [`poll`](Self::poll) or [`run`](Self::run), and a panic is seen when this is dropped.
    pub fn uncaught(&mut self) {
        self.is_uncaught = true;
    }

    /// Polls the body; a panic is recorded, and goes on.
    pub fn poll<F: Future + ?Sized>(
        &mut self,
        body: Pin<&mut F>,
        cx: &mut Context<'_>,
    ) -> Poll<F::Output> {
        self.run(|| body.poll(cx))
    }

    /// Runs the body; a panic is recorded, and goes on.
    pub fn run<T>(&mut self, body: impl FnOnce() -> T) -> T {
        catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| {
            self.end(Status::Panicked, &mut |_| {});
            resume_unwind(panic)
        })
    }

    /// Records a success.
    pub fn success(&mut self, fill: &mut dyn FnMut(&mut Draft)) {
        self.end(Status::Success, fill);
    }

    /// Records a success on the caller's client. Where the function fails if that does, the call goes on.
    pub fn success_in<'a, C: Client + 'a>(
        &'a mut self,
        client: C,
        refusal: Refusal,
        fill: &mut dyn FnMut(&mut Draft),
    ) -> InClient<'a> {
        let open = match refusal {
            Refusal::Return => self.open.clone(),
            Refusal::Lose | Refusal::Journal => None,
        };
        let Some((tracker, mut draft)) = self.ended(Status::Success, fill) else {
            return not_installed();
        };
        self.open = open;
        let recording = tracker.draft_on_client(&mut draft, refusal).insert(client);
        Box::pin(async move {
            recording.await?;
            self.open = None;
            Ok(())
        })
    }

    /// Records a success, and waits until it is durable.
    pub fn success_durable(&mut self, fill: &mut dyn FnMut(&mut Draft)) -> BoxFuture<'static, ()> {
        self.end_durable(Status::Success, fill)
    }

    /// Records a failure, and waits until it is durable.
    pub fn failure_durable(&mut self, fill: &mut dyn FnMut(&mut Draft)) -> BoxFuture<'static, ()> {
        self.end_durable(Status::Failure, fill)
    }

    fn end_durable(
        &mut self,
        status: Status,
        fill: &mut dyn FnMut(&mut Draft),
    ) -> BoxFuture<'static, ()> {
        match self.ended(status, fill) {
            Some((tracker, mut draft)) => tracker.record_draft_durable(&mut draft),
            None => nothing(),
        }
    }

    /// Records a failure.
    pub fn failure(&mut self, fill: &mut dyn FnMut(&mut Draft)) {
        self.end(Status::Failure, fill);
    }

    fn end(&mut self, status: Status, fill: &mut dyn FnMut(&mut Draft)) {
        if let Some((tracker, mut draft)) = self.ended(status, fill) {
            tracker.record_draft(&mut draft);
        }
    }

    fn ended(
        &mut self,
        status: Status,
        fill: &mut dyn FnMut(&mut Draft),
    ) -> Option<(Tracker, Draft)> {
        let (tracker, mut draft) = self.open.take()?;
        draft.end(status);
        fill_in(&mut draft, fill, self.attribute);
        Some((tracker, draft))
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let status = if self.is_uncaught && thread::panicking() {
            Status::Panicked
        } else {
            Status::Cancelled
        };
        self.end(status, &mut |_| {});
    }
}
