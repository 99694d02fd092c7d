//! Activities on the caller's own SQLite connection.

use futures_util::FutureExt;
use rusqlite::Connection;
use tempfile::TempDir;
use tracker_core::{
    ActionType, Activity, Client, SqliteStore, Store, StoreError, store::DEFAULT_SCHEMA,
};

/// Asserts that the connections are those of the re-exported crate, which a user of the library
/// alone can name.
mod reexported {
    use tracker_core::{Client, store::sqlite::rusqlite};

    const fn is_client<C: Client>() {}

    const _: () = {
        is_client::<&rusqlite::Connection>();
        is_client::<&mut rusqlite::Transaction<'_>>();
    };
}

/// Creates a migrated file with a table `work` of the caller's, and a connection to it.
async fn file() -> (TempDir, Connection) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tracker.db");
    SqliteStore::open(&path).unwrap().migrate().await.unwrap();
    let connection = Connection::open(path).unwrap();
    connection
        .execute_batch("CREATE TABLE work (line TEXT)")
        .unwrap();
    (directory, connection)
}

fn activity() -> Activity {
    Activity::new(ActionType::Deployment).reference("deployment_id", 7)
}

/// Inserts an activity like `record_in` does. The future is ready at once.
fn insert(client: impl Client, activity: Activity) -> Result<(), StoreError> {
    client
        .insert(DEFAULT_SCHEMA, activity)
        .now_or_never()
        .expect("it is over when the method returns")
}

fn counts(connection: &Connection) -> (i64, i64) {
    let sql = "SELECT (SELECT count(*) FROM work), (SELECT count(*) FROM project_actions)";
    connection
        .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
}

#[tokio::test]
#[expect(
    clippy::needless_borrows_for_generic_args,
    reason = "a reference to a reference is what is tested"
)]
async fn a_connection_writes_at_once_and_only_once() {
    let (_directory, connection) = file().await;
    let activity = activity();
    insert(&connection, activity.clone()).unwrap();
    insert(&mut &connection, activity.clone()).unwrap();
    assert_eq!(counts(&connection), (0, 1));
}

#[tokio::test]
async fn an_activity_commits_and_rolls_back_with_the_transaction() {
    let (_directory, mut connection) = file().await;
    let transaction = connection.transaction().unwrap();
    insert(&transaction, activity()).unwrap();
    transaction.rollback().unwrap();
    assert_eq!(counts(&connection), (0, 0));
    let transaction = connection.transaction().unwrap();
    insert(&transaction, activity()).unwrap();
    transaction.commit().unwrap();
    assert_eq!(counts(&connection), (0, 1));
}

#[tokio::test]
async fn a_failed_insert_leaves_the_transaction_usable() {
    let (_directory, mut connection) = file().await;
    connection
        .execute_batch(
            "CREATE TRIGGER refuse BEFORE INSERT ON project_actions WHEN new.environment = 'moon'
                BEGIN SELECT RAISE(ABORT, 'no activities there'); END",
        )
        .unwrap();
    let transaction = connection.transaction().unwrap();
    transaction
        .execute("INSERT INTO work VALUES ('done')", [])
        .unwrap();
    let error = insert(&transaction, activity().environment("moon")).unwrap_err();
    assert!(matches!(error, StoreError::Refused { .. }), "{error:?}");
    transaction
        .execute("INSERT INTO work VALUES ('done')", [])
        .unwrap();
    insert(&transaction, activity()).unwrap();
    transaction.commit().unwrap();
    assert_eq!(counts(&connection), (2, 1));
}

#[test]
fn a_file_without_the_table_asks_for_the_migrations() {
    let connection = Connection::open_in_memory().unwrap();
    let error = insert(&connection, activity()).unwrap_err();
    assert!(matches!(error, StoreError::NotMigrated { .. }), "{error:?}");
    connection
        .execute_batch("CREATE TABLE project_actions (action_id TEXT)")
        .unwrap();
    let error = insert(&connection, activity()).unwrap_err();
    assert!(matches!(error, StoreError::Shape { .. }), "{error:?}");
}
