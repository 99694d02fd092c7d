//! Indexes that other people made on the Postgres table. Some would lose rows.

use tracker_core::{ActionType, Activity, PostgresStore, Store, StoreError, store::Batch};
use tracker_tests::postgres::TestDatabase;

#[tokio::test]
async fn a_table_whose_other_indexes_would_swallow_rows_is_refused() {
    let create = |columns: &str| {
        format!("CREATE UNIQUE INDEX odd ON turbobackend.project_actions {columns}")
    };
    for odd in [
        create("(request_id)"),
        create("(project_id, created_at)"),
        create("(lower(action_id))"),
        create("(action_id) WHERE status = 'success'"),
        create("(request_id) WHERE request_id <> ''"),
        "ALTER TABLE turbobackend.project_actions ADD CONSTRAINT odd UNIQUE (request_id) DEFERRABLE".to_owned(),
        "ALTER TABLE turbobackend.project_actions ADD CONSTRAINT odd EXCLUDE (request_id WITH =)".to_owned(),
    ] {
        let database = TestDatabase::create().await;
        let client = database.connect().await;
        let store = PostgresStore::new(database.url()).unwrap();
        let refused = |error: StoreError| {
            let said = error.to_string();
            assert!(matches!(error, StoreError::Shape { .. }), "{odd}: {said}");
            assert!(said.contains("the index odd ") && said.contains("drop it"), "{odd}: {said}");
        };
        client
            .batch_execute(include_str!("../older_table/postgres.sql"))
            .await
            .unwrap();
        client.batch_execute(&odd).await.unwrap();
        refused(store.migrate().await.unwrap_err());
        client
            .batch_execute("DROP TABLE turbobackend.project_actions")
            .await
            .unwrap();
        store.migrate().await.unwrap();
        client.batch_execute(&odd).await.unwrap();
        refused(store.check().await.unwrap_err());
    }
}

#[tokio::test]
async fn indexes_that_swallow_nothing_are_no_obstacle() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    let store = PostgresStore::new(database.url()).unwrap();
    store.migrate().await.unwrap();
    client
        .batch_execute(
            "ALTER TABLE turbobackend.project_actions DROP CONSTRAINT project_actions_pkey;
            CREATE UNIQUE INDEX another_name ON turbobackend.project_actions (action_id) INCLUDE (status);
            CREATE UNIQUE INDEX yet_another ON turbobackend.project_actions (action_id DESC);
            CREATE INDEX plain ON turbobackend.project_actions (request_id)",
        )
        .await
        .unwrap();
    store.check().await.unwrap();
    assert_eq!(store.migrate().await.unwrap(), [""; 0]);
    let batch = Batch::from(vec![Activity::new(ActionType::Deployment)]);
    store.write(batch.clone()).await.unwrap();
    store.write(batch.retry()).await.unwrap();
}
