//! Support for your own tests: [`capture`] the activities that a piece of work records, and state
//! expectations with [`expect_activity`].
//!
//! ```
//! use tracker_core::{Context, ContextExt, testing::{capture, expect_activity}, tracked};
//!
//! #[tracked(action = "deployment", details = "deployed {image}")]
//! async fn deploy(project_id: &str, image: &str) -> Result<(), std::fmt::Error> {
//!     Ok(())
//! }
//!
//! # async fn the_test() {
//! // #[tokio::test]
//! // async fn a_deployment_is_recorded_for_the_user_who_asked() {
//! let request = Context::new().with_user_id("user_1");
//! let (result, activities) = capture(deploy("project_7", "api:4").in_context(request)).await;
//! assert!(result.is_ok());
//! expect_activity("deployment")
//!     .user_id("user_1")
//!     .project_id("project_7")
//!     .details_contain("api:4")
//!     .assert_recorded_once(&activities);
//! expect_activity("github_push").assert_not_recorded(&activities);
//! // }
//! # }
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(the_test());
//! ```
//!
//! Nothing is installed and nothing is shared, so tests run in parallel and in any order.

mod captured;
mod criteria;
mod expect;
mod report;

use std::{future::Future, time::Duration};

pub use self::{
    captured::{Activities, Captured},
    expect::{ExpectedActivity, expect_activity},
};
use crate::{MemoryStore, Tracker, store::DEFAULT_SCHEMA, tracker::ByClients};

/// Runs `future` with a tracker of its own. Returns its output and the activities that it recorded,
/// in order.
///
/// These activities are captured:
///
/// - all that `#[tracked]` functions record while `future` is polled, whichever tracker is
///   installed;
/// - those that they record in tasks and closures that `future` starts with
///   [`in_current_context`](crate::ContextExt::in_current_context),
///   [`in_context`](crate::ContextExt::in_context) or [`Context::wrap`](crate::Context::wrap),
///   until `future` completes. `future` should therefore wait for the tasks that matter.
///
/// An activity for the caller's connection or transaction (`client = …`) is written there and also
/// returned. [`Captured::is_on_client`] identifies it, and
/// [`on_client`](ExpectedActivity::on_client) expects it. An activity that the client did not take
/// is not returned, unless it went through the tracker instead. One that is rolled back later is
/// returned. The schema is that of the tracker that is current at the call, as in
/// `tracker.scope(capture(…))`, else [`DEFAULT_SCHEMA`].
///
/// An attribute that names a tracker (`tracker = …`) records with that one. Without the feature
/// `enable`, attributes record nothing; see [`ENABLED`](crate::ENABLED).
///
/// The activities are written to memory. `capture` returns as soon as the last one is written,
/// without waiting for the batch age. It runs on any executor, also with tokio's clock paused.
///
/// # Panics
///
/// Panics if `future` panics, if no thread can be started, or if `future` records more than
/// [`MemoryStore::ROWS_MAX`] activities.
pub async fn capture<F: Future>(future: F) -> (F::Output, Captured) {
    let store = MemoryStore::new();
    let by_clients = match Tracker::current() {
        Some(tracker) => ByClients::in_schema(tracker.schema()),
        None => ByClients::in_schema(DEFAULT_SCHEMA),
    };
    let tracker = Tracker::builder()
        .store(store.clone())
        .queue_capacity(MemoryStore::ROWS_MAX)
        .capturing(by_clients.clone())
        .build()
        .expect("a tracker can be started");
    let output = tracker.scope(future).await;
    // No deadline is needed, because memory always answers, and refuses rows beyond its limit.
    let dropped = tracker.shutdown(Duration::MAX).await.dropped;
    assert_eq!(
        (dropped.queue_full, dropped.store_failed),
        (0, 0),
        "more activities were recorded than the {} that can be captured: capture a smaller piece of work",
        MemoryStore::ROWS_MAX
    );
    (output, Captured::new(store.activities(), &by_clients))
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use futures_util::FutureExt;
    use tokio::{task::JoinSet, time::Instant};

    use super::*;
    use crate::{ActionType, Activity, Context, ContextExt};

    fn record(details: &str) {
        let tracker = Tracker::current().expect("the captured scope has a tracker");
        tracker.record(Activity::new(ActionType::Deployment).details(details));
    }

    fn details(activities: &[Activity]) -> Vec<&str> {
        activities
            .iter()
            .filter_map(|activity| activity.action_details.as_deref())
            .collect()
    }

    #[tokio::test(start_paused = true)]
    async fn the_output_and_the_activities_come_in_order_and_at_once() {
        let started = Instant::now();
        let work = async {
            (0..2_500).for_each(|n| record(&n.to_string()));
            "output"
        };
        let (output, activities) = capture(work).await;
        assert_eq!(output, "output");
        let expected: Vec<_> = (0..2_500).map(|n| n.to_string()).collect();
        assert_eq!(details(&activities), expected);
        assert_eq!(started.elapsed(), Duration::ZERO);
    }

    #[tokio::test]
    async fn what_spawned_tasks_and_blocking_threads_record_is_captured() {
        let work = async {
            let mut tasks = JoinSet::new();
            tasks.spawn(async { record("carried") }.in_current_context());
            tasks.spawn(async { record("given") }.in_context(Context::new().with_user_id("u")));
            tasks.spawn_blocking(Context::current().wrap(|| record("blocking")));
            tasks.join_all().await;
        };
        let ((), activities) = capture(work).await;
        let mut details = details(&activities);
        details.sort_unstable();
        assert_eq!(details, ["blocking", "carried", "given"]);
    }

    #[tokio::test]
    async fn captures_beside_and_inside_each_other_stay_apart() {
        let outer = async {
            record("before");
            let (beside, inside) = tokio::join!(
                capture(async {
                    tokio::task::yield_now().await;
                    record("beside");
                }),
                capture(async {
                    record("inside");
                    tokio::task::yield_now().await;
                }),
            );
            record("after");
            (beside.1, inside.1)
        };
        let ((beside, inside), activities) = capture(outer).await;
        assert_eq!(details(&beside), ["beside"]);
        assert_eq!(details(&inside), ["inside"]);
        assert_eq!(details(&activities), ["before", "after"]);
    }

    #[tokio::test]
    async fn a_task_that_outlives_the_captured_work_holds_nothing_up() {
        let mut tasks = JoinSet::new();
        let work = async {
            tasks.spawn(pending::<()>().in_current_context());
        };
        let ((), activities) = capture(work).await;
        assert_eq!(activities, []);
        assert_eq!(tasks.len(), 1);
    }

    #[test]
    fn it_works_without_a_runtime() {
        let mut work = Box::pin(capture(async { record("no runtime") }));
        let ((), activities) = loop {
            if let Some(captured) = work.as_mut().now_or_never() {
                break captured;
            }
            std::thread::yield_now();
        };
        assert_eq!(details(&activities), ["no runtime"]);
    }
}
