//! Migrations through a pooler. They need a session of their own, which it can't provide.

use std::time::Duration;

use tokio::task::{JoinSet, block_in_place};
use tracker_core::{
    PostgresStore, Store, StoreError,
    store::postgres::partitions::{PartitionError, Partitioning, Period},
};
use tracker_tests::{pgbouncer::PgBouncer, postgres::TestDatabase};

use super::{SERVER_CONNECTIONS, other};

/// Queries the traces of a migration in any session: advisory locks, and the schema.
const LEFT_BEHIND: &str = "SELECT (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = \
    (SELECT oid FROM pg_database WHERE datname = current_database())), to_regnamespace('turbobackend') IS NOT NULL";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn migrating_through_it_is_refused_and_changes_nothing() {
    let database = TestDatabase::create().await;
    let bouncer = block_in_place(|| PgBouncer::before(database.url(), SERVER_CONNECTIONS));
    let pooled = PostgresStore::new(bouncer.url(database.url())).unwrap();
    assert_refused(&pooled.migrate().await.unwrap_err());
    let row = database.connect().await;
    let row = row.query_one(LEFT_BEHIND, &[]).await.unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, bool>(1)), (0, false));

    // No lock is left, so a direct migration succeeds at once.
    let direct = PostgresStore::new(database.url()).unwrap();
    direct.migrate().await.unwrap();
    let partitioned = pooled.partition(Partitioning::by(Period::Month), |_| ());
    match partitioned.await {
        Err(PartitionError::Store(error)) => assert_refused(&error),
        outcome => panic!("{outcome:?}"),
    }
    assert!(direct.partitions().await.unwrap().is_empty());
    // Only operations that need a session are refused.
    pooled.check().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn migrating_is_refused_whatever_others_do_with_its_sessions_meanwhile() {
    let database = TestDatabase::create().await;
    let bouncer = block_in_place(|| PgBouncer::before(database.url(), SERVER_CONNECTIONS));
    let mut others = JoinSet::new();
    for number in 0..6 {
        let client = other(&bouncer, &database).await;
        others.spawn(async move {
            loop {
                let busy = format!("SELECT pg_sleep({})", f64::from(number) / 1_000.0);
                client.batch_execute(&busy).await.unwrap();
            }
        });
    }
    for _ in 0..20 {
        let pooled = PostgresStore::builder(bouncer.url(database.url()))
            .connect_timeout(Duration::from_mins(1))
            .build()
            .unwrap();
        assert_refused(&pooled.migrate().await.unwrap_err());
    }
}

#[track_caller]
fn assert_refused(error: &StoreError) {
    assert!(
        matches!(error, StoreError::SharedSession { .. }),
        "{error:?}"
    );
    let said = error.to_string();
    assert!(said.contains("give the URL of the server itself"), "{said}");
}
