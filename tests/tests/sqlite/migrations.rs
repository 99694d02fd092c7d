//! Migrations of existing SQLite files.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use futures_util::future::{join_all, try_join_all};
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tracker_core::{
    ActionType, Activity, SqliteStore, Store, StoreError, store::Batch, timeline::Query,
};

const MIGRATIONS: [&str; 5] = [
    "V1__project_actions",
    "V2__timeline_index",
    "V3__untimed_index",
    "V4__requests_index",
    "V5__times_index",
];

const OLDER_TABLE: &str = "
    CREATE TABLE project_actions (
        action_id VARCHAR PRIMARY KEY, project_id VARCHAR, user_id VARCHAR, request_id VARCHAR,
        action_type VARCHAR, action_details VARCHAR, status VARCHAR, environment VARCHAR,
        cost_usd NUMERIC NOT NULL, created_at BIGINT
    );
    INSERT INTO project_actions VALUES
        ('act-1', 'p', 'user_42', 'req_1', 'deployment', 'deployed', 'success', 'production', 0.25, 1000),
        ('act-2', 'p', NULL, NULL, NULL, NULL, NULL, NULL, 1, 2000),
        ('act-3', 'p', 'user_42', 'req_2', 'unheard_of', 'it''s \"odd\"', 'odd', '', 0, NULL);
";

/// Creates a file with this SQL.
fn file(sql: &str) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tracker.db");
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(sql).unwrap();
    (directory, path)
}

fn columns(path: &Path) -> Vec<String> {
    let connection = Connection::open(path).unwrap();
    let mut select = connection
        .prepare("SELECT name FROM pragma_table_info('project_actions') ORDER BY name")
        .unwrap();
    let names = select.query_map([], |row| row.get(0)).unwrap();
    names.collect::<Result<_, _>>().unwrap()
}

const TEN_COLUMNS: [&str; 10] = [
    "action_details",
    "action_id",
    "action_type",
    "created_at",
    "environment",
    "project_id",
    "reference_ids",
    "request_id",
    "status",
    "user_id",
];

async fn write_one(store: &SqliteStore) -> Result<(), StoreError> {
    let activity = Activity::new(ActionType::Deployment)
        .project_id("p")
        .reference("deployment_id", "deploy_xyz789");
    store.write(vec![activity].into()).await
}

#[tokio::test]
async fn a_table_that_went_after_the_migrations_is_told() {
    let (_directory, path) = file("");
    let store = SqliteStore::open(&path).unwrap();
    store.migrate().await.unwrap();
    Connection::open(&path)
        .unwrap()
        .execute_batch("DROP TABLE project_actions")
        .unwrap();
    let error = store.migrate().await.unwrap_err();
    let source = error.source().unwrap().to_string();
    assert!(source.contains("drop tracker_schema_history"), "{source}");
}

#[tokio::test]
async fn an_empty_file_gets_the_ten_columns_and_wal_mode() {
    let (_directory, path) = file("");
    let store = SqliteStore::open(&path).unwrap();
    let unmigrated = store.check().await.unwrap_err();
    assert!(
        matches!(&unmigrated, StoreError::NotMigrated { table, .. } if table == "project_actions")
    );
    assert!(unmigrated.to_string().contains("`tracker migrate`"));

    assert_eq!(store.migrate().await.unwrap(), MIGRATIONS);
    assert_eq!(columns(&path), TEN_COLUMNS);
    let connection = Connection::open(&path).unwrap();
    let mode: String = connection
        .query_row("PRAGMA journal_mode", [], |row| row.get(0))
        .unwrap();
    assert_eq!(mode, "wal");
}

#[tokio::test]
async fn an_older_table_is_brought_up_with_every_row_and_again() {
    let (_directory, path) = file(OLDER_TABLE);
    let store = SqliteStore::open(&path).unwrap();
    let older = store.check().await.unwrap_err().to_string();
    assert!(
        older.contains("reference_ids")
            && older.contains("run the migrations, with `tracker migrate`"),
        "{older}"
    );

    assert_eq!(store.migrate().await.unwrap(), MIGRATIONS);
    assert!(store.migrate().await.unwrap().is_empty());
    store.check().await.unwrap();
    assert_eq!(columns(&path), TEN_COLUMNS);

    let page = store.timeline(Query::project("p")).await.unwrap();
    let json = serde_json::to_value(&page.activities).unwrap();
    assert_eq!(
        json,
        serde_json::json!([
            {
                "action_id": "act-2", "project_id": "p", "user_id": null, "request_id": null,
                "action_type": null, "action_details": null, "status": null,
                "environment": null, "reference_ids": {}, "created_at": 2000,
            },
            {
                "action_id": "act-1", "project_id": "p", "user_id": "user_42",
                "request_id": "req_1", "action_type": "deployment", "action_details": "deployed",
                "status": "success", "environment": "production", "reference_ids": {},
                "created_at": 1000,
            },
            {
                "action_id": "act-3", "project_id": "p", "user_id": "user_42",
                "request_id": "req_2", "action_type": "unheard_of",
                "action_details": "it's \"odd\"", "status": "odd", "environment": "",
                "reference_ids": {}, "created_at": null,
            },
        ])
    );
    write_one(&store).await.unwrap();
}

#[tokio::test]
async fn each_mixture_of_the_older_and_the_present_columns_is_brought_up() {
    for sql in [
        "ALTER TABLE project_actions DROP COLUMN cost_usd",
        "ALTER TABLE project_actions ADD COLUMN reference_ids JSONB",
        "ALTER TABLE project_actions ADD COLUMN of_another_program TEXT",
        "ALTER TABLE project_actions ADD COLUMN tenant_id TEXT NOT NULL DEFAULT 'x'",
    ] {
        let (_directory, path) = file(&format!("{OLDER_TABLE}; {sql}"));
        let store = SqliteStore::open(&path).unwrap();
        let older = store.check().await.unwrap_err();
        assert!(
            matches!(older, StoreError::Shape { .. }),
            "{older:?}: {sql}"
        );
        store.migrate().await.unwrap();
        store.check().await.unwrap();
        let columns = columns(&path);
        for column in TEN_COLUMNS {
            assert!(columns.iter().any(|name| name == column), "{column}: {sql}");
        }
        write_one(&store).await.unwrap();
        let page = store.timeline(Query::project("p")).await.unwrap();
        assert_eq!(page.activities.len(), 4, "{sql}");
    }
}

#[tokio::test]
async fn eight_stores_may_migrate_an_older_table_at_once() {
    let (_directory, path) = file(OLDER_TABLE);
    let migrations = (0..8).map(|_| {
        let store = SqliteStore::open(&path).unwrap();
        tokio::spawn(async move { store.migrate().await })
    });
    let mut applied = Vec::new();
    for names in try_join_all(migrations).await.unwrap() {
        applied.extend(names.unwrap());
    }
    assert_eq!(applied, MIGRATIONS);
    write_one(&SqliteStore::open(&path).unwrap()).await.unwrap();
}

#[tokio::test]
async fn eight_processes_may_migrate_a_new_file_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tracker.db");
    let start = |_| {
        Command::new(env!("CARGO_BIN_EXE_sqlite_migrator"))
            .arg(&path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    };
    let processes: Vec<_> = (0..8).map(start).collect();
    // Each process begins when its standard input ends. Waiting for its output closes that first.
    let ended = join_all(processes.into_iter().map(Child::wait_with_output)).await;
    let mut applied = Vec::new();
    for output in ended {
        let output = output.unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        let names = String::from_utf8(output.stdout).unwrap();
        applied.extend(names.lines().map(str::to_owned));
    }
    assert_eq!(applied, MIGRATIONS);
}

#[tokio::test]
async fn a_table_of_another_shape_is_refused_untouched() {
    let present = "action_id VARCHAR PRIMARY KEY, project_id VARCHAR, user_id VARCHAR, \
        request_id VARCHAR, action_type VARCHAR, action_details VARCHAR, status VARCHAR, \
        environment VARCHAR, created_at BIGINT, cost_usd NUMERIC";
    let table = |from: &str, to: &str| {
        format!(
            "CREATE TABLE project_actions ({}); INSERT INTO project_actions (project_id) VALUES (7)",
            present.replace(from, to)
        )
    };
    for (sql, named) in [
        (
            table("project_id VARCHAR", "project_id INTEGER"),
            "project_id",
        ),
        (table(" user_id VARCHAR,", ""), "user_id"),
        (
            table("created_at BIGINT", "created_at VARCHAR"),
            "created_at",
        ),
        (
            table(
                "action_id VARCHAR PRIMARY KEY",
                "action_id INTEGER PRIMARY KEY",
            ),
            "action_id",
        ),
        (table(" PRIMARY KEY", ""), "action_id"),
        (
            table(
                "cost_usd NUMERIC",
                "cost_usd NUMERIC, tenant_id TEXT NOT NULL",
            )
            .replace(
                "(project_id) VALUES (7)",
                "(action_id, tenant_id) VALUES ('a', 'x')",
            ),
            "tenant_id",
        ),
        (
            "CREATE VIEW project_actions AS SELECT 1 AS action_id".to_owned(),
            "view",
        ),
    ] {
        let (_directory, path) = file(&sql);
        let before = fs::read(&path).unwrap();
        let store = SqliteStore::open(&path).unwrap();
        for refused in [store.migrate().await.map(drop), store.check().await] {
            let refused = refused.unwrap_err();
            let StoreError::Shape {
                table, difference, ..
            } = &refused
            else {
                panic!("{refused:?}: {sql}");
            };
            assert_eq!(table, "project_actions");
            assert!(difference.contains(named), "{difference}: {sql}");
        }
        drop(store);
        assert!(fs::read(&path).unwrap() == before, "{sql}");
    }
}

#[tokio::test]
async fn writing_to_a_table_of_another_shape_says_so() {
    let (_directory, path) = file(OLDER_TABLE);
    let store = SqliteStore::open(&path).unwrap();
    let activity = Activity::new(ActionType::Deployment);
    for error in [
        store.write(vec![activity].into()).await.unwrap_err(),
        store.timeline(Query::project("p")).await.unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::Shape { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_repeated_id_is_passed_over_but_no_other_conflict() {
    let (_directory, path) = file("");
    let store = SqliteStore::open(&path).unwrap();
    store.migrate().await.unwrap();
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch("CREATE UNIQUE INDEX one_per_request ON project_actions (request_id)")
        .unwrap();
    let activities = (0..2).map(|_| Activity::new(ActionType::Deployment).request_id("req_1"));
    let refused = store
        .write(activities.collect::<Batch>())
        .await
        .unwrap_err();
    assert!(matches!(refused, StoreError::Refused { .. }), "{refused:?}");
    assert!(!refused.is_transient());
}

#[tokio::test]
async fn a_history_ahead_of_this_version_is_no_error() {
    let (_directory, path) = file("");
    let store = SqliteStore::open(&path).unwrap();
    store.migrate().await.unwrap();
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch(
            "INSERT INTO tracker_schema_history
             VALUES (99, 'of_a_later_version', '2030-01-01T00:00:00Z', '1')",
        )
        .unwrap();
    assert!(store.migrate().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_history_that_cannot_be_read_is_a_typed_error() {
    for damage in [
        "UPDATE tracker_schema_history SET applied_on = 'yesterday'",
        "UPDATE tracker_schema_history SET checksum = 'none'",
        "UPDATE tracker_schema_history SET name = NULL",
        "UPDATE tracker_schema_history SET checksum = '1'",
        "ALTER TABLE tracker_schema_history RENAME COLUMN name TO title",
    ] {
        let (_directory, path) = file("");
        let store = SqliteStore::open(&path).unwrap();
        store.migrate().await.unwrap();
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch(damage).unwrap();
        let error = store.migrate().await.unwrap_err();
        assert!(matches!(error, StoreError::Migration { .. }), "{error:?}");
        let step = error.source().unwrap();
        assert!(!error.to_string().contains(&step.to_string()), "{error}");
        if let Some(cause) = step.source() {
            assert!(!step.to_string().contains(&cause.to_string()), "{step}");
        }
        // Only migrations need the history.
        write_one(&store).await.unwrap();
    }
}
