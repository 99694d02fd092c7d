//! The SQLite store, also where the crate is built without the journal.

use std::time::Duration;

use tracker_core::{ActionType, Activity, SqliteStore, Store, Tracker, timeline::Query};

#[tokio::test]
async fn what_is_recorded_is_in_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tracker.db");
    let store = SqliteStore::open(&path).unwrap();
    store.migrate().await.unwrap();
    let tracker = Tracker::builder().store(store).build().unwrap();
    let activity = Activity::new(ActionType::Deployment).project_id("project_7");
    tracker.record_durable(activity.clone()).await;
    tracker.shutdown(Duration::from_secs(10)).await;

    let reopened = SqliteStore::open(&path).unwrap();
    let page = reopened
        .timeline(Query::project("project_7"))
        .await
        .unwrap();
    assert_eq!(page.activities, [activity]);
}
