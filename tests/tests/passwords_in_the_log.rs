//! No password is in the log, whatever its level. One test: its subscriber is that of the process.

use std::time::Duration;

use tracker_core::{PostgresStore, Store, Tracker, timeline::Query, tracked};
use tracker_tests::{log::Log, postgres::TestDatabase, process::wait_until};

const LIMIT: Duration = Duration::from_secs(30);

#[tracked(action = "deployment")]
async fn deploy(project_id: &str) {
    let _ = project_id;
}

#[tokio::test]
async fn what_is_recorded_before_migrating_arrives_after_it() {
    // The writer logs on its own thread: only the subscriber of the process sees that.
    let log = Log::default();
    tracing::subscriber::set_global_default(log.subscriber(tracing::Level::TRACE)).unwrap();

    let database = TestDatabase::create().await;
    let secret = url::Url::parse(database.url())
        .unwrap()
        .password()
        .unwrap()
        .to_owned();
    let store = PostgresStore::new(database.url()).unwrap();
    let tracker = Tracker::builder()
        .store(store.clone())
        .batch_age(Duration::from_millis(1))
        .retry_delays(Duration::from_millis(1), Duration::from_millis(10))
        .build()
        .unwrap();
    tracker.scope(deploy("p")).await;
    wait_until(LIMIT, "the missing table is logged", || {
        log.text().contains("tracker migrate")
    });
    store.migrate().await.unwrap();
    tracker.flush().await;
    let stored = store.timeline(Query::project("p")).await.unwrap();
    assert_eq!(stored.activities.len(), 1);
    assert!(!log.text().contains(&secret));
}
