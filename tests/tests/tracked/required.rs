//! No order without its activity: `required`, `try_record_in`, and the alternative `or_journal`.

use std::time::Duration;

use tokio_postgres::{Client, Transaction};
use tracker_core::{
    ActionType, Activity, Journal, MemoryStore, PostgresStore, RecordError, Status, Store,
    StoreError, Tracker, TrackerBuilder, testing::capture, timeline::Query, tracked,
};
use tracker_tests::{
    journals::{away, journaled, wait_journaled},
    log::Log,
    postgres::TestDatabase,
};

#[derive(Debug, thiserror::Error)]
enum OrderError {
    #[error("the database failed")]
    Database(#[from] tokio_postgres::Error),
    #[error("the order has no activity")]
    Untracked(#[from] RecordError),
}

async fn order(tx: &Transaction<'_>) -> Result<u64, tokio_postgres::Error> {
    tx.execute("INSERT INTO orders VALUES ('order')", &[]).await
}

#[tracked(action = "deployment", client = tx, required)]
async fn required(project_id: &str, tx: &Transaction<'_>) -> Result<u64, OrderError> {
    Ok(order(tx).await?)
}

#[tracked(
    action = "deployment",
    client = tx,
    required,
    record = "always",
    details = "{output} placed",
    error_details = "failed: {error}"
)]
async fn required_always(project_id: &str, tx: &mut Transaction<'_>) -> Result<u64, OrderError> {
    Ok(order(tx).await?)
}

#[tracked(action = "deployment", client = tx, or_journal, details = "{rows}", user = rows.len())]
async fn or_journal(
    project_id: &str,
    tx: &Transaction<'_>,
    rows: String,
) -> Result<u64, OrderError> {
    let _ = rows;
    Ok(order(tx).await?)
}

/// Creates a database with a table of orders and the table of activities, and a connection of a
/// role that may insert orders alone.
async fn set_up() -> (TestDatabase, Client) {
    let database = TestDatabase::create().await;
    let store = PostgresStore::new(database.url()).unwrap();
    store.migrate().await.unwrap();
    let owner = database.connect().await;
    owner
        .batch_execute("CREATE TABLE orders (line TEXT)")
        .await
        .unwrap();
    (database, owner)
}

/// Makes every insert of an activity fail, even one by the table's owner.
const FORBID: &str = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN RAISE EXCEPTION 'no activities' USING ERRCODE = 'insufficient_privilege'; END$$;
    CREATE TRIGGER refuse BEFORE INSERT ON turbobackend.project_actions
    FOR EACH ROW EXECUTE FUNCTION refuse()";

async fn counts(database: &TestDatabase) -> (i64, i64) {
    let sql =
        "SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM turbobackend.project_actions)";
    let row = database.connect().await.query_one(sql, &[]).await.unwrap();
    (row.get(0), row.get(1))
}

fn memory() -> (MemoryStore, TrackerBuilder) {
    let store = MemoryStore::new();
    (store.clone(), Tracker::builder().store(store))
}

#[tokio::test]
async fn an_order_and_its_required_activity_commit_together() {
    let (database, mut client) = set_up().await;
    let tracker = memory().1.build().unwrap();
    let mut tx = client.transaction().await.unwrap();
    assert_eq!(tracker.scope(required("p", &tx)).await.unwrap(), 1);
    assert_eq!(
        tracker.scope(required_always("p", &mut tx)).await.unwrap(),
        1
    );
    tx.commit().await.unwrap();
    assert_eq!(counts(&database).await, (2, 2));
    assert_eq!(tracker.stats().stored, 2);
}

#[tokio::test]
async fn there_is_no_order_without_its_required_activity() {
    let (database, mut client) = set_up().await;
    client.batch_execute(FORBID).await.unwrap();
    let (store, builder) = memory();
    let tracker = builder.build().unwrap();

    let tx = client.transaction().await.unwrap();
    let error = tracker.scope(required("p", &tx)).await.unwrap_err();
    let OrderError::Untracked(RecordError::Client { source, .. }) = error else {
        panic!("{error:?}");
    };
    assert!(matches!(source, StoreError::Denied { .. }), "{source:?}");
    // The caller's `?` drops the transaction.
    drop(tx);
    assert_eq!(counts(&database).await, (0, 0));

    // The call is recorded as a failure if the attribute records failures.
    let mut tx = client.transaction().await.unwrap();
    tracker
        .scope(required_always("p", &mut tx))
        .await
        .unwrap_err();
    drop(tx);
    let stats = tracker.shutdown(Duration::from_secs(30)).await;
    assert_eq!((stats.recorded, stats.stored), (1, 1), "{stats:?}");
    let [failure] = &store.activities()[..] else {
        panic!("{:?}", store.activities());
    };
    assert_eq!(failure.status, Some(Status::Failure));
    assert_eq!(
        failure.action_details.as_deref(),
        Some("failed: the order has no activity")
    );
    assert_eq!(counts(&database).await, (0, 0));
}

#[tokio::test]
async fn a_refused_required_activity_leaves_a_transaction_that_can_be_committed() {
    let (database, mut client) = set_up().await;
    client.batch_execute(FORBID).await.unwrap();
    let tracker = memory().1.build().unwrap();
    let tx = client.transaction().await.unwrap();
    tracker.scope(required("p", &tx)).await.unwrap_err();
    tx.commit().await.unwrap();
    assert_eq!(counts(&database).await, (1, 0));
}

#[tokio::test]
async fn a_function_that_fails_by_itself_returns_its_own_error() {
    let (database, mut client) = set_up().await;
    client.batch_execute("DROP TABLE orders").await.unwrap();
    let tx = client.transaction().await.unwrap();
    let (outcome, activities) = capture(required("p", &tx)).await;
    assert!(
        matches!(outcome, Err(OrderError::Database(_))),
        "{outcome:?}"
    );
    assert!(activities.is_empty());
    drop(database);
}

#[tokio::test]
async fn what_is_required_fails_where_no_tracker_is_installed() {
    let (database, mut client) = set_up().await;
    let tx = client.transaction().await.unwrap();
    let error = required("p", &tx).await.unwrap_err();
    assert!(
        matches!(error, OrderError::Untracked(RecordError::NotInstalled)),
        "{error:?}"
    );
    drop(tx);
    assert_eq!(counts(&database).await, (0, 0));
}

#[tokio::test]
async fn by_hand_the_caller_is_told_and_nothing_is_logged() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.subscriber(tracing::Level::WARN));
    let (database, mut client) = set_up().await;
    let tracker = memory().1.build().unwrap();
    let activity = || Activity::new(ActionType::Deployment);
    let tx = client.transaction().await.unwrap();
    tracker.try_record_in(&tx, activity()).await.unwrap();
    tx.batch_execute(FORBID).await.unwrap();
    let error = tracker.try_record_in(&tx, activity()).await.unwrap_err();
    assert!(matches!(error, RecordError::Client { .. }), "{error:?}");
    tx.commit().await.unwrap();
    assert_eq!(counts(&database).await, (0, 1));
    assert_eq!(log.text(), "");
    let stats = tracker.stats();
    assert_eq!((stats.recorded, stats.stored), (1, 1), "{stats:?}");
}

#[tokio::test]
async fn what_the_client_refuses_goes_through_the_journal_where_the_attribute_says_so() {
    let (database, mut client) = set_up().await;
    client.batch_execute(FORBID).await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let tracker = journaled(&directory, &away()).build().unwrap();
    let tx = client.transaction().await.unwrap();
    tracker
        .scope(or_journal("p", &tx, "three".to_owned()))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(counts(&database).await, (1, 0));
    wait_journaled(&tracker, 1);
    let stats = tracker.stats();
    assert_eq!((stats.recorded, stats.dropped.total()), (1, 0), "{stats:?}");
    drop(tracker);

    let (store, builder) = memory();
    let tracker = builder
        .journal(Journal::new(directory.path()))
        .build()
        .unwrap();
    tracker.shutdown(Duration::from_secs(30)).await;
    let [activity] = &store.activities()[..] else {
        panic!("{:?}", store.activities());
    };
    assert_eq!(activity.action_details.as_deref(), Some("three"));
    assert_eq!(activity.user_id.as_deref(), Some("5"));
}

#[tokio::test]
async fn what_the_client_takes_does_not_go_through_the_journal() {
    let (database, mut client) = set_up().await;
    let (store, builder) = memory();
    let tracker = builder.build().unwrap();
    let tx = client.transaction().await.unwrap();
    tracker
        .scope(or_journal("p", &tx, String::new()))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    tracker.shutdown(Duration::from_secs(30)).await;
    assert!(store.activities().is_empty());
    let store = PostgresStore::new(database.url()).unwrap();
    let page = store.timeline(Query::project("p")).await.unwrap();
    assert_eq!(page.activities.len(), 1);
}
