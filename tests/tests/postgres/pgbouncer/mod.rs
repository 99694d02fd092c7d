//! A store behind a pooler that may use another session for each transaction. All operations work,
//! on fewer server connections than the store has itself.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::task::block_in_place;
use tracker_core::{
    ActionType, Activity, PostgresStore, Store, StoreError, store::Batch, timeline::Query,
};
use tracker_tests::{
    load::{Load, assert_once_each, tracker},
    pgbouncer::PgBouncer,
    postgres::{ExclusiveServer, ServerOptions, TestDatabase},
    process::wait_until,
};

/// The number of connections that the pooler makes to the server. A store has four.
const SERVER_CONNECTIONS: usize = 2;

/// A time limit far beyond the need of any test.
const LIMIT: Duration = Duration::from_mins(2);

mod migrating;
mod suite;

/// A failure of the server or the pooler. Both run again after it.
type Restart = fn(&mut ExclusiveServer, &mut PgBouncer);

/// Creates a migrated database and a pooler in front of it.
async fn pooled() -> (TestDatabase, PgBouncer) {
    let database = TestDatabase::create().await;
    let direct = PostgresStore::new(database.url()).unwrap();
    direct.migrate().await.unwrap();
    let bouncer = block_in_place(|| PgBouncer::before(database.url(), SERVER_CONNECTIONS));
    (database, bouncer)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_connections_of_stores_share_few_of_the_server() {
    let (database, bouncer) = pooled().await;
    let url = bouncer.url(database.url());
    let stores: Vec<_> = (0..5)
        .map(|_| {
            // The connections queue for those of the server, on a machine that may be busy.
            let store = PostgresStore::builder(&url)
                .connections_max(8)
                .connect_timeout(LIMIT)
                .pool_timeout(LIMIT)
                .write_timeout(LIMIT);
            store.build().unwrap()
        })
        .collect();
    let batches = (0..200).map(|number| {
        let rows = (0..50)
            .map(|_| Activity::new(ActionType::Deployment).project_id("project_7"))
            .collect::<Vec<_>>();
        stores[number % stores.len()].write(Batch::from(rows))
    });
    for written in join_all(batches).await {
        written.unwrap();
    }
    let client = database.connect().await;
    let query = "SELECT count(*) FROM turbobackend.project_actions";
    let rows: i64 = client.query_one(query, &[]).await.unwrap().get(0);
    assert_eq!(rows, 10_000);
    // The pooler keeps its sessions open, so the count includes all that it made.
    let query = "SELECT count(*) FROM pg_stat_activity \
                 WHERE datname = current_database() AND application_name = 'tracker'";
    let sessions: i64 = client.query_one(query, &[]).await.unwrap().get(0);
    let sessions = usize::try_from(sessions).unwrap();
    assert!((1..=SERVER_CONNECTIONS).contains(&sessions), "{sessions}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_may_only_write_does_so_through_it() {
    let (database, bouncer) = pooled().await;
    let grants = "GRANT USAGE ON SCHEMA turbobackend TO {role}; \
                  GRANT INSERT ON turbobackend.project_actions TO {role}";
    let role = database.create_role(grants).await;
    let store = PostgresStore::new(bouncer.url(&role)).unwrap();
    let row = Activity::new(ActionType::Deployment).project_id("project_7");
    store.write(Batch::from(vec![row])).await.unwrap();
    let reading = store.timeline(Query::project("project_7")).await;
    assert!(
        matches!(reading, Err(StoreError::Denied { .. })),
        "{reading:?}"
    );

    // All refusals of the pooler have the code of a protocol violation. Only their text tells the
    // cause.
    let mut other = url::Url::parse(&bouncer.url(&role)).unwrap();
    other.set_password(Some("another")).unwrap();
    let refused = PostgresStore::new(other).unwrap().check().await;
    let Err(StoreError::Unreachable { source, .. }) = &refused else {
        panic!("{refused:?}");
    };
    let said = source.to_string();
    assert!(said.contains("SASL authentication failed"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_store_stays_in_the_sessions_that_it_shares() {
    let (database, bouncer) = pooled().await;
    let store = PostgresStore::new(bouncer.url(database.url())).unwrap();
    let row = || Activity::new(ActionType::Deployment).project_id("project_7");
    let batch = Batch::from(vec![row(), row()]);
    store.write(batch.clone()).await.unwrap();
    store.write(batch.retry()).await.unwrap();
    // This write fails half-way.
    let mut refused = row();
    // No index takes a key that long.
    refused.action_id = (0..100_000).map(|_| fastrand::alphanumeric()).collect();
    store.write(Batch::from(vec![refused])).await.unwrap_err();
    store.check().await.unwrap();

    // With one transaction open, the next one gets the other session.
    let (first, second) = (
        other(&bouncer, &database).await,
        other(&bouncer, &database).await,
    );
    first.batch_execute("BEGIN").await.unwrap();
    second.batch_execute("BEGIN").await.unwrap();
    for client in [&first, &second] {
        let query = "SELECT (SELECT count(*) FROM pg_prepared_statements), \
                            (SELECT count(*) FROM pg_settings WHERE source = 'session' \
                                AND name NOT IN ('application_name', 'client_encoding'))";
        let rows = client.query_typed_one(query, &[]).await.unwrap();
        assert_eq!((rows.get::<_, i64>(0), rows.get::<_, i64>(1)), (0, 0));
    }
}

/// Connects as a client of another program.
async fn other(bouncer: &PgBouncer, database: &TestDatabase) -> tokio_postgres::Client {
    let url = bouncer.url(database.url());
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    client
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_away_behind_it_is_a_store_that_is_away() {
    let mut server = block_in_place(|| ExclusiveServer::new(&ServerOptions::default()));
    let bouncer = block_in_place(|| PgBouncer::before(&server.url(), SERVER_CONNECTIONS));
    let store = PostgresStore::new(bouncer.url(&server.url())).unwrap();
    PostgresStore::new(server.url())
        .unwrap()
        .migrate()
        .await
        .unwrap();
    store.check().await.unwrap();

    block_in_place(|| server.stop());
    for _ in 0..3 {
        let away = store.check().await;
        assert!(
            matches!(
                away,
                Err(StoreError::Unreachable { .. } | StoreError::Timeout { .. })
            ),
            "{away:?}"
        );
    }
    block_in_place(|| server.start());
    let back = async { while store.check().await.is_err() {} };
    tokio::time::timeout(LIMIT, back).await.expect("it is back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pooler_and_a_server_that_stop_and_die_lose_nothing() {
    let mut server = block_in_place(|| ExclusiveServer::new(&ServerOptions::default()));
    let mut bouncer = block_in_place(|| PgBouncer::before(&server.url(), SERVER_CONNECTIONS));
    PostgresStore::new(server.url())
        .unwrap()
        .migrate()
        .await
        .unwrap();
    let store = PostgresStore::builder(bouncer.url(&server.url()))
        .write_timeout(Duration::from_secs(1))
        .build()
        .unwrap();
    let tracker = tracker(store).build().unwrap();
    let load = Load::on(&tracker);

    let restarts: [Restart; 5] = [
        |_, bouncer| {
            bouncer.stop();
            bouncer.start();
        },
        |server, _| {
            server.stop();
            server.start();
        },
        |_, bouncer| {
            bouncer.kill();
            bouncer.start();
        },
        |server, _| {
            server.kill();
            server.start();
        },
        |server, bouncer| {
            server.kill();
            bouncer.kill();
            server.start();
            bouncer.start();
        },
    ];
    for restart in restarts {
        let before = tracker.stats().recorded;
        wait_until(LIMIT, "what came after the last restart is stored", || {
            tracker.stats().stored > before
        });
        block_in_place(|| restart(&mut server, &mut bouncer));
    }
    let calls = load.end().await;
    let stats = tracker.shutdown(LIMIT).await;
    assert!(stats.is_balanced(), "{stats:?}");
    assert_eq!((stats.recorded, stats.stored), (calls, calls), "{stats:?}");
    assert_once_each(&server.connect().await, calls).await;
}
