//! The record of a call that has succeeded: [`record`], and [`Recording`], the wait for it.

use std::{
    future::Future,
    panic::Location,
    pin::Pin,
    sync::{Mutex, PoisonError},
    task::{Context, Poll},
};

use super::fill::{Fill, fill_in};
use crate::{
    RecordError, Tracker,
    draft::Draft,
    tracker::{Awaited, Destination, HeldTracker, with_current},
};

/// The tracker that a call is recorded with.
#[derive(Clone, Copy, Debug)]
pub enum Recorder<'a> {
    /// The current one.
    Current,
    /// The one that the attribute names.
    Named(&'a Tracker),
    /// None, since reading the one that the attribute names has panicked.
    Lost,
}

impl<'a> Recorder<'a> {
    /// The tracker that was read at the function's entry.
    #[must_use]
    pub fn entry(tracker: &'a Option<Tracker>) -> Self {
        tracker.as_ref().map_or(Self::Lost, Self::Named)
    }

    /// Holds the tracker, if there is one.
    pub(super) fn hold(self) -> Option<HeldTracker> {
        match self {
            Self::Current => HeldTracker::current(),
            Self::Named(tracker) => Some(HeldTracker::Own(tracker.clone())),
            Self::Lost => None,
        }
    }

    /// Calls `f` with the tracker, if there is one.
    fn with<T>(self, f: impl FnOnce(&Tracker) -> T) -> Option<T> {
        match self {
            Self::Current => with_current(f),
            Self::Named(tracker) => Some(f(tracker)),
            Self::Lost => None,
        }
    }
}

/// Records a success: `fill` writes what is known of it.
#[track_caller]
pub fn record<'a, 't, D: Destination<'a>>(
    recorder: Recorder<'_>,
    destination: D,
    fill: Fill<'_, 't>,
) -> D::Recorded {
    let attribute = Location::caller();
    let awaited = recorder.with(|tracker| {
        let mut draft = Draft::new();
        fill_in(&mut draft, fill, attribute);
        let awaited = tracker.bring_draft(&mut draft, destination);
        draft.keep_texts();
        awaited
    });
    awaited.unwrap_or_else(D::nothing)
}

/// A recording that is awaited. Behind a mutex, which is never locked, it is `Sync`, `UnwindSafe`
/// and `RefUnwindSafe`: it is only ever reached by whoever polls it.
pub struct Recording<'a>(Mutex<Awaited<'a>>);

impl<'a> Recording<'a> {
    /// Awaits `recording`.
    #[must_use]
    pub fn new(recording: Awaited<'a>) -> Self {
        Self(Mutex::new(recording))
    }
}

impl Future for Recording<'_> {
    type Output = Result<(), RecordError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let recording = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        Pin::new(recording).poll(cx)
    }
}
