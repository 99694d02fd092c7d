//! PGlite, a Postgres for developers' machines. It has one session for all its clients, and takes
//! one connection at a time by default.

use std::{sync::OnceLock, time::Duration};

use futures_util::future::join_all;
use tokio::{task::block_in_place, time::timeout};
use tokio_postgres::{Client, NoTls};
use tracker_core::{
    ActionType, Activity, PostgresStore, Store,
    store::{
        Batch, Pruning,
        postgres::{
            PostgresStoreBuilder,
            partitions::{Partitioning, Period},
        },
    },
    timeline::Query,
};
use tracker_tests::{
    api::Api,
    errors::all_text,
    load::{Load, tracker},
    partitions::assert_partitioned_and_pruned,
    pglite::PGlite,
    store_suite,
};

/// A time limit far beyond the need of any test.
const LIMIT: Duration = Duration::from_mins(1);

/// The maximum numbers of connections under test: the default, and one that lets clients take
/// turns.
const CONNECTIONS: [usize; 2] = [1, 20];

store_suite!(
    #[ignore = "it needs PGlite: scripts/matrix pglite"]
    with_one_connection,
    || async { ((), in_a_schema_of(taking_one())) }
);

store_suite!(
    #[ignore = "it needs PGlite: scripts/matrix pglite"]
    with_many_connections,
    || async { ((), in_a_schema_of(taking_many())) }
);

/// Returns the server that all tests of one suite share, because each takes seconds to start and
/// 700 MB of memory.
fn taking_one() -> &'static PGlite {
    static SERVER: OnceLock<PGlite> = OnceLock::new();
    SERVER.get_or_init(|| PGlite::taking(1))
}

fn taking_many() -> &'static PGlite {
    static SERVER: OnceLock<PGlite> = OnceLock::new();
    SERVER.get_or_init(|| PGlite::taking(20))
}

/// Returns a store with a schema of its own.
fn in_a_schema_of(server: &PGlite) -> PostgresStore {
    let schema = format!("s{}", uuid::Uuid::now_v7().simple());
    builder(server).schema(schema).build().expect("a store")
}

/// The time limit is long because others take the only connection again and again, and the machine
/// may be busy.
fn builder(server: &PGlite) -> PostgresStoreBuilder {
    PostgresStore::builder(server.url()).pool_timeout(LIMIT)
}

fn started(connections: usize) -> (PGlite, PostgresStore) {
    let server = block_in_place(|| PGlite::taking(connections));
    let store = builder(&server).build().expect("a store");
    (server, store)
}

fn activities(count: usize) -> Batch {
    let row = |_| Activity::new(ActionType::Deployment).project_id("project_7");
    (0..count).map(row).collect()
}

/// Creates a table with a column that a migration has to drop, and can't because a view reads it.
const OLD_AND_READ: &str = "CREATE SCHEMA turbobackend;
    CREATE TABLE turbobackend.project_actions (
        action_id VARCHAR PRIMARY KEY, project_id VARCHAR, user_id VARCHAR, request_id VARCHAR, action_type VARCHAR,
        action_details VARCHAR, status VARCHAR, environment VARCHAR, created_at BIGINT, cost_usd NUMERIC
    );
    CREATE VIEW turbobackend.costs AS SELECT cost_usd FROM turbobackend.project_actions";

/// Connects another client of the same session, as soon as it is let in.
async fn other_client(server: &PGlite) -> Client {
    let connecting = async {
        loop {
            if let Ok((client, connection)) = tokio_postgres::connect(&server.url(), NoTls).await {
                tokio::spawn(connection);
                return client;
            }
        }
    };
    let client = timeout(LIMIT, connecting).await;
    client.expect("the store lets others in")
}

/// Returns the state of the session as another client sees it.
async fn session_of(server: &PGlite) -> Vec<String> {
    let client = other_client(server).await;
    let query = "SELECT ARRAY[current_setting('search_path'), current_setting('role'), current_setting('statement_timeout'),
        current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout'),
        (SELECT count(*) FROM pg_prepared_statements)::text,
        (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')::text]";
    client.query_typed_one(query, &[]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it needs PGlite: scripts/matrix pglite"]
async fn nothing_of_a_store_stays_in_the_session_of_all() {
    for connections in CONNECTIONS {
        let (server, store) = started(connections);
        let before = session_of(&server).await;
        assert_eq!(store.migrate().await.unwrap().len(), 7);
        assert_eq!(session_of(&server).await, before);
        let batch = activities(3);
        store.write(batch.clone()).await.unwrap();
        store.write(batch.retry()).await.unwrap();
        store.timeline(Query::project("project_7")).await.unwrap();
        assert_eq!(session_of(&server).await, before);
        let partitioned = store.partition(Partitioning::by(Period::Month), |_| ());
        partitioned.await.unwrap();
        assert_eq!(session_of(&server).await, before);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it needs PGlite: scripts/matrix pglite"]
async fn a_migration_that_fails_leaves_nothing_behind() {
    for connections in CONNECTIONS {
        let (server, store) = started(connections);
        let before = session_of(&server).await;
        {
            let client = other_client(&server).await;
            client.batch_execute(OLD_AND_READ).await.unwrap();
        }
        let error = store.migrate().await.unwrap_err();
        assert!(
            all_text(&error).contains("because other objects depend on it"),
            "{error:?}"
        );
        assert_eq!(session_of(&server).await, before);
        let client = other_client(&server).await;
        let query = "SELECT to_regclass('turbobackend.tracker_schema_history') IS NULL";
        let is_gone: bool = client.query_typed_one(query, &[]).await.unwrap().get(0);
        assert!(is_gone);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it needs PGlite: scripts/matrix pglite"]
async fn a_table_is_partitioned_and_pruned() {
    for connections in CONNECTIONS {
        let (_server, store) = started(connections);
        assert_partitioned_and_pruned(&store, Pruning::before(i64::MAX).limit(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it needs PGlite: scripts/matrix pglite"]
async fn workers_deliver_while_pages_are_read_and_others_use_the_database() {
    for connections in CONNECTIONS {
        let (server, store) = started(connections);
        store.migrate().await.unwrap();
        let reading = builder(&server).build().unwrap();
        let api = Api::open(reading);
        let workers: Vec<_> = (0..2)
            .map(|_| tracker(builder(&server).build().unwrap()).build().unwrap())
            .collect();
        let loads: Vec<_> = workers.iter().map(Load::on).collect();
        for _ in 0..5 {
            let pages = (0..40).map(|_| api.json("/api/projects/project_7/activities"));
            join_all(pages).await;
            let client = other_client(&server).await;
            client.batch_execute("SELECT 1").await.unwrap();
        }
        let mut calls = Vec::new();
        for load in loads {
            calls.push(load.end().await);
        }
        for (worker, calls) in workers.iter().zip(&calls) {
            let stats = worker.shutdown(LIMIT).await;
            assert_eq!(
                (stats.recorded, stats.stored),
                (*calls, *calls),
                "{stats:?}"
            );
        }
        let client = other_client(&server).await;
        let count = "SELECT count(*) FROM turbobackend.project_actions";
        let rows: i64 = client.query_typed_one(count, &[]).await.unwrap().get(0);
        assert_eq!(u64::try_from(rows).unwrap(), calls.iter().sum::<u64>());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it needs PGlite: scripts/matrix pglite"]
async fn what_arrives_is_followed() {
    for connections in CONNECTIONS {
        let (_server, store) = started(connections);
        store.migrate().await.unwrap();
        let mut watch = store.watch().await.unwrap();
        for _ in 0..3 {
            store.write(activities(3)).await.unwrap();
            timeout(LIMIT, watch.changed()).await.unwrap().unwrap();
            assert!(!watch.is_listening());
        }
        store.watermarks().await.unwrap();
    }
}
