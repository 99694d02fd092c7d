//! Passes the context and the scope of the tracker on to other tasks: [`ContextExt`], [`InContext`]
//! and [`Context::wrap`].

use std::{
    future::Future,
    pin::Pin,
    task::{self, Poll},
};

use pin_project_lite::pin_project;
use tokio::task::futures::TaskLocalFuture;

use super::{CURRENT, Context};
use crate::tracker::{InTrackerScope, TrackerScope};

/// Passes the context on with a future, so that it is current wherever the future is polled: in a
/// spawned task, a `JoinSet` or another thread.
///
/// The context is read *when the method is called*. It is entered for each poll of the future and
/// left after it, on any executor, and entered once more when the future is dropped. Both methods
/// also pass on the [scope of the tracker](crate::Tracker::scope), if the caller is in one, so that
/// a spawned task records to the same tracker. Without such a scope, the tracker is the one that is
/// current when the future is polled.
///
/// ```
/// use tokio::task::JoinSet;
/// use tracker_core::{Context, ContextExt};
///
/// async fn user() -> Option<String> {
///     Context::current().user_id().map(str::to_owned)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), tokio::task::JoinError> {
/// let request = Context::new().with_user_id("user_1");
/// request
///     .scope(async {
///         // A spawned task does not inherit the context …
///         assert_eq!(tokio::spawn(user()).await?, None);
///         // … unless it is passed on.
///         let spawned = tokio::spawn(user().in_current_context());
///         assert_eq!(spawned.await?.as_deref(), Some("user_1"));
///         Ok::<_, tokio::task::JoinError>(())
///     })
///     .await?;
///
/// // A worker that takes jobs of many users gives each task the context of its job.
/// let mut jobs = JoinSet::new();
/// for id in ["user_1", "user_2"] {
///     jobs.spawn(user().in_context(Context::new().with_user_id(id)));
/// }
/// assert_eq!(jobs.join_all().await.len(), 2);
/// # Ok(())
/// # }
/// ```
///
/// For a closure, as in `spawn_blocking`, use [`Context::wrap`].
pub trait ContextExt: Future + Sized {
    /// Returns this future with `context`, completed from the current one. As in an inner
    /// [scope](Context::scope), the values of `context` win.
    fn in_context(self, context: Context) -> InContext<Self> {
        InContext::new(self, context.over(&Context::current()))
    }

    /// Returns this future with the context that is current now.
    ///
    /// Outside any scope, that context names no user, request or project, and the future keeps it
    /// even if it is polled inside a scope later.
    fn in_current_context(self) -> InContext<Self> {
        self.in_context(Context::new())
    }
}

impl<F: Future> ContextExt for F {}

pin_project! {
    /// A future with a context of its own, made by [`ContextExt`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless they are awaited or polled"]
    pub struct InContext<F> {
        #[pin]
        future: InTrackerScope<TaskLocalFuture<Context, F>>,
    }
}

impl<F: Future> InContext<F> {
    /// Wraps `future` with `context` unchanged, and with the current scope of the tracker.
    pub(crate) fn new(future: F, context: Context) -> Self {
        let future = CURRENT.scope(context, future);
        Self {
            future: TrackerScope::current().around(future),
        }
    }
}

impl<F: Future> Future for InContext<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::{pending, ready},
        sync::{Arc, Mutex},
    };

    use futures_util::{FutureExt, future::lazy};

    use super::*;
    use crate::{MemoryStore, Tracker};

    fn user(id: &str) -> Context {
        Context::new().with_user_id(id)
    }

    fn current() -> impl Future<Output = Context> {
        lazy(|_| Context::current())
    }

    /// Returns the output of a future that never waits.
    fn block_on<F: Future>(future: F) -> F::Output {
        future.now_or_never().expect("it waits for nothing")
    }

    fn tracker(environment: &str) -> Tracker {
        Tracker::builder()
            .store(MemoryStore::new())
            .environment(environment)
            .build()
            .unwrap()
    }

    fn current_tracker() -> impl Future<Output = Option<String>> {
        lazy(|_| Tracker::current().map(|tracker| format!("{tracker:?}")))
    }

    #[test]
    fn what_is_named_is_completed_where_the_method_is_called() {
        let project = Context::new().with_project_id("p");
        let future = user("u").sync_scope(|| current().in_context(project));
        assert_eq!(block_on(future), user("u").with_project_id("p"));
    }

    #[test]
    fn the_current_context_is_the_one_where_the_method_is_called() {
        let future = user("u").sync_scope(|| current().in_current_context());
        let seen = block_on(user("another").scope(future));
        assert_eq!(seen, user("u"));

        let nobodys = current().in_current_context();
        assert_eq!(block_on(user("another").scope(nobodys)), Context::new());
    }

    #[test]
    fn a_future_is_dropped_in_its_context() {
        struct SeenByDrop(Arc<Mutex<Context>>);
        impl Drop for SeenByDrop {
            fn drop(&mut self) {
                *self.0.lock().unwrap() = Context::current();
            }
        }
        for polled in [false, true] {
            let seen = Arc::default();
            let dropped = SeenByDrop(Arc::clone(&seen));
            let mut future = Box::pin(
                async move {
                    pending::<()>().await;
                    drop(dropped);
                }
                .in_context(user("u")),
            );
            if polled {
                assert_eq!(future.as_mut().now_or_never(), None);
            }
            user("another").sync_scope(|| drop(future));
            assert_eq!(*seen.lock().unwrap(), user("u"), "polled: {polled}");
        }
    }

    #[test]
    fn the_scope_of_the_tracker_is_taken_along() {
        let (here, there) = (tracker("here"), tracker("there"));
        let (future, closure) = block_on(here.scope(async {
            let future = current_tracker().in_current_context();
            let closure = Context::current().wrap(|| block_on(current_tracker()));
            (future, closure)
        }));
        let seen = block_on(there.scope(async { [future.await, closure()] }));
        for tracker in seen {
            let tracker = tracker.expect("a scope");
            assert!(tracker.contains("here"), "{tracker}");
        }
    }

    #[test]
    fn without_a_scope_of_the_tracker_the_one_where_it_is_polled_holds() {
        let there = tracker("there");
        let future = current_tracker().in_context(user("u"));
        let seen = block_on(there.scope(future)).expect("a scope");
        assert!(seen.contains("there"), "{seen}");
    }

    #[test]
    fn a_future_that_is_send_stays_send() {
        fn require_send<T: Send + Sync + 'static>(_: &T) {}
        require_send(&ready(()).in_current_context());
    }
}
