//! A call of which something is recorded however it ends: [`Call`], and [`Watched`], its body.

use std::{
    future::Future,
    panic::{AssertUnwindSafe, Location, UnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    task::{Context, Poll},
    thread,
};

use super::{
    fill::{Fill, fill_in},
    record::Recorder,
};
use crate::{
    draft::{Draft, Ended},
    panics::Attribute,
    tracker::{Destination, HeldTracker, Queued},
};

/// Watches a tracked function from its entry on, for `record = "always"`. It records exactly once:
/// what the function has returned, that it panicked, or, when it is dropped before either, that the
/// call was cancelled.
pub struct Call {
    /// Taken by what is recorded; `None` where nothing is.
    open: Option<(HeldTracker, Box<Draft<'static>>)>,
    /// True if a panic of the body goes through this value alone.
    is_uncaught: bool,
    attribute: Attribute,
}

impl Call {
    /// Begins a call: `fill` writes what is known at its entry.
    #[track_caller]
    pub fn start(recorder: Recorder<'_>, fill: Fill<'_, 'static>) -> Self {
        let attribute = Location::caller();
        let open = recorder.hold().map(|held| {
            let mut draft = Draft::take();
            fill_in(&mut draft, fill, attribute);
            (held, draft)
        });
        Self {
            open,
            is_uncaught: false,
            attribute,
        }
    }

    /// Says that the body runs without [`poll`](Self::poll) or [`run`](Self::run), and a panic is
    /// seen when this is dropped.
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
            self.end(Ended::Panicked, Queued, &mut |_| {});
            resume_unwind(panic)
        })
    }

    /// Records a success. Where the function fails if its activity is not recorded, the call is
    /// open until it is [closed](Self::close).
    pub fn success<'a, D: Destination<'a>>(
        &mut self,
        destination: D,
        fill: Fill<'_, 'static>,
    ) -> D::Recorded {
        self.end(Ended::Success, destination, fill)
    }

    /// Records a failure.
    pub fn failure<'a, D: Destination<'a>>(
        &mut self,
        destination: D,
        fill: Fill<'_, 'static>,
    ) -> D::Recorded {
        self.end(Ended::Failure, destination, fill)
    }

    /// Ends a call whose success is recorded.
    pub fn close(&mut self) {
        self.open = None;
    }

    fn end<'a, D: Destination<'a>>(
        &mut self,
        ended: Ended,
        destination: D,
        fill: Fill<'_, 'static>,
    ) -> D::Recorded {
        let Some((held, mut draft)) = self.open.take() else {
            return D::nothing();
        };
        let Some(tracker) = held.tracker() else {
            return D::nothing();
        };
        if destination.may_fail_the_call() {
            self.open = Some((held.clone(), draft.clone()));
        }
        draft.end(ended);
        fill_in(&mut draft, fill, self.attribute);
        let recorded = tracker.bring_draft(&mut draft, destination);
        draft.keep();
        recorded
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let ended = if self.is_uncaught && thread::panicking() {
            Ended::Panicked
        } else {
            Ended::Cancelled
        };
        self.end(ended, Queued, &mut |_| {});
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
