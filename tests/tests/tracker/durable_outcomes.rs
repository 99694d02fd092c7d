//! The results of `try_record_durable`.

use std::{fs, time::Duration};

use tempfile::TempDir;
use tracker_core::{ActionType, Activity, RecordError};
use tracker_tests::{
    faulty_store::{Fault, FaultyStore},
    journals::{away, journaled},
    quick::quick,
};

const LIMIT: Duration = Duration::from_secs(30);

fn activity(details: &str) -> Activity {
    Activity::new(ActionType::Deployment).details(details)
}

/// Returns a path at which no journal can be made, because a file is there.
fn taken() -> (TempDir, std::path::PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("taken");
    fs::write(&path, "no directory").unwrap();
    (directory, path)
}

#[tokio::test]
async fn an_activity_in_the_journal_is_durable_while_the_store_is_away() {
    let directory = tempfile::tempdir().unwrap();
    let tracker = journaled(&directory, &away()).build().unwrap();
    tracker.try_record_durable(activity("kept")).await.unwrap();
    assert_eq!(tracker.stats().journaled, 1);
}

#[tokio::test]
async fn an_activity_that_finds_the_queue_full_is_lost() {
    let tracker = quick(away()).queue_capacity(1).build().unwrap();
    // Without a journal there is nothing to wait for.
    tracker
        .try_record_durable(activity("queued"))
        .await
        .unwrap();
    let error = tracker
        .try_record_durable(activity("dropped"))
        .await
        .unwrap_err();
    assert!(matches!(error, RecordError::QueueFull), "{error:?}");
    assert_eq!(tracker.stats().dropped.queue_full, 1);
}

#[tokio::test]
async fn an_activity_after_the_shutdown_is_lost() {
    let tracker = quick(FaultyStore::new(|_, _| Fault::None)).build().unwrap();
    tracker.shutdown(LIMIT).await;
    let error = tracker
        .try_record_durable(activity("late"))
        .await
        .unwrap_err();
    assert!(matches!(error, RecordError::ShutDown), "{error:?}");
}

#[tokio::test]
async fn an_activity_that_nothing_takes_in_time_is_not_durable_yet() {
    let (_directory, path) = taken();
    let limit = Duration::from_millis(20);
    let store = away();
    let tracker = quick(store.clone())
        .journal(&path)
        .durable_wait(limit)
        .build()
        .unwrap();
    let error = tracker
        .try_record_durable(activity("late"))
        .await
        .unwrap_err();
    assert!(
        matches!(error, RecordError::NotDurableYet { limit: told } if told == limit),
        "{error:?}"
    );
    store.come_back();
    assert_eq!(tracker.shutdown(LIMIT).await.stored, 1);
}

#[tokio::test]
async fn of_activities_that_the_journal_does_not_take_the_one_that_the_store_refuses_is_lost() {
    let (_directory, path) = taken();
    let is_bad = |activity: &Activity| activity.action_details.as_deref() == Some("bad");
    let store = FaultyStore::new(move |_, batch| {
        if batch.activities().iter().any(is_bad) {
            Fault::Refused
        } else {
            Fault::None
        }
    });
    let tracker = quick(store)
        .journal(&path)
        .durable_wait(LIMIT)
        .build()
        .unwrap();
    let [before, bad, after] =
        ["before", "bad", "after"].map(|details| tracker.try_record_durable(activity(details)));
    let (before, bad, after) = tokio::join!(before, bad, after);
    before.unwrap();
    after.unwrap();
    let error = bad.unwrap_err();
    assert!(matches!(error, RecordError::Lost), "{error:?}");
    let stats = tracker.stats();
    assert_eq!((stats.stored, stats.dropped.refused), (2, 1), "{stats:?}");
}
