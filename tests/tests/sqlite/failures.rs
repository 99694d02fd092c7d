//! SQLite files that can't be opened or used.

use std::{
    error::Error,
    fs,
    time::{Duration, Instant},
};

use rusqlite::Connection;
use tracker_core::{
    ActionType, Activity, SqliteStore, Store, StoreError,
    store::{FileProblem, OpenError},
    timeline::Query,
};

async fn write_one(store: &SqliteStore) -> Result<(), StoreError> {
    let activity = Activity::new(ActionType::Deployment).project_id("p");
    store.write(vec![activity].into()).await
}

#[test]
fn a_path_where_no_file_can_be_is_a_typed_error() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    for path in [
        directory.path().join("missing/tracker.db"),
        directory.path().to_owned(),
        file.join("tracker.db"),
        // Nobody can create a file there, not even root.
        "/proc/tracker.db".into(),
    ] {
        let error = SqliteStore::open(&path).unwrap_err();
        assert!(matches!(&error, OpenError::Sqlite { path: named, .. } if *named == path));
        assert!(error.to_string().contains("directory exists"), "{error}");
        assert!(error.source().is_some());
    }
}

#[test]
fn a_path_that_names_no_file_is_refused_and_nothing_is_made() {
    let error = SqliteStore::open("").unwrap_err();
    assert!(matches!(error, OpenError::EmptyPath), "{error:?}");
    let error = SqliteStore::open(":memory:").unwrap_err();
    assert!(matches!(error, OpenError::InMemory), "{error:?}");
    assert!(
        error.to_string().contains("would be gone with the program"),
        "{error}"
    );
    assert!(!fs::exists(":memory:").unwrap());
}

#[test]
fn a_file_that_is_no_database_is_refused_untouched() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tracker.db");
    let text = "A file of another kind. ".repeat(1_000);
    fs::write(&path, &text).unwrap();
    let error = SqliteStore::open(&path).unwrap_err();
    assert!(matches!(error, OpenError::Sqlite { .. }), "{error:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn a_name_that_sqlite_has_another_meaning_for_is_a_file_all_the_same() {
    let directory = tempfile::tempdir().unwrap();
    for name in [":memory:", "file:tracker.db?mode=memory", "a b?c#d%20"] {
        let path = directory.path().join(name);
        SqliteStore::open(&path).unwrap();
        assert!(path.is_file(), "{name}");
    }
}

#[tokio::test]
async fn a_damaged_file_is_a_typed_error() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tracker.db");
    let store = SqliteStore::open(&path).unwrap();
    store.migrate().await.unwrap();
    let rows = (0..100).map(|_| Activity::new(ActionType::Deployment).project_id("p"));
    store.write(rows.collect()).await.unwrap();
    drop(store);

    // The header stays, so the file can be opened. Every page after the first is lost.
    let mut bytes = fs::read(&path).unwrap();
    bytes[4096..].fill(0x55);
    fs::write(&path, bytes).unwrap();

    let store = SqliteStore::open(&path).unwrap();
    let error = store.timeline(Query::project("p")).await.unwrap_err();
    let StoreError::File { problem, .. } = error else {
        panic!("{error:?}");
    };
    assert_eq!(problem, FileProblem::Corrupt);
}

#[tokio::test]
async fn a_lock_held_for_longer_than_the_busy_timeout_is_a_typed_error_and_passes() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tracker.db");
    let timeout = Duration::from_millis(50);
    let store = SqliteStore::builder(&path)
        .busy_timeout(timeout)
        .open()
        .unwrap();
    store.migrate().await.unwrap();
    write_one(&store).await.unwrap();

    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    for error in [
        write_one(&store).await.unwrap_err(),
        store.migrate().await.unwrap_err(),
    ] {
        assert!(
            matches!(error, StoreError::Timeout { after, .. } if after == timeout),
            "{error:?}"
        );
        assert!(error.is_transient());
    }
    // Reading needs no lock, and opening waits for none.
    let page = store.timeline(Query::project("p")).await.unwrap();
    assert_eq!(page.activities.len(), 1);
    store.check().await.unwrap();
    SqliteStore::open(&path).unwrap();

    other.execute_batch("ROLLBACK").unwrap();
    write_one(&store).await.unwrap();
    let page = store.timeline(Query::project("p")).await.unwrap();
    assert_eq!(page.activities.len(), 2);
}

#[tokio::test]
async fn a_write_waits_for_a_lock_that_is_released_in_time() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tracker.db");
    let store = SqliteStore::builder(&path)
        .busy_timeout(Duration::MAX)
        .open()
        .unwrap();
    store.migrate().await.unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();

    let writing = tokio::spawn({
        let store = store.clone();
        async move { write_one(&store).await }
    });
    // The executor stays free meanwhile, although it has only this thread.
    let page = store.timeline(Query::project("p")).await.unwrap();
    assert!(page.activities.is_empty());
    assert!(!writing.is_finished());
    other.execute_batch("ROLLBACK").unwrap();
    writing.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_locked_new_file_opens_and_is_migrated_once_it_is_free() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tracker.db");
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let timeout = Duration::from_millis(50);
    let store = SqliteStore::builder(&path)
        .busy_timeout(timeout)
        .open()
        .unwrap();
    let started = Instant::now();
    let error = store.migrate().await.unwrap_err();
    assert!(matches!(error, StoreError::Timeout { .. }), "{error:?}");
    assert!(started.elapsed() >= timeout);
    other.execute_batch("COMMIT").unwrap();

    // SQLite itself does not wait for this lock when it switches a file to WAL mode.
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let started = Instant::now();
    let error = store.migrate().await.unwrap_err();
    assert!(matches!(error, StoreError::Timeout { .. }), "{error:?}");
    assert!(started.elapsed() >= timeout);
    other.execute_batch("COMMIT").unwrap();
    store.migrate().await.unwrap();
}

#[tokio::test]
async fn two_stores_on_one_file_write_side_by_side() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tracker.db");
    SqliteStore::open(&path).unwrap().migrate().await.unwrap();
    let writers = (0..2).map(|_| {
        let store = SqliteStore::open(&path).unwrap();
        tokio::spawn(async move {
            for _ in 0..50 {
                write_one(&store).await?;
            }
            Ok::<_, StoreError>(())
        })
    });
    for written in futures_util::future::join_all(writers).await {
        written.unwrap().unwrap();
    }
    let store = SqliteStore::open(&path).unwrap();
    let page = store
        .timeline(Query::project("p").limit(1_000))
        .await
        .unwrap();
    assert_eq!(page.activities.len(), 100);
}

#[tokio::test]
async fn it_is_described_by_its_path() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tracker.db");
    let store = SqliteStore::open(&path).unwrap();
    assert_eq!(store.describe(), format!("SQLite {}", path.display()));
}
