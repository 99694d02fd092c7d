//! A Postgres that is unreachable, refuses, stops, hangs or is busy. Errors are typed and timely,
//! and the store recovers.

use std::{net::TcpListener, time::Duration};

use futures_util::{FutureExt, future::join_all};
use tokio::time::{Instant, timeout};
use tracker_core::{
    ActionType, Activity, PostgresStore, Store, StoreError,
    store::{self, Batch, OpenError},
    timeline::Query,
};
use tracker_tests::{
    errors::all_text,
    postgres::{ExclusiveServer, ServerOptions, TestDatabase, eventually},
};
use url::Url;

const SECRET: &str = "s3cr%33t-Pa55word";
const SECRET_DECODED: &str = "s3cr3t-Pa55word";

fn batch() -> Batch {
    vec![Activity::new(ActionType::Deployment).project_id("p")].into()
}

/// Returns the error of each operation.
async fn errors(store: &PostgresStore) -> Vec<StoreError> {
    vec![
        store.check().await.unwrap_err(),
        store.write(batch()).await.unwrap_err(),
        store.write(batch().retry()).await.unwrap_err(),
        store.timeline(Query::project("p")).await.unwrap_err(),
        store.migrate().await.unwrap_err(),
    ]
}

/// Replaces the password in a URL by one that must not appear in any output.
fn with_secret(url: &str) -> Url {
    let mut url = Url::parse(url).unwrap();
    url.set_password(Some(SECRET)).unwrap();
    url
}

fn assert_no_secret(text: &str) {
    assert!(
        !text.contains(SECRET) && !text.contains(SECRET_DECODED),
        "{text}"
    );
}

async fn assert_all(store: &PostgresStore, says: &str, expected: fn(&StoreError) -> bool) {
    for error in errors(store).await {
        let text = all_text(&error);
        assert!(expected(&error), "{text}");
        assert!(text.contains(says), "{text}");
        assert!(error.is_transient(), "{text}");
        assert_no_secret(&text);
    }
    assert_no_secret(&format!("{store:?} {}", store.describe()));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unreachable() {
    // The port was free a moment ago.
    let port = TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let url = format!("postgres://worker:{SECRET}@127.0.0.1:{port}/app");
    let store = PostgresStore::new(url).unwrap();
    assert_all(&store, "Connection refused", |error| {
        matches!(error, StoreError::Unreachable { .. })
    })
    .await;
}

#[tokio::test]
async fn a_wrong_password_and_a_missing_one_are_denied() {
    let server = ExclusiveServer::new(&ServerOptions::default());
    let store = PostgresStore::new(with_secret(&server.url())).unwrap();
    let denied = |error: &StoreError| matches!(error, StoreError::Denied { .. });
    assert_all(&store, "SQLSTATE 28P01", denied).await;

    let mut url = Url::parse(&server.url()).unwrap();
    url.set_password(None).unwrap();
    let store = PostgresStore::new(url).unwrap();
    assert_all(
        &store,
        "the server asks for a password, and none is given",
        denied,
    )
    .await;
}

#[tokio::test]
async fn a_database_that_does_not_exist_is_said_to() {
    let database = TestDatabase::create().await;
    let mut url = Url::parse(database.url()).unwrap();
    url.set_path("tracker_test_nowhere");
    let store = PostgresStore::new(url).unwrap();
    assert_all(&store, "there is no such database: create it", |error| {
        matches!(error, StoreError::NoDatabase { .. })
    })
    .await;
}

#[tokio::test]
async fn a_table_that_is_not_there_asks_for_the_migrations() {
    let database = TestDatabase::create().await;
    let store = PostgresStore::new(database.url()).unwrap();
    for schema_exists in [false, true] {
        let errors = [
            store.check().await.unwrap_err(),
            store.write(batch()).await.unwrap_err(),
            store.write(batch().retry()).await.unwrap_err(),
            store.timeline(Query::project("p")).await.unwrap_err(),
        ];
        for error in errors {
            let text = error.to_string();
            assert!(
                matches!(error, StoreError::NotMigrated { .. }),
                "{schema_exists} {error:?}"
            );
            assert!(text.contains("turbobackend.project_actions"), "{text}");
            assert!(text.contains("tracker migrate"), "{text}");
        }
        let client = database.connect().await;
        client
            .batch_execute("CREATE SCHEMA IF NOT EXISTS turbobackend")
            .await
            .unwrap();
    }
}

#[test]
fn what_can_not_be_set_up_is_refused_at_once() {
    let too_long = "x".repeat(64);
    for schema in ["", "a\0b", &too_long] {
        let built = PostgresStore::builder("postgres://localhost/app")
            .schema(schema)
            .build();
        assert!(matches!(built, Err(OpenError::SchemaName)));
    }
    for url in [
        &*format!("postgres://worker:{SECRET}@localhost:port/app"),
        &format!("postgres://worker:{SECRET}@localhost/app?no_such_option=1"),
        &format!("postgres://worker:{SECRET}@"),
    ] {
        let error = PostgresStore::new(url).unwrap_err();
        assert!(matches!(error, OpenError::ConnectionString(_)), "{error:?}");
        assert_no_secret(&all_text(&error));
        assert_no_secret(&format!("{:?}", PostgresStore::builder(url)));
    }
    let url = "postgres://localhost/app?sslmode=verify-full&sslrootcert=/nowhere.pem";
    let error = PostgresStore::new(url).unwrap_err();
    assert!(matches!(error, OpenError::Tls(_)), "{error:?}");
    let Err(error) = store::open(&format!("mysql://worker:{SECRET}@localhost/app")) else {
        panic!("there is no such store")
    };
    assert!(matches!(error, OpenError::Scheme { .. }), "{error:?}");
    assert_no_secret(&all_text(&error));
}

#[tokio::test]
async fn a_server_that_accepts_and_never_answers_times_out() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let store = PostgresStore::builder(format!("postgres://worker:{SECRET}@127.0.0.1:{port}/app"))
        .connect_timeout(Duration::from_millis(100))
        .build()
        .unwrap();
    assert_all(
        &store,
        "connecting to Postgres took longer than 100ms",
        |error| matches!(error, StoreError::Timeout { .. }),
    )
    .await;
    drop(listener);
}

#[tokio::test]
async fn a_second_host_is_tried_when_the_first_one_refuses() {
    let database = TestDatabase::create().await;
    let mut url = Url::parse(database.url()).unwrap();
    let port = TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let host = format!("127.0.0.1:{port},127.0.0.1:{}", url.port().unwrap());
    url.set_port(None).unwrap();
    let url = url.as_str().replacen("127.0.0.1", &host, 1);
    PostgresStore::new(url).unwrap().migrate().await.unwrap();
}

#[tokio::test]
async fn a_server_that_stops_and_comes_back_finds_the_store_as_it_was() {
    let mut server = ExclusiveServer::new(&ServerOptions::default());
    let store = PostgresStore::new(server.url()).unwrap();
    store.migrate().await.unwrap();
    let ends: [fn(&mut ExclusiveServer); 2] = [ExclusiveServer::stop, ExclusiveServer::kill];
    for (end, rows) in ends.into_iter().zip([1, 2]) {
        store.timeline(Query::project("p")).await.unwrap();
        end(&mut server);
        let missed = batch();
        for batch in [missed.clone(), missed.retry()] {
            let error = store.write(batch).await.unwrap_err();
            assert!(matches!(error, StoreError::Unreachable { .. }), "{error:?}");
        }
        server.start();
        store.write(missed.retry()).await.unwrap();
        let page = store.timeline(Query::project("p")).await.unwrap();
        assert_eq!(page.activities.len(), rows);
    }
}

/// Returns a migrated database, a store for it, and a client that keeps the table locked until it
/// is dropped.
async fn locked(
    set: fn(store::postgres::PostgresStoreBuilder) -> store::postgres::PostgresStoreBuilder,
) -> (TestDatabase, PostgresStore, tokio_postgres::Client) {
    let database = TestDatabase::create().await;
    let store = set(PostgresStore::builder(database.url())).build().unwrap();
    store.migrate().await.unwrap();
    let client = database.connect().await;
    client
        .batch_execute("BEGIN; LOCK TABLE turbobackend.project_actions")
        .await
        .unwrap();
    (database, store, client)
}

const NOBODY_WAITS: &str = "SELECT NOT EXISTS (SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock')";
const TWO_WAIT: &str = "SELECT count(*) >= 2 FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'";

#[tokio::test]
async fn a_statement_behind_a_lock_ends_at_its_limit_on_the_server_too() {
    let limit = |builder: store::postgres::PostgresStoreBuilder| {
        builder
            .write_timeout(Duration::from_millis(100))
            .read_timeout(Duration::from_millis(100))
    };
    let (_database, store, client) = locked(limit).await;
    for error in [
        store.write(batch()).await.unwrap_err(),
        store.write(batch().retry()).await.unwrap_err(),
        store.timeline(Query::project("p")).await.unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::Timeout { .. }), "{error:?}");
    }
    eventually(&client, NOBODY_WAITS).await;
    client.batch_execute("COMMIT").await.unwrap();
    store.write(batch()).await.unwrap();
    let page = store.timeline(Query::project("p")).await.unwrap();
    assert_eq!(page.activities.len(), 1);
}

#[tokio::test]
async fn a_dropped_operation_leaves_the_store_usable() {
    let (database, store, client) = locked(|builder| builder.connections_max(2)).await;
    let watcher = database.connect().await;
    // One of the two connections hangs in a write, and the other in a read.
    let mut write = store.write(batch());
    let mut read = store.timeline(Query::project("p"));
    assert!((&mut write).now_or_never().is_none());
    assert!((&mut read).now_or_never().is_none());
    eventually(&watcher, TWO_WAIT).await;
    drop((write, read));
    client.batch_execute("ROLLBACK").await.unwrap();
    store.write(batch()).await.unwrap();
    store.check().await.unwrap();
}

#[tokio::test]
async fn readers_that_stand_still_do_not_keep_a_writer_waiting() {
    let (database, store, client) = locked(|builder| {
        builder
            .connections_max(3)
            .pool_timeout(Duration::from_millis(200))
    })
    .await;
    let watcher = database.connect().await;
    let reads: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.timeline(Query::project("p")).await })
        })
        .collect();
    eventually(&watcher, TWO_WAIT).await;
    let mut write = store.write(batch());
    assert!((&mut write).now_or_never().is_none());
    // The write has a connection, and waits for the lock beside the readers.
    let writing = "SELECT EXISTS (SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'COPY%')";
    eventually(&watcher, writing).await;
    client.batch_execute("ROLLBACK").await.unwrap();
    write.await.unwrap();
    for read in join_all(reads).await {
        match read.unwrap() {
            Ok(_) => {}
            Err(StoreError::Timeout { operation, .. }) => {
                assert_eq!(operation, "waiting for a free Postgres connection");
            }
            Err(error) => panic!("{error:?}"),
        }
    }
}

#[tokio::test]
async fn limits_of_any_length_are_taken() {
    let (_database, store, _client) = locked(|builder| {
        builder
            .connect_timeout(Duration::MAX)
            .pool_timeout(Duration::MAX)
            .write_timeout(Duration::MAX)
            .read_timeout(Duration::MAX)
            .migrate_timeout(Duration::MAX)
            .connections_max(0)
    })
    .await;
    let started = Instant::now();
    let write = timeout(Duration::from_millis(50), store.write(batch()));
    assert!(write.await.is_err());
    assert!(started.elapsed() < Duration::from_secs(10));

    let database = TestDatabase::create().await;
    let store = PostgresStore::builder(database.url())
        .connect_timeout(Duration::ZERO)
        .pool_timeout(Duration::ZERO)
        .write_timeout(Duration::ZERO)
        .read_timeout(Duration::ZERO)
        .migrate_timeout(Duration::ZERO)
        .build()
        .unwrap();
    for error in errors(&store).await {
        assert!(matches!(error, StoreError::Timeout { .. }), "{error:?}");
    }
}

#[test]
fn connections_outlive_the_runtime_that_first_used_them() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let first = runtime();
    let database = first.block_on(TestDatabase::create());
    let store = PostgresStore::new(database.url()).unwrap();
    first.block_on(store.migrate()).unwrap();
    first.block_on(store.write(batch())).unwrap();
    drop(first);
    // The write is polled once, without a runtime. It may or may not complete.
    if let Some(written) = store.write(batch()).now_or_never() {
        written.unwrap();
    }
    runtime().block_on(store.write(batch())).unwrap();
}
