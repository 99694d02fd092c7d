//! End to end, from a tracked function to a row in Postgres, through the tracker or on the caller's
//! own client.

use std::time::Duration;

use tokio_postgres::{Client, Transaction};
use tracker_core::{
    Activity, MemoryStore, PostgresStore, Store, Tracker, limits::DETAILS_CHARS_MAX,
    timeline::Query, tracked,
};
use tracker_tests::postgres::{ExclusiveServer, ServerOptions, TestDatabase};

const LIMIT: Duration = Duration::from_secs(30);

#[derive(Debug)]
struct Failed;

impl From<tokio_postgres::Error> for Failed {
    fn from(_: tokio_postgres::Error) -> Self {
        Self
    }
}

#[tracked(action = "database_created", client = tx, details = "table {table}")]
async fn in_transaction(
    project_id: &str,
    tx: &Transaction<'_>,
    table: String,
) -> Result<(), Failed> {
    tx.execute("INSERT INTO work VALUES ($1)", &[&table])
        .await?;
    Ok(())
}

#[tracked(action = "database_created", client = tx)]
async fn in_exclusive_transaction(
    project_id: &str,
    tx: &mut Transaction<'_>,
) -> Result<u64, Failed> {
    let inner = tx.savepoint("work").await?;
    let rows = inner
        .execute("INSERT INTO work VALUES ('exclusive')", &[])
        .await?;
    inner.commit().await?;
    Ok(rows)
}

#[tracked(action = "database_created", client = client)]
async fn on_client(project_id: &str, client: &Client) -> Result<u64, Failed> {
    Ok(client
        .execute("INSERT INTO work VALUES ('client')", &[])
        .await?)
}

struct Pooled {
    pool: deadpool_postgres::Pool,
    tracker: Tracker,
}

impl Pooled {
    #[tracked(action = "database_created", client = client, tracker = self.tracker)]
    async fn create(&self, project_id: &str, client: &deadpool_postgres::Client) -> usize {
        self.pool.status().max_size
    }
}

/// Creates a database with a table of the caller's, and a tracker whose own store is not that
/// database.
async fn set_up(migrate: bool) -> (TestDatabase, Client, Tracker) {
    let database = TestDatabase::create().await;
    if migrate {
        PostgresStore::new(database.url())
            .unwrap()
            .migrate()
            .await
            .unwrap();
    }
    let client = database.connect().await;
    client
        .batch_execute("CREATE TABLE work (line TEXT)")
        .await
        .unwrap();
    let tracker = Tracker::builder()
        .store(MemoryStore::new())
        .build()
        .unwrap();
    (database, client, tracker)
}

async fn count(client: &Client, table: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM {table}");
    client.query_one(&sql, &[]).await.unwrap().get(0)
}

async fn activities(database: &TestDatabase) -> i64 {
    count(&database.connect().await, "turbobackend.project_actions").await
}

#[tokio::test]
async fn an_activity_in_the_callers_transaction_commits_and_rolls_back_with_it() {
    let (database, mut client, tracker) = set_up(true).await;
    for (commit, expected) in [(false, 0), (true, 1)] {
        let tx = client.transaction().await.unwrap();
        tracker
            .scope(in_transaction("p", &tx, "users".into()))
            .await
            .unwrap();
        if commit {
            tx.commit().await.unwrap();
        } else {
            tx.rollback().await.unwrap();
        }
        assert_eq!(activities(&database).await, expected);
        assert_eq!(count(&client, "work").await, expected);
    }
    let store = PostgresStore::new(database.url()).unwrap();
    let page = store.timeline(Query::project("p")).await.unwrap();
    assert_eq!(
        page.activities[0].action_details.as_deref(),
        Some("table users")
    );
    assert_eq!(tracker.stats().stored, 2);
}

#[tokio::test]
async fn a_failed_activity_leaves_the_callers_transaction_and_result_as_they_are() {
    // The table of activities does not exist.
    let (_database, mut client, tracker) = set_up(false).await;
    let tx = client.transaction().await.unwrap();
    tracker
        .scope(in_transaction("p", &tx, "users".into()))
        .await
        .unwrap();
    tx.execute("INSERT INTO work VALUES ('after')", &[])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(count(&client, "work").await, 2);
    let stats = tracker.stats();
    assert_eq!((stats.recorded, stats.dropped.client_failed), (1, 1));
}

#[tokio::test]
async fn a_body_that_fails_in_a_transaction_records_nothing() {
    let (database, mut client, tracker) = set_up(true).await;
    client.batch_execute("DROP TABLE work").await.unwrap();
    let tx = client.transaction().await.unwrap();
    assert!(
        tracker
            .scope(in_transaction("p", &tx, "users".into()))
            .await
            .is_err()
    );
    drop(tx);
    assert_eq!(activities(&database).await, 0);
    assert_eq!(tracker.stats().recorded, 0);
}

#[tokio::test]
async fn a_mutable_transaction_a_client_and_a_pooled_client_are_recorded_on() {
    let (database, mut client, tracker) = set_up(true).await;
    let mut tx = client.transaction().await.unwrap();
    assert_eq!(
        tracker
            .scope(in_exclusive_transaction("p", &mut tx))
            .await
            .unwrap(),
        1
    );
    tx.commit().await.unwrap();
    assert_eq!(tracker.scope(on_client("p", &client)).await.unwrap(), 1);

    let manager =
        deadpool_postgres::Manager::new(database.url().parse().unwrap(), tokio_postgres::NoTls);
    let pool = deadpool_postgres::Pool::builder(manager)
        .max_size(1)
        .build()
        .unwrap();
    let pooled = pool.get().await.unwrap();
    Pooled { pool, tracker }.create("p", &pooled).await;
    assert_eq!(activities(&database).await, 3);
}

#[tokio::test]
async fn a_future_that_records_in_a_transaction_stays_send() {
    fn require_send<T: Send>(_: T) {}
    let (_database, mut client, _tracker) = set_up(false).await;
    let tx = client.transaction().await.unwrap();
    require_send(in_transaction("p", &tx, String::new()));
}

#[tracked(action = "deployment", details = "{text}")]
async fn with_text(user_id: &str, request_id: &str, project_id: &str, text: &str) {
    let _ = (user_id, request_id, project_id, text);
}

async fn stored(url: &str) -> Vec<Activity> {
    let store = PostgresStore::new(url).unwrap();
    store
        .timeline(Query::project("p"))
        .await
        .unwrap()
        .activities
}

#[tokio::test]
async fn nuls_a_megabyte_and_empty_ids_arrive_repaired() {
    let database = TestDatabase::create().await;
    let store = PostgresStore::new(database.url()).unwrap();
    store.migrate().await.unwrap();
    let tracker = Tracker::builder().store(store).build().unwrap();
    tracker
        .scope(with_text("", "r\0", "p", &"é".repeat(1 << 20)))
        .await;
    tracker.scope(with_text("u", "", "p", "a\0b")).await;
    let stats = tracker.shutdown(LIMIT).await;
    assert_eq!(stats.stored, 2, "{stats:?}");
    let stored = stored(database.url()).await;
    assert_eq!(stored[0].action_details.as_deref(), Some("a\u{FFFD}b"));
    assert_eq!(stored[0].request_id, None);
    assert_eq!(stored[1].user_id, None);
    assert_eq!(stored[1].request_id.as_deref(), Some("r\u{FFFD}"));
    assert_eq!(
        stored[1].action_details.as_ref().unwrap().chars().count(),
        DETAILS_CHARS_MAX
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_for_a_moment_loses_nothing() {
    let mut server = ExclusiveServer::new(&ServerOptions::default());
    let store = PostgresStore::new(server.url()).unwrap();
    store.migrate().await.unwrap();
    let tracker = Tracker::builder()
        .store(store)
        .batch_age(Duration::from_millis(1))
        .retry_delays(Duration::from_millis(1), Duration::from_millis(100))
        .build()
        .unwrap();
    for round in 0..3 {
        tracker
            .scope(with_text("u", "r", "p", &format!("{round} up")))
            .await;
        if round == 1 {
            server.kill();
        } else {
            server.stop();
        }
        tracker
            .scope(with_text("u", "r", "p", &format!("{round} down")))
            .await;
        server.start();
    }
    let stats = tracker.shutdown(LIMIT).await;
    assert_eq!((stats.recorded, stats.stored), (6, 6), "{stats:?}");
    assert_eq!(stored(&server.url()).await.len(), 6);
}
