//! Compiles a function twice and observes its calls.

use std::{
    any::Any,
    cell::RefCell,
    fmt::{self, Debug},
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use tracker_core::{Activity, MemoryStore, Status, Tracker};

/// Compiles the items twice: in a module `tracked`, and in a module `plain`, whose `#[tracked]`
/// only removes itself.
///
/// The allowed lints would change the parameter and return types that the functions test.
macro_rules! twins {
    (@ $module:ident $crate_of_tracked:ident $($items:tt)*) => {
        #[allow(clippy::future_not_send, clippy::needless_pass_by_value, clippy::missing_const_for_fn,
            clippy::unnecessary_wraps)]
        mod $module {
            #[allow(unused_imports, clippy::wildcard_imports)]
            use super::*;
            use ::$crate_of_tracked::tracked;
            $($items)*
        }
    };
    ($($items:tt)*) => {
        twins! { @ plain tracker_untracked $($items)* }
        twins! { @ tracked tracker_core $($items)* }
    };
}

/// Evaluates the expression, which may await, with the plain module under the given name and then
/// with the tracked one. Panics unless the observations are equal, and returns the recorded rows.
macro_rules! compare {
    ($twin:ident => $call:expr) => {{
        let plain = {
            use self::plain as $twin;
            $crate::support::watch(async { $call })
        };
        let (tracked, rows) = {
            use self::tracked as $twin;
            $crate::support::record(async { $call })
        };
        assert_eq!(tracked, plain, "the tracked twin is the left one");
        rows
    }};
}

/// The observations of one call.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// The returned value, or the payload of the panic.
    outcome: String,
    polls: usize,
    log: Vec<String>,
}

impl Seen {
    pub(crate) fn into_log(self) -> Vec<String> {
        self.log
    }
}

thread_local! {
    static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Adds an entry to the observations of the running call.
pub(crate) fn log(entry: impl fmt::Display) {
    LOG.with_borrow_mut(|log| log.push(entry.to_string()));
}

/// A value whose drop is observed.
#[derive(Debug)]
pub(crate) struct Noisy(pub &'static str);

impl Noisy {
    pub(crate) fn touch(&self) {
        log(format_args!("touch {}", self.0));
    }
}

impl fmt::Display for Noisy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Drop for Noisy {
    fn drop(&mut self) {
        log(format_args!("drop {}", self.0));
    }
}

/// Yields once: is pending on the first poll.
pub(crate) async fn tick() {
    let mut pending = true;
    poll_fn(|context| {
        if std::mem::take(&mut pending) {
            context.waker().wake_by_ref();
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
}

/// Polls a future at most `times` times and then drops it. Returns `None` if it was not complete by
/// then.
pub(crate) fn polled<T>(times: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    (0..times).find_map(|_| match future.as_mut().poll(&mut context) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    })
}

/// Runs a future to completion and returns the observations.
pub(crate) fn watch<T: Debug>(future: impl Future<Output = T>) -> Seen {
    /// The maximum number of polls, which no test reaches. A future that is never ready fails its
    /// test.
    const POLLS_MAX: usize = 1_000;

    LOG.take();
    let mut polls = 0;
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let mut future = pin!(future);
        let output = polled(
            POLLS_MAX,
            poll_fn(|context| {
                polls += 1;
                future.as_mut().poll(context)
            }),
        );
        format!("{:?}", output.expect("a future that is ready one day"))
    }));
    Seen {
        outcome: outcome.unwrap_or_else(|payload| format!("panicked with {}", text(&*payload))),
        polls,
        log: LOG.take(),
    }
}

fn text(payload: &(dyn Any + Send)) -> String {
    let known = None
        .or_else(|| {
            payload
                .downcast_ref()
                .map(|text: &&str| format!("&str {text}"))
        })
        .or_else(|| {
            payload
                .downcast_ref()
                .map(|text: &String| format!("String {text}"))
        })
        .or_else(|| {
            payload
                .downcast_ref()
                .map(|number: &u8| format!("u8 {number}"))
        });
    known.expect("a payload of one of these types")
}

/// Like [`watch`], with a tracker of its own. Also returns the recorded rows, in order.
pub(crate) fn record<T: Debug>(future: impl Future<Output = T>) -> (Seen, Vec<String>) {
    let store = MemoryStore::new();
    let tracker = Tracker::builder()
        .store(store.clone())
        .build()
        .expect("a tracker");
    let seen = watch(tracker.scope(future));
    tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime")
        .block_on(tracker.shutdown(Duration::from_secs(10)));
    (seen, store.activities().iter().map(row).collect())
}

/// Formats a row without its ID and time, as in
/// `deployment by user_1 in req_2 on project_3 (production): details {"deployment_id":"4"}`.
fn row(activity: &Activity) -> String {
    let mut row = activity
        .action_type
        .as_deref()
        .expect("an action")
        .to_owned();
    let fields = [
        (" by ", &activity.user_id, ""),
        (" in ", &activity.request_id, ""),
        (" on ", &activity.project_id, ""),
        (" (", &activity.environment, ")"),
        (": ", &activity.action_details, ""),
    ];
    for (before, value, after) in fields {
        if let Some(value) = value {
            row.extend([before, value.as_ref(), after]);
        }
    }
    if !activity.reference_ids.is_empty() {
        row = format!("{row} {}", activity.reference_ids.to_json());
    }
    assert_eq!(activity.status, Some(Status::Success), "{row}");
    row
}
