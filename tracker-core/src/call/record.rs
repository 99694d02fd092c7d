//! What a tracked future holds while it runs, without losing what the plain one is: [`Watched`] and [`Recording`].

use std::{
    future::Future,
    panic::UnwindSafe,
    pin::Pin,
    sync::{Mutex, PoisonError},
    task::{Context, Poll},
};

use crate::{call::Call, store::BoxFuture};

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
