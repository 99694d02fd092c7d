//! Engines that speak Postgres's protocol but lack some of its features. Everything works, and the
//! log says once for each lack what is done instead.
//!
//! The engines are a Postgres behind a proxy that answers as they do; the suite that all stores pass is run on each in `suite`.

mod suite;

use std::time::{Duration, Instant};

use axum::{body::Body, http::Request};
use futures_util::{StreamExt, future::try_join_all};
use tokio::time::timeout;
use tracker_core::{
    ActionType, Activity, PostgresStore, Store, StoreError,
    store::Batch,
    timeline::{Filter, Query},
};
use tracker_tests::{
    api::Api,
    engine::{Lack, OtherEngine},
    errors::all_text,
    log::Log,
    postgres::{TestDatabase, eventually},
    process::wait_until,
    quick::quick,
};

/// A time limit far beyond the need of any test.
const LIMIT: Duration = Duration::from_mins(1);

const EVERYTHING: &[Lack] = &[
    Lack::Copy,
    Lack::ArraysAsRows,
    Lack::Listen,
    Lack::Notify,
    Lack::AdvisoryLocks,
    Lack::BlockRangeIndexes,
    Lack::PathIndexes,
    Lack::Blocks,
    Lack::ReplicaIdentities,
    Lack::TextHashes,
];

/// Returns the log of the stores of all tests. Each test looks for its own lines.
fn log() -> &'static Log {
    Log::of_process(tracing::Level::WARN)
}

struct Subject {
    engine: OtherEngine,
    store: PostgresStore,
    database: TestDatabase,
}

impl Subject {
    async fn without(lacks: &'static [Lack]) -> Self {
        log();
        let database = TestDatabase::create().await;
        let engine = OtherEngine::without(lacks, database.url()).await;
        Self {
            store: PostgresStore::new(engine.url()).unwrap(),
            engine,
            database,
        }
    }

    /// Returns the log lines of this subject's store.
    fn said(&self) -> Vec<String> {
        let url = self.database.url();
        let own = url.rsplit('/').next().unwrap();
        let lines = log().text();
        let lines = lines.lines().filter(|line| line.contains(own));
        lines.map(str::to_owned).collect()
    }

    /// Asserts that the store has logged each of these once, and nothing else.
    fn assert_said(&self, expected: &[&str]) {
        let said = self.said();
        assert_eq!(said.len(), expected.len(), "{said:#?}");
        for part in expected {
            assert!(said.iter().any(|line| line.contains(part)), "{said:#?}");
        }
    }
}

fn activities(count: usize) -> Vec<Activity> {
    let row = |n| {
        Activity::new(ActionType::Deployment)
            .project_id("p")
            .details(format!("{n}"))
    };
    (0..count).map(row).collect()
}

/// Writes, notifies and watches a few times.
async fn use_all_of(store: &PostgresStore) {
    store.migrate().await.unwrap();
    store.check().await.unwrap();
    let mut watch = store.watch().await.unwrap();
    for _ in 0..3 {
        let batch = Batch::from(activities(7));
        store.write(batch.clone()).await.unwrap();
        store.write(batch.retry()).await.unwrap();
        timeout(LIMIT, watch.changed()).await.unwrap().unwrap();
    }
    let found = store.timeline(Query::project("p").limit(100)).await;
    assert_eq!(found.unwrap().activities.len(), 21);
    store.watermarks().await.unwrap();
}

#[tokio::test]
async fn a_server_that_has_everything_is_used_as_it_is_and_nothing_is_said() {
    let subject = Subject::without(&[]).await;
    use_all_of(&subject.store).await;
    subject.assert_said(&[]);
    assert_eq!(subject.engine.asked("COPY "), 3);
    assert_eq!(subject.engine.asked("tracker_locks"), 0);
}

#[tokio::test]
async fn without_copy_batches_are_inserted_and_copying_is_tried_once() {
    for lacks in [&[Lack::Copy], &[Lack::CopyAsAWord]] {
        let subject = Subject::without(lacks).await;
        use_all_of(&subject.store).await;
        subject
            .assert_said(&["no binary COPY for the table: batches are written by INSERT instead"]);
        assert_eq!(subject.engine.asked("COPY "), 1);
    }
}

#[tokio::test]
async fn without_rows_from_arrays_batches_are_lists_of_values() {
    let subject = Subject::without(&[Lack::ArraysAsRows]).await;
    use_all_of(&subject.store).await;
    subject.assert_said(&["no rows from arrays"]);
    assert_eq!(subject.engine.asked("SELECT * FROM unnest("), 1);
}

#[tokio::test]
async fn lists_of_values_are_written_all_or_none_however_many_there_are() {
    let subject = Subject::without(&[Lack::ArraysAsRows]).await;
    let store = &subject.store;
    store.migrate().await.unwrap();
    let mut rows = activities(1_203);
    rows[1_150].action_details = Some("no column holds a \0".to_owned());
    let batch = Batch::from(rows.clone()).retry();
    let error = store.write(batch).await.unwrap_err();
    assert!(matches!(error, StoreError::Refused { .. }), "{error:?}");
    assert_eq!(store.count(Filter::project("p")).await.unwrap(), 0);
    rows.remove(1_150);
    let batch = Batch::from(rows).retry();
    store.write(batch.clone()).await.unwrap();
    store.write(batch).await.unwrap();
    assert_eq!(store.count(Filter::project("p")).await.unwrap(), 1_202);
    // Three statements for the first batch, and three for each of the two others.
    assert_eq!(subject.engine.asked("VALUES ($1"), 9);
}

#[tokio::test]
async fn without_notifying_nobody_is_told_and_who_watches_looks() {
    let subject = Subject::without(&[Lack::Notify]).await;
    use_all_of(&subject.store).await;
    subject.assert_said(&["no NOTIFY: nobody is told", "no LISTEN that is delivered"]);
    // One for the first batch, and one for the watch.
    assert_eq!(subject.engine.asked("pg_notify("), 2);
}

#[tokio::test]
async fn without_listening_who_watches_looks() {
    for lacks in [&[Lack::Listen], &[Lack::Delivery]] {
        let subject = Subject::without(lacks).await;
        use_all_of(&subject.store).await;
        drop(subject.store.watch().await.unwrap());
        subject.assert_said(&[
            "no LISTEN that is delivered: what arrives is looked for every second instead",
        ]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_tells_what_comes_where_nothing_is_delivered() {
    let subject = Subject::without(&[Lack::Delivery]).await;
    subject.store.migrate().await.unwrap();
    let api = Api::open(subject.store.clone());
    let request = Request::get("/api/projects/p/activities/stream");
    let response = api.send(request.body(Body::empty()).unwrap()).await;
    let mut events = response.into_body().into_data_stream();
    let mut text = String::new();
    let mut told = async |what: &str| {
        while !text.contains(what) {
            let data = timeout(LIMIT, events.next()).await.unwrap().unwrap();
            text += str::from_utf8(&data.unwrap()).unwrap();
        }
    };
    told("event: ready").await;
    let new = activities(1);
    // A row that comes out of a journal hours late. Only the periodic look over the last 24 hours
    // finds it.
    let mut late = activities(1);
    late[0].created_at = late[0].created_at.map(|now| now - 5 * 3_600_000);
    for rows in [new, late] {
        subject.store.write(rows.clone().into()).await.unwrap();
        told(&rows[0].action_id).await;
    }
}

#[tokio::test]
async fn without_advisory_locks_rows_are_the_locks_and_each_migration_is_applied_once() {
    for lacks in [&[Lack::AdvisoryLocks], &[Lack::Locking]] {
        let subject = Subject::without(lacks).await;
        let stores: Vec<_> = (0..8)
            .map(|_| PostgresStore::new(subject.engine.url()).unwrap())
            .collect();
        let migrating = try_join_all(stores.iter().map(Store::migrate));
        let mut applied = timeout(LIMIT, migrating).await.unwrap().unwrap().concat();
        applied.sort();
        let count = applied.len();
        applied.dedup();
        assert_eq!((applied.len(), count), (17, 17), "{applied:?}");
        let said = subject.said();
        assert_eq!(said.len(), 8, "{said:#?}");
        assert!(said[0].contains("a row of the table tracker_locks is the lock instead"));
        let client = subject.database.connect().await;
        let left = "SELECT count(*) = 0 FROM turbobackend.tracker_locks";
        eventually(&client, left).await;
    }
}

/// Inserts the lock of another migrator, which is still at work or has died.
const LOCK_OF_ANOTHER: &str = "
    CREATE SCHEMA turbobackend;
    CREATE TABLE turbobackend.tracker_locks
        (name VARCHAR PRIMARY KEY, holder VARCHAR NOT NULL, expires_at TIMESTAMPTZ NOT NULL);
    INSERT INTO turbobackend.tracker_locks
        VALUES ('tracker_schema_history of turbobackend', 'another', clock_timestamp() + INTERVAL '1 day')
";

#[tokio::test]
async fn a_lock_is_waited_for_while_it_is_held_and_taken_when_its_lease_is_over() {
    let subject = Subject::without(&[Lack::AdvisoryLocks]).await;
    let client = subject.database.connect().await;
    client.batch_execute(LOCK_OF_ANOTHER).await.unwrap();
    let hurried = PostgresStore::builder(subject.engine.url())
        .migrate_timeout(Duration::from_secs(1))
        .build()
        .unwrap();
    let error = hurried.migrate().await.unwrap_err();
    assert!(matches!(error, StoreError::Timeout { .. }), "{error:?}");

    let began = Instant::now();
    let soon = "UPDATE turbobackend.tracker_locks SET expires_at = clock_timestamp() + INTERVAL '1 second'";
    client.batch_execute(soon).await.unwrap();
    let applied = timeout(LIMIT, subject.store.migrate()).await.unwrap();
    assert_eq!(applied.unwrap().len(), 17);
    assert!(began.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_migrator_whose_lock_another_has_taken_stops() {
    let subject = Subject::without(&[Lack::AdvisoryLocks]).await;
    let client = subject.database.connect().await;
    // The first index build waits for this transaction.
    let other = subject.database.connect().await;
    other
        .batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM pg_class")
        .await
        .unwrap();
    let store = subject.store.clone();
    let migrating = tokio::spawn(async move { store.migrate().await });
    let waits = "SELECT EXISTS (SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE '%CREATE INDEX%' AND wait_event_type = 'Lock')";
    eventually(&client, waits).await;
    let take = "UPDATE turbobackend.tracker_locks SET holder = 'another', expires_at = clock_timestamp() + INTERVAL '1 day'";
    client.batch_execute(take).await.unwrap();
    let error = timeout(LIMIT, migrating)
        .await
        .unwrap()
        .unwrap()
        .unwrap_err();
    let text = all_text(&error);
    assert!(text.contains("another process has taken it"), "{text}");
    // The lock now belongs to the other process, and stays as it is.
    eventually(
        &client,
        "SELECT holder = 'another' FROM turbobackend.tracker_locks",
    )
    .await;
}

#[tokio::test]
async fn without_a_kind_of_index_another_is_built() {
    for (lacks, said, index, method) in [
        (
            &[Lack::BlockRangeIndexes],
            "no BRIN indexes: a B-tree index is built instead",
            "project_actions_created_at",
            "btree",
        ),
        (
            &[Lack::PathIndexes],
            "no GIN indexes of jsonb_path_ops: one of its usual GIN indexes is built instead",
            "project_actions_reference_ids",
            "gin",
        ),
    ] {
        let subject = Subject::without(lacks).await;
        use_all_of(&subject.store).await;
        subject.assert_said(&[said]);
        let client = subject.database.connect().await;
        let built = "SELECT amname::text FROM pg_index
            JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam
            WHERE relname = $1 AND indisvalid";
        let built: String = client.query_one(built, &[&index]).await.unwrap().get(0);
        assert_eq!(built, method);
        assert_eq!(subject.store.migrate().await.unwrap(), [""; 0]);
    }
}

#[tokio::test]
async fn without_blocks_the_table_of_migrations_is_made_all_the_same() {
    let subject = Subject::without(&[Lack::Blocks]).await;
    use_all_of(&subject.store).await;
    assert_eq!(subject.store.migrate().await.unwrap(), [""; 0]);
    subject.assert_said(&["no DO blocks"]);
}

#[tokio::test]
async fn without_replica_identities_tables_go_without_them() {
    let subject = Subject::without(&[Lack::ReplicaIdentities]).await;
    use_all_of(&subject.store).await;
    assert_eq!(subject.store.migrate().await.unwrap(), [""; 0]);
    subject.assert_said(&["no replica identities"]);
}

#[tokio::test]
async fn without_hashes_of_texts_indexes_of_the_columns_are_built_and_read() {
    let subject = Subject::without(&[Lack::TextHashes]).await;
    use_all_of(&subject.store).await;
    // The locks of a session are numbered by hashes, too.
    subject.assert_said(&["no hashes of texts", "no advisory locks"]);
    let client = subject.database.connect().await;
    let built = "SELECT string_agg(pg_get_indexdef(indexrelid), '\n') FROM pg_index
        WHERE indrelid = 'turbobackend.project_actions'::regclass AND indisvalid";
    let built: String = client.query_one(built, &[]).await.unwrap().get(0);
    assert!(built.contains("project_actions_seconds ON turbobackend.project_actions USING btree (project_id, created_at DESC, action_id DESC)"), "{built}");
    assert_eq!(built.lines().count(), 7, "{built}");
    // Another process does not know what this one found lacking.
    let another = PostgresStore::new(subject.engine.url()).unwrap();
    assert_eq!(another.migrate().await.unwrap(), [""; 0]);
    assert_eq!(another.migrate().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_server_that_is_late_with_a_hash_is_not_taken_for_one_without() {
    let subject = Subject::without(&[Lack::TimelyTextHashes]).await;
    let error = subject.store.migrate().await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    subject.assert_said(&[]);
    let client = subject.database.connect().await;
    let made = "SELECT to_regnamespace('turbobackend') IS NOT NULL";
    let made: bool = client.query_one(made, &[]).await.unwrap().get(0);
    assert!(!made);
}

#[tokio::test]
async fn where_rows_do_not_tell_their_transactions_following_is_refused_and_the_rest_works() {
    for lacks in [&[Lack::RowTransactions], &[Lack::Snapshots]] {
        let subject = Subject::without(lacks).await;
        let store = &subject.store;
        store.migrate().await.unwrap();
        store.write(activities(3).into()).await.unwrap();
        for _ in 0..3 {
            let error = store.watermarks().await.unwrap_err();
            assert!(matches!(error, StoreError::Unsupported { .. }), "{error:?}");
            assert!(!error.is_transient());
            let text = error.to_string();
            assert!(
                text.contains("can't do this: following what arrives"),
                "{text}"
            );
        }
        let page = store.timeline(Query::project("p")).await.unwrap();
        assert_eq!(page.activities.len(), 3);
        subject.assert_said(&["what arrives can't be followed"]);
        let answer = Api::open(store.clone())
            .get("/api/projects/p/activities/stream")
            .await;
        assert_eq!(answer.status, 501);
    }
}

#[tokio::test]
async fn a_table_on_several_servers_is_not_followed() {
    let subject = Subject::without(&[]).await;
    let client = subject.database.connect().await;
    subject.store.migrate().await.unwrap();
    // This is the catalog table of Citus, which lists another table at first.
    client
        .batch_execute("CREATE TABLE pg_dist_partition (logicalrelid REGCLASS)")
        .await
        .unwrap();
    subject.store.watermarks().await.unwrap();
    client
        .batch_execute("INSERT INTO pg_dist_partition VALUES ('turbobackend.project_actions')")
        .await
        .unwrap();
    let store = PostgresStore::new(subject.engine.url()).unwrap();
    let error = store.watermarks().await.unwrap_err();
    assert!(matches!(error, StoreError::Unsupported { .. }), "{error:?}");
    subject.assert_said(&["the table's rows are on several servers"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_any_of_it_a_tracker_delivers_and_each_lack_is_said_once() {
    let subject = Subject::without(EVERYTHING).await;
    let store = subject.store.clone();
    store.migrate().await.unwrap();
    let mut watch = store.watch().await.unwrap();
    let tracker = quick(store.clone()).build().unwrap();
    for n in 0..500 {
        tracker.record(
            Activity::new(ActionType::Deployment)
                .project_id("p")
                .details(format!("{n}")),
        );
        if n % 100 == 0 {
            tracker.flush().await;
        }
    }
    tracker.shutdown(LIMIT).await;
    let stats = tracker.stats();
    assert_eq!((stats.recorded, stats.stored), (500, 500));
    let filter = Filter::project("p");
    assert_eq!(store.count(filter).await.unwrap(), 500);
    timeout(LIMIT, watch.changed()).await.unwrap().unwrap();
    wait_until(LIMIT, "listening was refused", || {
        subject.said().len() == 10
    });
    subject.assert_said(&[
        "no binary COPY",
        "no rows from arrays",
        "no LISTEN",
        "no NOTIFY",
        "no advisory locks",
        "no BRIN indexes",
        "no GIN indexes of jsonb_path_ops",
        "no DO blocks",
        "no replica identities",
        "no hashes of texts",
    ]);
}
