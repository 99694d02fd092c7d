//! A thread with a small tokio runtime: [`Background`].
//!
//! The stores work there, so that they can be used from any executor, and their connections outlive
//! the runtime that opened them.

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll},
    thread,
};

use futures_util::FutureExt;
use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
    task::JoinHandle,
};

#[cfg(any(feature = "nats", feature = "postgres"))]
use super::boxed::BoxFuture;
use super::error::StoreError;

/// The most threads on which a store blocks at the same time; SQLite has two connections.
const BLOCKING_THREADS_MAX: usize = 2;

/// A handle to the runtime. Dropping it stops the runtime and drops its tasks.
#[derive(Debug)]
pub(super) struct Background {
    handle: Handle,
    /// Nothing is sent; the runtime's thread waits until this sender is dropped.
    _alive: oneshot::Sender<()>,
}

impl Background {
    pub(super) fn start(thread_name: &str) -> io::Result<Self> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(BLOCKING_THREADS_MAX)
            .thread_name(thread_name)
            .build()?;
        let handle = runtime.handle().clone();
        let (alive, dropped) = oneshot::channel::<()>();
        thread::Builder::new()
            .name(thread_name.to_owned())
            .spawn(move || {
                // The only possible result is the error that the sender was dropped.
                let _ = runtime.block_on(dropped);
                runtime.shutdown_background();
            })?;
        Ok(Self {
            handle,
            _alive: alive,
        })
    }

    /// Runs `future` on the runtime, where tokio's timers and sockets work. Dropping the returned
    /// future aborts it.
    ///
    /// # Errors
    ///
    /// Returns an error if `future` panics or the runtime has stopped.
    #[cfg(any(feature = "nats", feature = "postgres"))]
    pub(super) async fn run<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> io::Result<T> {
        AbortOnDrop(self.handle.spawn(future)).await
    }

    /// [Runs](Self::run) an operation of the store of this description.
    #[cfg(any(feature = "nats", feature = "postgres"))]
    pub(super) fn operate<'a, T: Send + 'static>(
        &'a self,
        store: &'a str,
        operation: &'static str,
        outcome: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> BoxFuture<'a, Result<T, StoreError>> {
        Box::pin(async move {
            let ran = self.run(outcome).await;
            ran.unwrap_or_else(|ended| Err(cut_off(store, operation, ended)))
        })
    }

    /// Starts a task that runs until the returned handle is dropped.
    #[cfg(feature = "postgres")]
    pub(super) fn start_work(
        &self,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> AbortOnDrop<()> {
        AbortOnDrop(self.handle.spawn(work))
    }

    /// Runs `work`, which may block, on a thread of the runtime. It can't be aborted, so it must
    /// return by itself.
    ///
    /// # Errors
    ///
    /// Returns an error if `work` panics or the runtime has stopped.
    #[cfg(feature = "sqlite")]
    pub(super) async fn run_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<T> {
        AbortOnDrop(self.handle.spawn_blocking(work)).await
    }
}

/// Returns the error of a store's operation that panicked, or whose runtime has ended.
pub(super) fn cut_off(store: &str, operation: &'static str, ended: io::Error) -> StoreError {
    StoreError::Failed {
        operation,
        store: store.to_owned(),
        source: Box::new(ended),
    }
}

/// A task that is aborted when this handle is dropped.
pub(super) struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Future for AbortOnDrop<T> {
    type Output = io::Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_unpin(cx).map_err(io::Error::other)
    }
}

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(all(test, feature = "postgres", feature = "sqlite"))]
mod tests {
    use std::time::Duration;

    use futures_util::future::pending;

    use super::*;

    /// Blocks without tokio, as another executor would.
    fn block_on<T>(future: impl Future<Output = T>) -> T {
        futures_util::pin_mut!(future);
        let thread = thread::current();
        let waker = futures_util::task::waker(std::sync::Arc::new(Unpark(thread)));
        let mut cx = Context::from_waker(&waker);
        loop {
            match future.as_mut().poll(&mut cx) {
                Poll::Ready(value) => return value,
                Poll::Pending => thread::park(),
            }
        }
    }

    struct Unpark(thread::Thread);

    impl futures_util::task::ArcWake for Unpark {
        fn wake_by_ref(this: &std::sync::Arc<Self>) {
            this.0.unpark();
        }
    }

    #[test]
    fn tokio_timers_work_from_an_executor_that_is_not_tokio() {
        let background = Background::start("test").unwrap();
        let slept = background.run(async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            7
        });
        assert_eq!(block_on(slept).unwrap(), 7);
    }

    #[test]
    fn a_panic_in_the_work_is_an_error() {
        let background = Background::start("test").unwrap();
        assert!(block_on(background.run(async { panic!("expected by this test") })).is_err());
        assert!(block_on(background.run_blocking(|| panic!("expected by this test"))).is_err());
        assert_eq!(block_on(background.run(async { 7 })).unwrap(), 7);
    }

    #[test]
    fn work_is_dropped_with_the_future_that_waits_for_it() {
        let background = Background::start("test").unwrap();
        let (sender, dropped) = oneshot::channel::<()>();
        let work = background.run(async move {
            let _held = sender;
            pending::<()>().await;
        });
        assert!(work.now_or_never().is_none());
        assert!(block_on(dropped).is_err());
    }
}
