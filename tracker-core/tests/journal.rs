//! The journal, also where the crate is built without the SQLite store.

use std::time::Duration;

use tracker_core::{ActionType, Activity, MemoryStore, Tracker, journal};

#[tokio::test]
async fn what_is_durable_in_the_journal_comes_to_the_store() {
    let directory = tempfile::tempdir().unwrap();
    let store = MemoryStore::new();
    let tracker = Tracker::builder()
        .store(store.clone())
        .journal(directory.path())
        .build()
        .unwrap();
    let activity = Activity::new(ActionType::Deployment).project_id("project_7");
    tracker.record_durable(activity.clone()).await;
    let stats = tracker.shutdown(Duration::from_secs(10)).await;
    assert_eq!((stats.recorded, stats.stored), (1, 1));
    assert_eq!(store.activities(), [activity]);
    assert!(directory.path().join("journal-0.lock").exists());
    assert_eq!(journal::dead_letters(directory.path(), 1).unwrap(), []);
}
