//! The record of a call that has succeeded, and the wait for it.

use std::{
    future::Future,
    panic::Location,
    pin::Pin,
    sync::{Mutex, PoisonError},
    task::{Context, Poll},
};

use super::fill::fill_in;
use crate::{
    Client, RecordError, Tracker,
    draft::Draft,
    panics::Attribute,
    store::BoxFuture,
    tracker::{Refusal, with_current},
};

/// Lets `fill` set what is known of a call that has just succeeded.
fn with_filled<T>(
    fill: &mut dyn FnMut(&mut Draft),
    attribute: Attribute,
    record: impl FnOnce(&mut Draft) -> T,
) -> T {
    Draft::with_new(|draft| {
        fill_in(draft, fill, attribute);
        record(draft)
    })
}

/// Records a success with the current tracker.
#[track_caller]
pub fn record(fill: &mut dyn FnMut(&mut Draft)) {
    let attribute = Location::caller();
    with_current(|tracker| with_filled(fill, attribute, |draft| tracker.record_draft(draft)));
}

/// Records a success with the tracker that the attribute names.
#[track_caller]
pub fn record_with(tracker: &Tracker, fill: &mut dyn FnMut(&mut Draft)) {
    with_filled(fill, Location::caller(), |draft| {
        tracker.record_draft(draft);
    });
}

/// Records a success with the current tracker, and waits until it is durable.
#[track_caller]
pub fn record_durable(fill: &mut dyn FnMut(&mut Draft)) -> BoxFuture<'static, ()> {
    let attribute = Location::caller();
    let mut recording = None;
    with_current(|tracker| {
        let record = |draft: &mut Draft| tracker.record_draft_durable(draft);
        recording = Some(with_filled(fill, attribute, record));
    });
    recording.unwrap_or_else(nothing)
}

/// Records a success with the tracker that the attribute names, and waits until it is durable.
#[track_caller]
pub fn record_durable_with(
    tracker: &Tracker,
    fill: &mut dyn FnMut(&mut Draft),
) -> BoxFuture<'static, ()> {
    with_filled(fill, Location::caller(), |draft| {
        tracker.record_draft_durable(draft)
    })
}

/// Records a success on the caller's client, with the current tracker.
#[track_caller]
pub fn record_in<'a, C: Client + 'a>(
    client: C,
    refusal: Refusal,
    fill: &mut dyn FnMut(&mut Draft),
) -> InClient<'a> {
    let attribute = Location::caller();
    let mut recording = None;
    with_current(|tracker| {
        let record = |draft: &mut Draft| tracker.draft_on_client(draft, refusal);
        recording = Some(with_filled(fill, attribute, record));
    });
    match recording {
        Some(recording) => Box::pin(recording.insert(client)),
        None => not_installed(),
    }
}

/// Records a success on the caller's client, with the tracker that the attribute names.
#[track_caller]
pub fn record_in_with<'a, C: Client + 'a>(
    tracker: &Tracker,
    client: C,
    refusal: Refusal,
    fill: &mut dyn FnMut(&mut Draft),
) -> InClient<'a> {
    let record = |draft: &mut Draft| tracker.draft_on_client(draft, refusal);
    let recording = with_filled(fill, Location::caller(), record);
    Box::pin(recording.insert(client))
}

/// The end of recording on the caller's client.
pub type InClient<'a> = BoxFuture<'a, Result<(), RecordError>>;

/// Records nothing on the caller's client.
#[must_use]
pub fn not_installed<'a>() -> InClient<'a> {
    Box::pin(std::future::ready(Err(RecordError::NotInstalled)))
}

/// Records nothing.
#[must_use]
pub fn nothing<'a>() -> BoxFuture<'a, ()> {
    Box::pin(std::future::ready(()))
}

/// A recording that is awaited. Behind a mutex, which is never locked, it is `Sync`, `UnwindSafe` and `RefUnwindSafe`: it is only ever reached
/// by whoever polls it.
pub struct Recording<'a, T = ()>(Mutex<BoxFuture<'a, T>>);

impl<'a, T> Recording<'a, T> {
    /// Awaits `recording`.
    #[must_use]
    pub fn new(recording: BoxFuture<'a, T>) -> Self {
        Self(Mutex::new(recording))
    }
}

impl<T> Future for Recording<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let recording = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        recording.as_mut().poll(cx)
    }
}
