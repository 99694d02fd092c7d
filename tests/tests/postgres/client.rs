//! Activities on the caller's own Postgres connection. They join its transaction and never break
//! it.

use std::sync::Arc;

use futures_util::FutureExt;
use tokio_postgres::Client as PgClient;
use tracker_core::{
    ActionType, Activity, Client, PostgresStore, Store, StoreError,
    store::{DEFAULT_SCHEMA, postgres::ConnectionOptions},
};
use tracker_tests::postgres::TestDatabase;

/// Asserts that the clients are those of the re-exported crates, which a user of the library alone
/// can name.
const _: () = {
    use tracker_core::store::postgres::{deadpool_postgres, tokio_postgres};

    const fn is_client<C: Client>() {}
    is_client::<&tokio_postgres::Client>();
    is_client::<&mut tokio_postgres::Transaction<'_>>();
    is_client::<&deadpool_postgres::Client>();
    is_client::<&mut deadpool_postgres::Transaction<'_>>();
};

/// Creates a migrated database with a table `work` of the caller's.
async fn database() -> (TestDatabase, PgClient) {
    let database = TestDatabase::create().await;
    let store = PostgresStore::new(database.url()).unwrap();
    store.migrate().await.unwrap();
    let client = database.connect().await;
    client
        .batch_execute("CREATE TABLE work (line TEXT)")
        .await
        .unwrap();
    (database, client)
}

fn activity() -> Activity {
    Activity::new(ActionType::Deployment).reference("deployment_id", 7)
}

/// Returns an activity that the table refuses.
fn refused() -> Activity {
    activity().details("a\0b")
}

/// Returns the number of the caller's rows and the number of activities.
async fn counts(database: &TestDatabase) -> (i64, i64) {
    let sql =
        "SELECT (SELECT count(*) FROM work), (SELECT count(*) FROM turbobackend.project_actions)";
    let row = database.connect().await.query_one(sql, &[]).await.unwrap();
    (row.get(0), row.get(1))
}

#[tokio::test]
async fn a_plain_client_writes_at_once_and_only_once() {
    let (database, client) = database().await;
    let activity = activity();
    for _ in 0..2 {
        client
            .insert(DEFAULT_SCHEMA, activity.clone())
            .await
            .unwrap();
    }
    let error = client.insert(DEFAULT_SCHEMA, refused()).await.unwrap_err();
    assert!(matches!(error, StoreError::Refused { .. }), "{error:?}");
    let error = client.insert("a\0b", activity.clone()).await.unwrap_err();
    assert!(matches!(error, StoreError::Refused { .. }), "{error:?}");
    let error = client
        .insert("elsewhere", activity.clone())
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::NotMigrated { .. }), "{error:?}");
    assert_eq!(counts(&database).await, (0, 1));
}

#[tokio::test]
async fn an_activity_commits_with_the_transaction() {
    let (database, mut client) = database().await;
    let transaction = client.transaction().await.unwrap();
    work(&transaction).await;
    transaction
        .insert(DEFAULT_SCHEMA, activity())
        .await
        .unwrap();
    work(&transaction).await;
    assert_eq!(counts(&database).await, (0, 0));
    transaction.commit().await.unwrap();
    assert_eq!(counts(&database).await, (2, 1));
}

#[tokio::test]
async fn an_activity_rolls_back_with_the_transaction() {
    let (database, mut client) = database().await;
    let transaction = client.transaction().await.unwrap();
    transaction
        .insert(DEFAULT_SCHEMA, activity())
        .await
        .unwrap();
    transaction.rollback().await.unwrap();
    assert_eq!(counts(&database).await, (0, 0));
}

#[tokio::test]
async fn a_failed_insert_leaves_the_transaction_usable() {
    let (database, mut client) = database().await;
    let transaction = client.transaction().await.unwrap();
    work(&transaction).await;
    for (schema, activity) in [(DEFAULT_SCHEMA, refused()), ("elsewhere", activity())] {
        transaction
            .insert(schema, activity.clone())
            .await
            .unwrap_err();
        work(&transaction).await;
    }
    transaction
        .insert(DEFAULT_SCHEMA, activity())
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(counts(&database).await, (3, 1));
}

#[tokio::test]
async fn a_dropped_insert_leaves_the_transaction_usable_and_writes_nothing() {
    let (database, mut client) = database().await;
    let transaction = client.transaction().await.unwrap();
    work(&transaction).await;
    for activity in [activity(), refused()] {
        // The insert is sent by the first poll, and dropped before there is an answer.
        let insert = transaction.insert(DEFAULT_SCHEMA, activity.clone());
        assert!(insert.now_or_never().is_none());
        work(&transaction).await;
        // This one is never polled.
        drop(transaction.insert(DEFAULT_SCHEMA, activity.clone()));
        work(&transaction).await;
    }
    transaction.commit().await.unwrap();
    assert_eq!(counts(&database).await, (5, 0));
}

#[tokio::test]
async fn a_transaction_that_failed_before_stays_failed_and_the_savepoints_around_are_kept() {
    let (database, mut client) = database().await;
    let mut transaction = client.transaction().await.unwrap();
    work(&transaction).await;
    let inner = transaction.savepoint("callers").await.unwrap();
    work(&inner).await;
    inner.batch_execute("SELECT 1 / 0").await.unwrap_err();
    inner.insert(DEFAULT_SCHEMA, activity()).await.unwrap_err();
    inner.batch_execute("SELECT 1").await.unwrap_err();
    inner.rollback().await.unwrap();
    work(&transaction).await;
    let inner = transaction.transaction().await.unwrap();
    inner.insert(DEFAULT_SCHEMA, refused()).await.unwrap_err();
    inner.insert(DEFAULT_SCHEMA, activity()).await.unwrap();
    inner.commit().await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(counts(&database).await, (2, 1));
}

#[tokio::test]
async fn pooled_clients_their_transactions_and_references_do_the_same() {
    let (database, _client) = database().await;
    let options = ConnectionOptions::parse(database.url()).unwrap();
    let pool = deadpool_postgres::Pool::builder(options.manager().unwrap())
        .build()
        .unwrap();
    let mut client = pool.get().await.unwrap();
    client.insert(DEFAULT_SCHEMA, activity()).await.unwrap();
    (&&client).insert(DEFAULT_SCHEMA, activity()).await.unwrap();
    let wrapper: &deadpool_postgres::ClientWrapper = &client;
    wrapper.insert(DEFAULT_SCHEMA, activity()).await.unwrap();
    let exclusive = &mut Box::new(&mut client);
    exclusive.insert(DEFAULT_SCHEMA, activity()).await.unwrap();

    let mut transaction = client.transaction().await.unwrap();
    let exclusive = &mut transaction;
    exclusive
        .insert(DEFAULT_SCHEMA, refused())
        .await
        .unwrap_err();
    let shared = &Arc::new(&transaction);
    shared.insert(DEFAULT_SCHEMA, activity()).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(counts(&database).await, (0, 5));
}

#[tokio::test]
async fn the_callers_time_limit_governs() {
    let (database, mut client) = database().await;
    let other = database.connect().await;
    other
        .batch_execute("BEGIN; LOCK TABLE turbobackend.project_actions")
        .await
        .unwrap();
    let transaction = client.transaction().await.unwrap();
    transaction
        .batch_execute("SET LOCAL statement_timeout = '50ms'")
        .await
        .unwrap();
    let error = transaction
        .insert(DEFAULT_SCHEMA, activity())
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Busy { .. }), "{error:?}");
    work(&transaction).await;
    transaction.commit().await.unwrap();
    other.batch_execute("COMMIT").await.unwrap();
    assert_eq!(counts(&database).await, (1, 0));
}

async fn work(transaction: &tokio_postgres::Transaction<'_>) {
    transaction
        .execute("INSERT INTO work VALUES ('done')", &[])
        .await
        .unwrap();
}
