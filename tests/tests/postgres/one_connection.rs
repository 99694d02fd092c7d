//! A role that is limited to one connection. All operations work on it, one after the other.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::timeout;
use tracker_core::{
    ActionType, Activity, PostgresStore, Store, StoreError,
    store::{
        Batch,
        postgres::partitions::{Partitioned, Partitioning, Period},
    },
    timeline::Query,
};
use tracker_tests::{
    api::Api,
    load::{Load, assert_once_each, tracker},
    postgres::{TestDatabase, eventually},
    store_suite,
};

/// A time limit far beyond the need of any test.
const LIMIT: Duration = Duration::from_mins(1);

/// Creates a role that may do everything, on at most `connections` connections.
async fn limited(database: &TestDatabase, connections: usize) -> String {
    let name = database.url().rsplit('/').next().expect("a name");
    let grants = format!(
        "GRANT CREATE ON DATABASE {name} TO {{role}}; ALTER ROLE {{role}} CONNECTION LIMIT {connections}"
    );
    database.create_role(&grants).await
}

fn store(url: &str) -> PostgresStore {
    let store = PostgresStore::builder(url).pool_timeout(LIMIT).build();
    store.expect("a store")
}

fn row() -> Activity {
    Activity::new(ActionType::Deployment).project_id("project_7")
}

store_suite!(one_connection, || async {
    let database = TestDatabase::create().await;
    let store = store(&limited(&database, 1).await);
    (database, store)
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_is_migrated_and_partitioned() {
    let database = TestDatabase::create().await;
    let store = store(&limited(&database, 1).await);
    assert!(!store.migrate().await.unwrap().is_empty());
    let partitioned = store.partition(Partitioning::by(Period::Month), |_| ());
    let partitioned = partitioned.await.unwrap();
    assert_eq!(partitioned, Partitioned::Converted { rows: 0 });
    store.check().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_delivers_while_forty_pages_are_read_at_once() {
    for connections in [1, 2] {
        let database = TestDatabase::create().await;
        let store = store(&limited(&database, connections).await);
        store.migrate().await.unwrap();
        let tracker = tracker(store.clone()).build().unwrap();
        let load = Load::on(&tracker);
        let api = Api::open(store);
        for _ in 0..3 {
            let pages = (0..40).map(|_| api.json("/api/projects/project_7/activities"));
            timeout(LIMIT, join_all(pages)).await.unwrap();
        }
        let calls = load.end().await;
        let stats = tracker.shutdown(LIMIT).await;
        assert_eq!((stats.recorded, stats.stored), (calls, calls), "{stats:?}");
        assert_once_each(&database.connect().await, calls).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_arrives_is_followed_without_a_connection_that_listens() {
    let database = TestDatabase::create().await;
    let store = store(&limited(&database, 1).await);
    store.migrate().await.unwrap();
    let mut watch = store.watch().await.unwrap();
    for _ in 0..3 {
        store.write(Batch::from(vec![row()])).await.unwrap();
        timeout(LIMIT, watch.changed()).await.unwrap().unwrap();
        assert!(!watch.is_listening());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_another_has_is_waited_for_and_then_told() {
    let database = TestDatabase::create().await;
    let url = limited(&database, 1).await;
    let first = store(&url);
    first.migrate().await.unwrap();
    first.check().await.unwrap();
    let second = PostgresStore::builder(&url)
        .pool_timeout(Duration::from_millis(200))
        .build()
        .unwrap();
    let refused = second.timeline(Query::project("project_7")).await;
    assert!(
        matches!(refused, Err(StoreError::Exhausted { .. })),
        "{refused:?}"
    );

    let waiting = store(&url);
    let waiting = tokio::spawn(async move { waiting.check().await });
    drop(first);
    timeout(LIMIT, waiting).await.unwrap().unwrap().unwrap();
    // No connection is left behind.
    let client = database.connect().await;
    let left = "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    eventually(&client, left).await;
}
