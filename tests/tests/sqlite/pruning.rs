//! Pruning where some rows can't be removed: they are passed over, counted and named, and all others go.

use rusqlite::Connection;
use tempfile::TempDir;
use tracker_core::{SqliteStore, Store, store::Pruning};
use tracker_tests::pruning::{left, numbered, prune};

/// Creates a store with `rows` rows, some of which are kept by the statements in `keeping`.
async fn store(rows: i64, keeping: &str) -> (TempDir, SqliteStore) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tracker.db");
    let store = SqliteStore::open(&path).unwrap();
    store.migrate().await.unwrap();
    store
        .write((0..rows).map(numbered).collect())
        .await
        .unwrap();
    Connection::open(path)
        .unwrap()
        .execute_batch(keeping)
        .unwrap();
    (directory, store)
}

#[tokio::test]
async fn rows_that_a_foreign_key_refers_to_stay_and_all_others_go() {
    for constraint in ["", "DEFERRABLE INITIALLY DEFERRED"] {
        let comments = format!(
            "CREATE TABLE comments (action_id VARCHAR REFERENCES project_actions {constraint});
            INSERT INTO comments VALUES ('000000'), ('000017'), ('000018'), ('000420'), ('000599'), ('000900')"
        );
        let (_directory, store) = store(1_000, &comments).await;
        let named = "the foreign key (action_id) of the table comments";
        assert_eq!(store.prune_obstacles().await.unwrap(), [named]);
        let outcome = prune(&store, Pruning::before(600).limit(50)).await;
        assert_eq!(outcome.removed, 595);
        let because = format!("{named}: FOREIGN KEY constraint failed");
        assert_eq!(outcome.kept, [(because, Some(5))]);
        let left = left(&store).await;
        assert_eq!(
            left[..6],
            ["000000", "000017", "000018", "000420", "000599", "000600"]
        );
        assert_eq!(left.len(), 405);
    }
}

#[tokio::test]
async fn more_rows_that_stay_than_a_batch_has_hold_up_none_behind_them() {
    let trigger =
        "CREATE TRIGGER legal_hold BEFORE DELETE ON project_actions WHEN OLD.created_at < 300
        BEGIN SELECT RAISE(ABORT, 'it is held'); END";
    let (_directory, store) = store(500, trigger).await;
    let outcome = prune(&store, Pruning::before(i64::MAX).limit(20)).await;
    assert_eq!(outcome.removed, 200);
    let because = "the trigger legal_hold: it is held".to_owned();
    assert_eq!(outcome.kept, [(because, Some(300))]);
}

#[tokio::test]
async fn rows_that_a_trigger_passes_over_are_told_of() {
    let trigger =
        "CREATE TRIGGER legal_hold BEFORE DELETE ON project_actions WHEN OLD.created_at % 7 = 3
        BEGIN SELECT RAISE(IGNORE); END";
    let (_directory, store) = store(70, trigger).await;
    let outcome = prune(&store, Pruning::before(i64::MAX).limit(9)).await;
    assert_eq!(outcome.removed, 60);
    let because = "the trigger legal_hold: they were passed over".to_owned();
    assert_eq!(outcome.kept, [(because, Some(10))]);
}
