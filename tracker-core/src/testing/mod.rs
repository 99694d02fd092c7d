//! For your own tests: [`capture`] what a piece of work records, and say what is expected of it with
//! [`expect_activity`].
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
//! Nothing is installed and nothing is shared, so tests run beside each other and in any order.

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

/// Runs `future` with a tracker of its own; returns its output, and the activities that it recorded, in that order.
///
/// What belongs to it:
///
/// - all that `#[tracked]` functions record while `future` is polled, whichever tracker is installed;
/// - what they record in tasks and closures that `future` starts with
///   [`in_current_context`](crate::ContextExt::in_current_context), [`in_context`](crate::ContextExt::in_context) or
///   [`Context::wrap`](crate::Context::wrap), until `future` completes: wait in it for those that matter.
///
/// What goes to the caller's connection or transaction (`client = …`) is written there, and is returned as well, as
/// [`Captured::is_on_client`] tells and [`on_client`](ExpectedActivity::on_client) expects. What the client did not take is not
/// there, unless it went the tracker's way instead; what is rolled back later is. It is written in the schema of the
/// tracker that is current where this is called, as in `tracker.scope(capture(…))`, else in
/// [`DEFAULT_SCHEMA`]. What names a tracker of its own
/// (`tracker = …`) records there. Without the feature `enable` attributes record nothing, as [`ENABLED`](crate::ENABLED) tells.
///
/// It returns as soon as the last activity is written, to memory, without waiting for a batch to grow old, on any executor and
/// also where the clock of tokio is paused.
///
/// # Panics
///
/// When `future` does; when no thread can be started; when `future` records more than
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
    // No deadline is needed: memory always answers, and refuses what is too much.
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
