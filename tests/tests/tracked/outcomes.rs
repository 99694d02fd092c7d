//! `record = "always"`: one activity for each call, whatever its outcome.

use std::{
    convert::Infallible,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    time::Duration,
};

use futures_util::FutureExt;
use tokio_postgres::Transaction;
use tracker_core::{Activity, MemoryStore, PostgresStore, Store, Tracker, tracked};
use tracker_tests::postgres::TestDatabase;

const LIMIT: Duration = Duration::from_secs(30);

fn tracker() -> (MemoryStore, Tracker) {
    let store = MemoryStore::new();
    let tracker = Tracker::builder().store(store.clone()).build().unwrap();
    (store, tracker)
}

/// Runs a future, catches its panic, and returns the recorded activities.
async fn recorded(future: impl Future) -> Vec<Activity> {
    let (store, tracker) = tracker();
    let _ = AssertUnwindSafe(tracker.scope(future)).catch_unwind().await;
    tracker.shutdown(LIMIT).await;
    store.activities()
}

/// Returns the status and the details of the only activity.
fn one(activities: &[Activity]) -> (&str, Option<&str>) {
    let [activity] = activities else {
        panic!("{activities:?}");
    };
    assert_eq!(activity.user_id.as_deref(), Some("u"));
    let status = activity.status.as_ref().unwrap().as_str();
    (status, activity.action_details.as_deref())
}

#[derive(Debug, PartialEq)]
struct Failed {
    code: u8,
}

#[derive(Clone, Copy)]
enum End {
    Success,
    Failure,
    Panic,
    Never,
}

#[tracked(
    action = "deployment",
    record = "always",
    details = "{image} to {output}",
    error_details = "{image} failed with {error.code}"
)]
async fn deploy(user_id: &str, image: String, end: End) -> Result<&'static str, Failed> {
    drop(image);
    tokio::task::yield_now().await;
    match end {
        End::Success => Ok("there"),
        End::Failure => Err(Failed { code: 7 }),
        End::Panic => panic!("expected by this test"),
        End::Never => std::future::pending().await,
    }
}

#[tokio::test]
async fn a_success_a_failure_and_a_panic_are_recorded_as_what_they_are() {
    let deploy = |end| recorded(deploy("u", "api".into(), end));
    assert_eq!(
        one(&deploy(End::Success).await),
        ("success", Some("api to there"))
    );
    assert_eq!(
        one(&deploy(End::Failure).await),
        ("failure", Some("api failed with 7"))
    );
    assert_eq!(one(&deploy(End::Panic).await), ("panicked", None));
}

#[tokio::test]
async fn a_panic_goes_on_with_its_payload() {
    let (_, tracker) = tracker();
    let call = tracker.scope(deploy("u", "api".into(), End::Panic));
    let panic = AssertUnwindSafe(call).catch_unwind().await.unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"expected by this test"));
}

#[tokio::test]
async fn a_future_that_is_dropped_while_it_runs_is_cancelled() {
    let activities = recorded(async {
        let mut call = Box::pin(deploy("u", "api".into(), End::Never));
        assert!(call.as_mut().now_or_never().is_none());
        assert!(call.as_mut().now_or_never().is_none());
    })
    .await;
    assert_eq!(one(&activities), ("cancelled", None));
}

#[tokio::test]
async fn a_future_that_never_ran_is_no_call() {
    let activities = recorded(async { drop(deploy("u", "api".into(), End::Never)) }).await;
    assert_eq!(activities, []);
}

#[tokio::test]
async fn a_suspended_call_that_is_dropped_by_somebody_elses_panic_is_cancelled() {
    let activities = recorded(async {
        let mut call = Box::pin(deploy("u", "api".into(), End::Never));
        assert!(call.as_mut().now_or_never().is_none());
        let unwound = catch_unwind(AssertUnwindSafe(move || {
            let _call = call;
            panic!("expected by this test");
        }));
        assert!(unwound.is_err());
    })
    .await;
    assert_eq!(one(&activities), ("cancelled", None));
}

#[tokio::test]
async fn a_task_that_is_aborted_is_cancelled() {
    let (store, tracker) = tracker();
    let task = tokio::spawn({
        let tracker = tracker.clone();
        async move { tracker.scope(deploy("u", "api".into(), End::Never)).await }
    });
    while tracker.stats().recorded == 0 {
        tokio::task::yield_now().await;
        task.abort();
    }
    assert!(task.await.unwrap_err().is_cancelled());
    tracker.shutdown(LIMIT).await;
    assert_eq!(one(&store.activities()), ("cancelled", None));
}

#[tracked(action = "deployment", record = "success")]
async fn only_successes(user_id: &str, end: End) -> Result<(), Failed> {
    deploy(user_id, String::new(), end).await.map(drop)
}

#[tokio::test]
async fn by_default_only_successes_are_recorded() {
    for end in [End::Failure, End::Panic] {
        let activities = recorded(only_successes("u", end)).await;
        // The inner call records always, so its activity is there.
        assert_eq!(activities.len(), 1);
    }
    assert_eq!(recorded(only_successes("u", End::Success)).await.len(), 2);
}

#[tracked(action = "deployment", record = "always", details = "{image}", references(image_id = image))]
fn synchronous(user_id: &str, image: &str, end: End) -> Option<u8> {
    match end {
        End::Success | End::Never => Some(7),
        End::Failure => None,
        End::Panic => panic!("expected by this test"),
    }
}

#[tokio::test]
async fn a_synchronous_call_is_recorded_always_too() {
    let call = |end| recorded(async move { synchronous("u", "api", end) });
    // An `Option` is no `Result`: `None` is a value like any other.
    for (end, status) in [
        (End::Success, "success"),
        (End::Failure, "success"),
        (End::Panic, "panicked"),
    ] {
        let activities = call(end).await;
        assert_eq!(one(&activities), (status, Some("api")));
        assert_eq!(activities[0].reference_ids.get("image_id"), Some("api"));
    }
}

#[tracked(action = "deployment", record = "always", error_details = "{error}")]
#[expect(
    clippy::needless_pass_by_value,
    reason = "that is the shape to be shown"
)]
fn boxed(user_id: String, end: End) -> Pin<Box<dyn Future<Output = Result<u8, String>> + Send>> {
    let before = user_id.len();
    Box::pin(async move {
        tokio::task::yield_now().await;
        match end {
            End::Failure => Err(format!("{before} failed")),
            End::Never => std::future::pending().await,
            _ => Ok(7),
        }
    })
}

#[tokio::test]
async fn a_function_that_returns_a_future_is_recorded_always_too() {
    assert_eq!(
        one(&recorded(boxed("u".into(), End::Success)).await),
        ("success", None)
    );
    assert_eq!(
        one(&recorded(boxed("u".into(), End::Failure)).await),
        ("failure", Some("1 failed"))
    );
    let activities = recorded(async {
        let mut call = boxed("u".into(), End::Never);
        assert!(call.as_mut().now_or_never().is_none());
    })
    .await;
    assert_eq!(one(&activities), ("cancelled", None));
}

#[tracked(action = "deployment", record = "always")]
async fn endless(user_id: &str, end: End) -> ! {
    if let End::Panic = end {
        panic!("expected by this test");
    }
    loop {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_call_that_never_returns_panics_or_is_cancelled() {
    let activities = recorded(async {
        let _: Infallible = match endless("u", End::Panic).await {};
    })
    .await;
    assert_eq!(one(&activities), ("panicked", None));
    let activities = recorded(async {
        let mut call = Box::pin(endless("u", End::Never));
        assert!(call.as_mut().now_or_never().is_none());
    })
    .await;
    assert_eq!(one(&activities), ("cancelled", None));
}

#[tracked(action = "deployment", record = "always", client = tx, error_details = "{error}")]
async fn in_transaction(user_id: &str, tx: &Transaction<'_>, end: End) -> Result<(), String> {
    tx.execute("SELECT 1", &[])
        .await
        .map_err(|error| error.to_string())?;
    if let End::Failure = end {
        Err("failed".into())
    } else {
        Ok(())
    }
}

#[tokio::test]
async fn with_a_client_a_success_goes_there_and_a_failure_to_the_trackers_store() {
    let database = TestDatabase::create().await;
    PostgresStore::new(database.url())
        .unwrap()
        .migrate()
        .await
        .unwrap();
    let mut client = database.connect().await;
    let (store, tracker) = tracker();
    for end in [End::Success, End::Failure] {
        let tx = client.transaction().await.unwrap();
        let result = tracker.scope(in_transaction("u", &tx, end)).await;
        if result.is_ok() {
            tx.commit().await.unwrap();
        }
    }
    tracker.shutdown(LIMIT).await;
    let sql = "SELECT status FROM turbobackend.project_actions";
    let rows = client.query(sql, &[]).await.unwrap();
    assert_eq!(
        rows.iter().map(|row| row.get(0)).collect::<Vec<String>>(),
        ["success"]
    );
    assert_eq!(one(&store.activities()), ("failure", Some("failed")));
}

#[tokio::test]
async fn without_a_tracker_every_outcome_is_what_it_was() {
    assert_eq!(deploy("u", "api".into(), End::Success).await, Ok("there"));
    assert_eq!(
        deploy("u", "api".into(), End::Failure).await,
        Err(Failed { code: 7 })
    );
    assert_eq!(synchronous("u", "api", End::Success), Some(7));
}

struct Service {
    tracker: Tracker,
}

impl Service {
    // The future outlives the service, including the field with the tracker.
    #[tracked(action = "deployment", tracker = self.tracker, record = "always", details = "{image} {output}")]
    fn deploy(&self, image: String) -> Pin<Box<dyn Future<Output = usize> + Send + 'static>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            image.len()
        })
    }
}

#[tokio::test]
async fn a_future_that_outlives_its_service_records_with_that_services_tracker() {
    let store = MemoryStore::new();
    let tracker = Tracker::builder().store(store.clone()).build().unwrap();
    let service = Service {
        tracker: tracker.clone(),
    };
    let (polled, dropped) = (
        service.deploy("api".to_owned()),
        service.deploy("web".to_owned()),
    );
    drop(service);
    assert_eq!(polled.await, 3);
    drop(dropped);
    tracker.flush().await;
    let details: Vec<_> = store
        .activities()
        .into_iter()
        .map(|activity| activity.action_details)
        .collect();
    assert_eq!(details, [Some("api 3".to_owned())]);
}
