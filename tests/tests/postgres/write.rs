//! Batches written to a Postgres table: by COPY, by the insert of a retry, and repeatedly.

use serde_json::json;
use tokio_postgres::Client;
use tracker_core::{
    ActionType, Activity, PostgresStore, Status, Store, StoreError, store::Batch, timeline::Query,
};
use tracker_tests::{errors::all_text, postgres::TestDatabase};

/// Makes the server record the statement that inserts each row.
const NOTE_STATEMENTS: &str = "
    CREATE TABLE turbobackend.statements (text TEXT);
    CREATE FUNCTION turbobackend.note() RETURNS trigger SECURITY DEFINER LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO turbobackend.statements
            VALUES (substring(current_query() FROM 'COPY|INSERT'));
            RETURN NULL;
        END
    $$;
    CREATE TRIGGER note AFTER INSERT ON turbobackend.project_actions
        FOR EACH STATEMENT EXECUTE FUNCTION turbobackend.note();
";

const MAY_INSERT: &str = "
    GRANT USAGE ON SCHEMA turbobackend TO {role};
    GRANT INSERT ON turbobackend.project_actions TO {role};
";

async fn migrated() -> (TestDatabase, PostgresStore, Client) {
    let database = TestDatabase::create().await;
    let store = PostgresStore::new(database.url()).unwrap();
    store.migrate().await.unwrap();
    let client = database.connect().await;
    client.batch_execute(NOTE_STATEMENTS).await.unwrap();
    (database, store, client)
}

fn activities(count: usize) -> Vec<Activity> {
    (0..count)
        .map(|n| {
            Activity::new(ActionType::Deployment)
                .project_id("project_7")
                .details(format!("number {n}"))
                .reference("deployment_id", n)
        })
        .collect()
}

async fn count(client: &Client) -> i64 {
    let sql = "SELECT count(*) FROM turbobackend.project_actions";
    client.query_one(sql, &[]).await.unwrap().get(0)
}

async fn statements(client: &Client) -> Vec<String> {
    let sql = "SELECT text FROM turbobackend.statements";
    let rows = client.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn a_first_attempt_is_copied_and_a_retry_inserted() {
    let (_database, store, client) = migrated().await;
    store.write(activities(3).into()).await.unwrap();
    assert_eq!(statements(&client).await, ["COPY"]);
    store
        .write(Batch::from(activities(3)).retry())
        .await
        .unwrap();
    assert_eq!(statements(&client).await, ["COPY", "INSERT"]);
    assert_eq!(count(&client).await, 6);
}

#[tokio::test]
async fn every_column_is_written_by_both_ways() {
    let (_database, store, client) = migrated().await;
    let full = Activity::new(ActionType::GithubPush)
        .project_id("project_7")
        .user_id("user_42")
        .request_id("req_9f2")
        .details("3 files — “pushed”\t\\N\n")
        .status(Status::from("rolled_back"))
        .environment("production")
        .reference("github_push_id", 7);
    let bare = Activity::new(ActionType::Deployment);
    let sql = "SELECT to_jsonb(actions) - 'action_id' - 'created_at'
        FROM turbobackend.project_actions AS actions
        WHERE action_id = ANY ($1) ORDER BY user_id NULLS LAST";

    let mut seen = Vec::new();
    for retry in [false, true] {
        let again = |activity: &Activity| {
            let mut activity = activity.clone();
            activity.action_id = Activity::new(ActionType::Deployment).action_id;
            activity
        };
        let batch = Batch::from(vec![again(&full), again(&bare)]);
        let ids: Vec<_> = batch
            .activities()
            .iter()
            .map(|activity| activity.action_id.clone())
            .collect();
        let batch = if retry { batch.retry() } else { batch };
        store.write(batch).await.unwrap();
        let rows = client.query(sql, &[&ids]).await.unwrap();
        let rows: Vec<serde_json::Value> = rows.iter().map(|row| row.get(0)).collect();
        seen.push(rows);
    }
    let expected = json!([
        {
            "project_id": "project_7", "user_id": "user_42", "request_id": "req_9f2",
            "action_type": "github_push", "action_details": "3 files — “pushed”\t\\N\n",
            "status": "rolled_back", "environment": "production",
            "reference_ids": {"github_push_id": "7"},
        },
        {
            "project_id": null, "user_id": null, "request_id": null,
            "action_type": "deployment", "action_details": null,
            "status": "success", "environment": null, "reference_ids": {},
        },
    ]);
    assert_eq!(json!(seen), json!([expected, expected]));
}

#[tokio::test]
async fn a_batch_written_again_adds_nothing_and_changes_nothing() {
    let (_database, store, client) = migrated().await;
    let batch = Batch::from(activities(100));
    store.write(batch.clone()).await.unwrap();
    let mut changed = batch.activities().to_vec();
    for activity in &mut changed {
        activity.action_details = Some("changed".to_owned());
    }
    for again in [
        batch.retry(),
        batch.clone(),
        Batch::from(changed.clone()),
        Batch::from(changed).retry(),
    ] {
        store.write(again).await.unwrap();
    }
    assert_eq!(count(&client).await, 100);
    let page = store
        .timeline(Query::project("project_7").limit(100))
        .await
        .unwrap();
    let details = |activity: &Activity| activity.action_details.clone();
    assert!(
        page.activities
            .iter()
            .all(|activity| details(activity).as_deref() != Some("changed"))
    );
}

#[tokio::test]
async fn a_half_written_batch_is_completed_by_its_retry() {
    let (_database, store, client) = migrated().await;
    let batch = Batch::from(activities(10));
    let half = batch.activities()[..5].to_vec();
    store.write(half.into()).await.unwrap();
    store.write(batch.retry()).await.unwrap();
    assert_eq!(count(&client).await, 10);
}

#[tokio::test]
async fn an_id_that_is_twice_in_a_batch_is_written_once() {
    let (_database, store, client) = migrated().await;
    for retry in [false, true] {
        let mut activities = activities(3);
        activities.extend(activities.clone());
        let batch = Batch::from(activities);
        let batch = if retry { batch.retry() } else { batch };
        store.write(batch).await.unwrap();
    }
    assert_eq!(count(&client).await, 6);
}

#[tokio::test]
async fn an_empty_batch_needs_no_server() {
    let store = PostgresStore::new("postgres://localhost:1/none").unwrap();
    store.write(Batch::from(Vec::new())).await.unwrap();
}

#[tokio::test]
async fn a_role_that_may_only_insert_writes_both_ways_and_passes_the_check() {
    let (database, _, client) = migrated().await;
    let url = database.create_role(MAY_INSERT).await;
    let store = PostgresStore::new(url).unwrap();
    store.check().await.unwrap();
    let batch = Batch::from(activities(3));
    store.write(batch.clone()).await.unwrap();
    store.write(batch.retry()).await.unwrap();
    // A duplicate row makes the COPY of a first attempt fall back to the insert.
    store.write(batch).await.unwrap();
    assert_eq!(count(&client).await, 3);

    let error = store.timeline(Query::project("p")).await.unwrap_err();
    assert!(matches!(error, StoreError::Denied { .. }), "{error:?}");
}

#[tokio::test]
async fn row_level_security_which_a_copy_can_not_do_is_no_obstacle() {
    let (database, _, client) = migrated().await;
    client
        .batch_execute(
            "ALTER TABLE turbobackend.project_actions ENABLE ROW LEVEL SECURITY;
            CREATE POLICY anyone ON turbobackend.project_actions FOR INSERT WITH CHECK (true)",
        )
        .await
        .unwrap();
    let url = database.create_role(MAY_INSERT).await;
    let store = PostgresStore::new(url).unwrap();
    store.write(activities(3).into()).await.unwrap();
    assert_eq!(count(&client).await, 3);
}

#[tokio::test]
async fn what_no_row_can_hold_is_refused_and_the_rest_of_the_store_works() {
    let (_database, store, client) = migrated().await;
    let nul = Activity::new(ActionType::Deployment).details("a\0b");
    let nul_reference = Activity::new(ActionType::Deployment).reference("id", "a\0b");
    // Together the columns make an index entry that is larger than a page of the index.
    let noise = (0..10_000_u64).map(|n| n.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_string());
    let noise: String = noise.collect();
    let long_id = Activity::new(ActionType::Deployment).project_id(noise);
    for activity in [nul, nul_reference, long_id] {
        let batch = Batch::from(vec![activity]);
        for batch in [batch.clone(), batch.retry()] {
            let error = store.write(batch).await.unwrap_err();
            let text = all_text(&error);
            assert!(text.contains("SQLSTATE"), "{text}");
            assert!(!matches!(error, StoreError::Unreachable { .. }), "{text}");
        }
    }
    let megabyte = Activity::new(ActionType::Deployment).details("x".repeat(1 << 20));
    store.write(vec![megabyte].into()).await.unwrap();
    assert_eq!(count(&client).await, 1);
}

#[tokio::test]
async fn a_refused_row_is_named_as_such_without_its_values() {
    let (_database, store, client) = migrated().await;
    client
        .batch_execute("ALTER TABLE turbobackend.project_actions ADD CHECK (environment <> 'moon')")
        .await
        .unwrap();
    let activity = Activity::new(ActionType::Deployment)
        .environment("moon")
        .details("something private");
    let batch = Batch::from(vec![activity]);
    for batch in [batch.clone(), batch.retry()] {
        let error = store.write(batch).await.unwrap_err();
        assert!(matches!(error, StoreError::Refused { .. }), "{error:?}");
        assert!(!error.is_transient());
        assert!(!all_text(&error).contains("private"));
    }
    assert_eq!(count(&client).await, 0);
}

#[tokio::test]
async fn a_row_that_another_unique_index_would_swallow_is_not_counted_as_written() {
    let (_database, store, client) = migrated().await;
    client
        .batch_execute(
            "CREATE UNIQUE INDEX one_per_request ON turbobackend.project_actions (request_id)",
        )
        .await
        .unwrap();
    let activity = || Activity::new(ActionType::Deployment).request_id("req_9f2");
    store.write(vec![activity()].into()).await.unwrap();
    let batch = Batch::from(vec![activity()]);
    for batch in [batch.clone(), batch.retry()] {
        let error = store.write(batch).await.unwrap_err();
        assert!(matches!(error, StoreError::Shape { .. }), "{error:?}");
        assert!(error.to_string().contains("one_per_request"), "{error}");
    }
    assert_eq!(count(&client).await, 1);
}

#[tokio::test]
async fn a_schema_of_any_name_works() {
    let database = TestDatabase::create().await;
    for schema in [
        r#"We"ird schema"#,
        "select",
        "Ünïcode; DROP TABLE x; --",
        "a.b",
        "{schema}",
        &"x".repeat(63),
    ] {
        let store = PostgresStore::builder(database.url())
            .schema(schema)
            .build()
            .unwrap();
        assert_eq!(store.migrate().await.unwrap().len(), 17, "{schema}");
        assert_eq!(store.migrate().await.unwrap(), [""; 0], "{schema}");
        store.check().await.unwrap();
        let batch = Batch::from(activities(2));
        store.write(batch.clone()).await.unwrap();
        store.write(batch.retry()).await.unwrap();
        let page = store.timeline(Query::project("project_7")).await.unwrap();
        assert_eq!(page.activities.len(), 2, "{schema}");
        let client = database.connect().await;
        let activity = Activity::new(ActionType::Deployment).project_id("project_7");
        tracker_core::Client::insert(&client, schema, activity.clone())
            .await
            .unwrap();
        let page = store.timeline(Query::project("project_7")).await.unwrap();
        assert_eq!(page.activities.len(), 3, "{schema}");
    }
}
