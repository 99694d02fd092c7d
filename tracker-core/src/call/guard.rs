//! A call of which something is recorded however it ends: [`Call`], and [`Watched`], its body.

use std::{
    future::Future,
    panic::{AssertUnwindSafe, Location, UnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    task::{Context, Poll},
    thread,
};

use super::{
    fill::fill_in,
    record::{InClient, not_installed, nothing},
};
use crate::{
    Client, Status, Tracker,
    draft::Draft,
    panics::Attribute,
    store::BoxFuture,
    tracker::{Refusal, with_current},
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

/// The body of a function that is recorded always, polled through its [`Call`].
pub struct Watched<'a, F> {
    call: &'a mut Call,
    body: Pin<&'a mut F>,
}

impl<'a, F: Future> Watched<'a, F> {
    /// Polls `body` through `call`.
    pub fn new(call: &'a mut Call, body: Pin<&'a mut F>) -> Self {
        Self { call, body }
    }
}

// Both references are to what the tracked future itself owns: nobody else can see it after a panic.
impl<F: UnwindSafe> UnwindSafe for Watched<'_, F> {}

impl<F: Future> Future for Watched<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let Self { call, body } = &mut *self;
        call.poll(body.as_mut(), cx)
    }
}

/// Begins a call that is recorded however it ends, with the current tracker.
#[track_caller]
pub fn start(fill: &mut dyn FnMut(&mut Draft)) -> Call {
    let attribute = Location::caller();
    let mut open = None;
    with_current(|tracker| {
        let mut draft = Draft::new();
        fill_in(&mut draft, fill, attribute);
        open = Some((tracker.clone(), draft));
    });
    Call::new(open, attribute)
}

/// Begins a call that is recorded however it ends, with the tracker that the attribute names.
#[track_caller]
pub fn start_with(tracker: &Tracker, fill: &mut dyn FnMut(&mut Draft)) -> Call {
    let attribute = Location::caller();
    let mut draft = Draft::new();
    fill_in(&mut draft, fill, attribute);
    Call::new(Some((tracker.clone(), draft)), attribute)
}

/// As [`start_with`], with a tracker that was read before; nothing is recorded if that panicked.
#[track_caller]
pub fn start_with_entry(tracker: Option<Tracker>, fill: &mut dyn FnMut(&mut Draft)) -> Call {
    match tracker {
        Some(tracker) => start_with(&tracker, fill),
        None => Call::new(None, Location::caller()),
    }
}
