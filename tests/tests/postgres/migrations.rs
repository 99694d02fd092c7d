//! Migrations of a Postgres database: empty, older, shared by many, in use, or made for something
//! else.

use std::{error::Error, time::Duration};

use futures_util::future::{join_all, try_join_all};
use tokio_postgres::Client;
use tracker_core::{
    ActionType, Activity, PostgresStore, Store, StoreError, store::Batch, timeline::Query,
};
use tracker_tests::{
    errors::all_text,
    postgres::{TestDatabase, eventually},
};

/// Creates the older table, with rows.
const OLDER_TABLE: &str = concat!(
    include_str!("../older_table/postgres.sql"),
    "INSERT INTO turbobackend.project_actions
        SELECT 'old-' || n, 'project_' || n % 10, NULL, NULL, 'deployment', 'number ' || n, 'success', NULL, 0.5, n
        FROM generate_series(1, 5000) AS n;"
);

/// Digests all columns of all rows, except the two columns that the migration changes.
const FINGERPRINT: &str = "
    SELECT md5(string_agg(concat_ws('|', action_id, project_id, action_type, action_details, status, created_at), ';'
        ORDER BY action_id))
    FROM turbobackend.project_actions WHERE action_id LIKE 'old-%'
";

pub(crate) static ALL: [&str; 17] = [
    "V1__create_project_actions",
    "V2__add_reference_ids_and_drop_cost",
    "V3__index_timeline",
    "V4__index_reference_ids",
    "V5__index_action_types",
    "V6__index_created_at",
    "V7__replica_identities",
    "V8__index_requests",
    "V9__count_activities",
    "V10__index_seconds",
    "V11__index_type_seconds",
    "V12__index_request_seconds",
    "V13__index_untimed",
    "V14__analyze",
    "V15__drop_timeline_index",
    "V16__drop_action_types_index",
    "V17__drop_requests_index",
];

/// Returns the migrations from this one on.
pub(crate) fn all_from(first: &str) -> &'static [&'static str] {
    let at = ALL.iter().position(|name| *name == first);
    &ALL[at.expect("a migration")..]
}

fn store(database: &TestDatabase) -> PostgresStore {
    PostgresStore::new(database.url()).unwrap()
}

/// Returns the messages of an error and its sources, without its `Debug` form.
fn chain(error: &dyn Error) -> String {
    let mut said = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        said = format!("{said}: {error}");
        source = error.source();
    }
    said
}

async fn text(client: &Client, sql: &str) -> String {
    client.query_one(sql, &[]).await.unwrap().get(0)
}

async fn columns(client: &Client) -> String {
    let sql = "SELECT string_agg(column_name || ' ' || data_type, ', ' ORDER BY column_name)
        FROM information_schema.columns
        WHERE table_schema = 'turbobackend' AND table_name = 'project_actions'";
    text(client, sql).await
}

async fn indexes(client: &Client) -> String {
    let sql =
        "SELECT string_agg(pg_get_indexdef(indexrelid), '; ' ORDER BY indexrelid::regclass::text)
        FROM pg_index WHERE indrelid = 'turbobackend.project_actions'::regclass AND indisvalid";
    text(client, sql).await
}

/// Asserts that the table is the current one, with its indexes.
async fn assert_migrated(client: &Client) {
    assert_eq!(
        columns(client).await,
        "action_details character varying, action_id character varying, action_type character varying, \
         created_at bigint, environment character varying, project_id character varying, reference_ids jsonb, \
         request_id character varying, status character varying, user_id character varying"
    );
    assert_eq!(
        indexes(client).await,
        "CREATE INDEX project_actions_created_at ON turbobackend.project_actions USING brin (created_at) WITH (autosummarize='on', pages_per_range='32'); \
         CREATE UNIQUE INDEX project_actions_pkey ON turbobackend.project_actions USING btree (action_id); \
         CREATE INDEX project_actions_reference_ids ON turbobackend.project_actions USING gin (reference_ids jsonb_path_ops); \
         CREATE INDEX project_actions_request_seconds ON turbobackend.project_actions USING btree (hashtextextended(((request_id)::text COLLATE \"C\"), hashtextextended(((project_id)::text COLLATE \"C\"), (0)::bigint)), ((created_at >> 10))) WHERE (request_id IS NOT NULL); \
         CREATE INDEX project_actions_seconds ON turbobackend.project_actions USING btree (project_id COLLATE \"C\", ((created_at >> 10))); \
         CREATE INDEX project_actions_type_seconds ON turbobackend.project_actions USING btree (project_id COLLATE \"C\", action_type COLLATE \"C\", ((created_at >> 10))); \
         CREATE INDEX project_actions_untimed ON turbobackend.project_actions USING btree (project_id COLLATE \"C\", action_id) WHERE (created_at IS NULL)"
    );
}

#[tokio::test]
async fn a_table_or_column_that_went_after_the_migrations_is_told() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    store(&database).migrate().await.unwrap();
    for (loss, told) in [
        ("DROP COLUMN reference_ids", "reference_ids"),
        (
            "RENAME TO elsewhere",
            "drop \"turbobackend\".tracker_schema_history",
        ),
    ] {
        let loss = format!("ALTER TABLE turbobackend.project_actions {loss}");
        client.batch_execute(&loss).await.unwrap();
        let error = store(&database).migrate().await.unwrap_err();
        assert!(chain(&error).contains(told), "{}", chain(&error));
    }
}

#[tokio::test]
async fn an_empty_database_gets_the_table_and_its_indexes_once() {
    let database = TestDatabase::create().await;
    let store = store(&database);
    let error = store.check().await.unwrap_err();
    assert!(matches!(error, StoreError::NotMigrated { .. }), "{error:?}");
    assert_eq!(store.migrate().await.unwrap(), ALL);
    store.check().await.unwrap();
    assert_migrated(&database.connect().await).await;
    assert_eq!(store.migrate().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn an_older_table_is_brought_up_and_keeps_every_row() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    client.batch_execute(OLDER_TABLE).await.unwrap();
    let before = text(&client, FINGERPRINT).await;

    let store = store(&database);
    let error = store.check().await.unwrap_err();
    assert!(matches!(error, StoreError::Shape { .. }), "{error:?}");
    assert!(all_text(&error).contains("tracker migrate"));
    let batch = Batch::from(vec![Activity::new(ActionType::Deployment)]);
    for batch in [batch.clone(), batch.retry()] {
        let error = store.write(batch).await.unwrap_err();
        assert!(matches!(error, StoreError::Shape { .. }), "{error:?}");
    }
    let error = store.timeline(Query::project("p")).await.unwrap_err();
    assert!(matches!(error, StoreError::Shape { .. }), "{error:?}");

    assert_eq!(store.migrate().await.unwrap(), ALL);
    assert_migrated(&client).await;
    assert_eq!(text(&client, FINGERPRINT).await, before);
    assert_eq!(store.migrate().await.unwrap(), [""; 0]);
    assert_eq!(text(&client, FINGERPRINT).await, before);
    store.write(batch).await.unwrap();
    let page = store.timeline(Query::project("project_3")).await.unwrap();
    assert_eq!(page.activities[0].action_id, "old-4993");
}

#[tokio::test]
async fn costs_that_had_to_be_given_are_dropped_like_others() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    let older = OLDER_TABLE.replace("NUMERIC(10, 4)", "NUMERIC(10, 4) NOT NULL");
    client.batch_execute(&older).await.unwrap();
    let before = text(&client, FINGERPRINT).await;
    let store = store(&database);
    let error = store.check().await.unwrap_err();
    assert!(all_text(&error).contains("tracker migrate"), "{error}");

    // The table now looks like a newer one that kept its costs.
    client
        .batch_execute("ALTER TABLE turbobackend.project_actions ADD reference_ids JSONB")
        .await
        .unwrap();
    let error = store.check().await.unwrap_err();
    let said = error.to_string();
    assert!(
        said.contains("cost_usd") && said.contains("tracker migrate"),
        "{said}"
    );

    assert_eq!(store.migrate().await.unwrap(), ALL);
    assert_migrated(&client).await;
    assert_eq!(text(&client, FINGERPRINT).await, before);
    store.check().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_migrators_at_once_apply_each_migration_once_while_writers_go_on() {
    for older in [false, true] {
        let database = TestDatabase::create().await;
        let client = database.connect().await;
        if older {
            client.batch_execute(OLDER_TABLE).await.unwrap();
        }
        // The writer uses the nine columns that both tables have.
        let writer = database.connect().await;
        let (stop, mut stopped) = tokio::sync::oneshot::channel::<()>();
        let writing = tokio::spawn(async move {
            let mut written = 0_i64;
            while stopped.try_recv().is_err() {
                let sql =
                    "INSERT INTO turbobackend.project_actions (action_id, project_id, created_at)
                    VALUES ('new-' || $1::bigint, 'p', $1)";
                match writer.execute(sql, &[&written]).await {
                    Ok(_) => written += 1,
                    // The table does not exist yet.
                    Err(error) => assert!(!older && written == 0, "{error:?}"),
                }
            }
            written
        });

        let stores: Vec<_> = (0..8).map(|_| store(&database)).collect();
        let applied = try_join_all(stores.iter().map(Store::migrate))
            .await
            .unwrap();
        let mut applied: Vec<_> = applied.concat();
        applied.sort();
        let mut all = ALL;
        all.sort_unstable();
        assert_eq!(applied, all);
        stop.send(()).unwrap();
        let written = writing.await.unwrap();

        assert_migrated(&client).await;
        let sql = "SELECT count(*) FROM turbobackend.project_actions WHERE action_id LIKE ";
        let counted: i64 = client
            .query_one(&format!("{sql}'new-%'"), &[])
            .await
            .unwrap()
            .get(0);
        assert_eq!(counted, written);
        let old: i64 = client
            .query_one(&format!("{sql}'old-%'"), &[])
            .await
            .unwrap()
            .get(0);
        assert_eq!(old, if older { 5000 } else { 0 });
    }
}

#[tokio::test]
async fn what_an_interrupted_index_build_left_behind_is_built_anew() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    client.batch_execute(OLDER_TABLE).await.unwrap();
    leave_invalid(&database, &client, "project_actions_seconds").await;

    store(&database).migrate().await.unwrap();
    assert_migrated(&client).await;
}

/// The indexes that replace others, in the order in which they are built, from `V9` on.
const REPLACING: [&str; 4] = ["seconds", "type_seconds", "request_seconds", "untimed"];

/// Builds the replaced indexes.
const REPLACED: &str = "
    CREATE INDEX IF NOT EXISTS project_actions_timeline
        ON turbobackend.project_actions (project_id, created_at DESC, action_id DESC);
    CREATE INDEX IF NOT EXISTS project_actions_action_types
        ON turbobackend.project_actions (project_id, action_type, created_at DESC, action_id DESC);
    CREATE INDEX IF NOT EXISTS project_actions_requests
        ON turbobackend.project_actions (project_id, request_id, created_at DESC, action_id DESC);
";

#[tokio::test]
async fn indexes_are_replaced_from_any_step_at_which_that_was_interrupted() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    client.batch_execute(OLDER_TABLE).await.unwrap();
    store(&database).migrate().await.unwrap();
    for (step, name) in (8..).zip(REPLACING) {
        client.batch_execute(REPLACED).await.unwrap();
        for unbuilt in &REPLACING[step - 8..] {
            let drop = format!("DROP INDEX turbobackend.project_actions_{unbuilt}");
            client.batch_execute(&drop).await.unwrap();
        }
        let forget =
            format!("DELETE FROM turbobackend.tracker_schema_history WHERE version > {step}");
        client.batch_execute(&forget).await.unwrap();
        leave_invalid(&database, &client, &format!("project_actions_{name}")).await;

        assert_eq!(store(&database).migrate().await.unwrap(), ALL[step..]);
        assert_migrated(&client).await;
    }
    let counted = "SELECT count(*)::text FROM turbobackend.project_actions";
    assert_eq!(text(&client, counted).await, "5000");
}

#[tokio::test]
async fn replaced_indexes_that_an_earlier_version_made_again_are_dropped() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    store(&database).migrate().await.unwrap();
    client.batch_execute(REPLACED).await.unwrap();
    let mut dropped = store(&database).migrate().await.unwrap();
    dropped.sort();
    assert_eq!(dropped, ALL[14..]);
    assert_migrated(&client).await;
    assert_eq!(store(&database).migrate().await.unwrap(), [""; 0]);
}

/// Leaves an invalid index of this name, as an interrupted build does.
async fn leave_invalid(database: &TestDatabase, client: &Client, name: &str) {
    // A concurrent build fails half-way if it waits in vain for a transaction.
    let blocker = database.connect().await;
    blocker
        .batch_execute("BEGIN; UPDATE turbobackend.project_actions SET status = status WHERE action_id = 'old-1'")
        .await
        .unwrap();
    client
        .batch_execute("SET statement_timeout = '200ms'")
        .await
        .unwrap();
    client
        .batch_execute(&format!(
            "CREATE INDEX CONCURRENTLY {name} ON turbobackend.project_actions (status)"
        ))
        .await
        .unwrap_err();
    client
        .batch_execute("SET statement_timeout = 0")
        .await
        .unwrap();
    blocker.batch_execute("COMMIT").await.unwrap();
    let sql =
        "SELECT string_agg(indexrelid::regclass::text, ',') FROM pg_index WHERE NOT indisvalid";
    assert_eq!(text(client, sql).await, format!("turbobackend.{name}"));
}

#[tokio::test]
async fn a_migration_waits_for_the_other_one_and_no_longer_than_its_limit() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    let key = "hashtextextended('tracker_schema_history of turbobackend', 0)";
    client
        .batch_execute(&format!("SELECT pg_advisory_lock({key})"))
        .await
        .unwrap();
    let store = PostgresStore::builder(database.url())
        .migrate_timeout(Duration::from_millis(300))
        .build()
        .unwrap();
    let error = store.migrate().await.unwrap_err();
    assert!(matches!(error, StoreError::Timeout { .. }), "{error:?}");
    client
        .batch_execute(&format!("SELECT pg_advisory_unlock({key})"))
        .await
        .unwrap();
    self::store(&database).migrate().await.unwrap();
}

#[tokio::test]
async fn a_change_that_waits_for_a_long_transaction_lets_writers_pass_and_is_tried_again() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    client.batch_execute(OLDER_TABLE).await.unwrap();
    let long = database.connect().await;
    long.batch_execute("BEGIN; SELECT count(*) FROM turbobackend.project_actions")
        .await
        .unwrap();

    let store = store(&database);
    let migrating = tokio::spawn(async move { store.migrate().await });
    let waiting = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'turbobackend.project_actions'::regclass)";
    eventually(&client, waiting).await;
    // The insert queues behind the migration's lock request, until that gives up.
    client
        .batch_execute("INSERT INTO turbobackend.project_actions (action_id) VALUES ('new')")
        .await
        .unwrap();
    assert!(!migrating.is_finished());
    long.batch_execute("COMMIT").await.unwrap();
    assert_eq!(migrating.await.unwrap().unwrap(), ALL);
    assert_migrated(&client).await;
}

#[tokio::test]
async fn a_table_of_another_shape_is_refused_and_left_as_it_is() {
    let older = |change: &str| OLDER_TABLE.replacen("created_at BIGINT", change, 1);
    for (table, difference) in [
        (
            older("created_at TIMESTAMPTZ").replace("0.5, n", "0.5, now()"),
            "created_at is of type timestamp with time zone, expected is bigint",
        ),
        (
            older("made_at BIGINT"),
            "column created_at is missing, expected is bigint",
        ),
        (
            OLDER_TABLE.replace("VARCHAR PRIMARY KEY", "VARCHAR"),
            "nothing makes action_id unique",
        ),
        (
            OLDER_TABLE.replace("action_id VARCHAR PRIMARY KEY", "action_id VARCHAR").replace(
                "created_at BIGINT",
                "created_at BIGINT, PRIMARY KEY (action_id, created_at)",
            ),
            "nothing makes action_id unique",
        ),
        (
            OLDER_TABLE.replace("action_details VARCHAR", "action_details VARCHAR(255)"),
            "action_details holds 255 characters at most",
        ),
        (
            older("created_at BIGINT, tenant INT NOT NULL").replace("0.5, n", "0.5, n, 1"),
            "column tenant must have a value",
        ),
        (
            older("created_at BIGINT, reference_ids TEXT"),
            "reference_ids is of type text, expected is jsonb",
        ),
        (
            "CREATE SCHEMA turbobackend; CREATE VIEW turbobackend.project_actions AS SELECT 1 AS action_id".to_owned(),
            "is a view",
        ),
    ] {
        let database = TestDatabase::create().await;
        let client = database.connect().await;
        client.batch_execute(&table).await.unwrap();
        let before = columns(&client).await;
        let store = store(&database);
        for error in [
            store.migrate().await.unwrap_err(),
            store.check().await.unwrap_err(),
        ] {
            let text = all_text(&error);
            assert!(matches!(error, StoreError::Shape { .. }), "{text}");
            assert!(text.contains(difference) || text.contains("reference_ids is missing"), "{text}");
        }
        let error = store.migrate().await.unwrap_err();
        assert!(error.to_string().contains(difference), "{error}");
        assert_eq!(columns(&client).await, before);
        let sql = "SELECT count(*)::text FROM pg_class WHERE relname = 'tracker_schema_history'";
        assert_eq!(text(&client, sql).await, "0");
    }
}

#[tokio::test]
async fn a_column_that_something_depends_on_fails_the_migration_with_the_reason() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    client.batch_execute(OLDER_TABLE).await.unwrap();
    client
        .batch_execute(
            "CREATE VIEW costs AS SELECT sum(cost_usd) FROM turbobackend.project_actions",
        )
        .await
        .unwrap();
    let before = columns(&client).await;
    let store = store(&database);
    let error = store.migrate().await.unwrap_err();
    assert!(matches!(error, StoreError::Migration { .. }), "{error:?}");
    let said = chain(&error);
    assert_eq!(said.matches("SQLSTATE 2BP01").count(), 1, "{said}");
    assert_eq!(
        said.matches("V2__add_reference_ids_and_drop_cost").count(),
        1,
        "{said}"
    );
    assert_eq!(columns(&client).await, before);

    client.batch_execute("DROP VIEW costs").await.unwrap();
    assert_eq!(store.migrate().await.unwrap(), ALL[1..]);
    assert_migrated(&client).await;
}

#[tokio::test]
async fn a_role_without_the_privileges_is_denied_and_one_that_needs_none_passes() {
    let database = TestDatabase::create().await;
    let url = database.create_role("").await;
    let theirs = PostgresStore::new(url).unwrap();
    let error = theirs.migrate().await.unwrap_err();
    assert!(matches!(error, StoreError::Denied { .. }), "{error:?}");

    store(&database).migrate().await.unwrap();
    let error = theirs.migrate().await.unwrap_err();
    assert!(matches!(error, StoreError::Denied { .. }), "{error:?}");
    let error = theirs.check().await.unwrap_err();
    assert!(matches!(error, StoreError::Denied { .. }), "{error:?}");

    let url = database
        .create_role("GRANT USAGE ON SCHEMA turbobackend TO {role}")
        .await;
    let historyless = PostgresStore::new(url).unwrap();
    let error = historyless.migrate().await.unwrap_err();
    assert!(matches!(error, StoreError::Denied { .. }), "{error:?}");
    let said = chain(&error);
    assert_eq!(said.matches("permission denied").count(), 1, "{said}");
    assert_eq!(said.matches("tracker_schema_history").count(), 1, "{said}");

    let url = database
        .create_role(
            "GRANT USAGE ON SCHEMA turbobackend TO {role};
            GRANT SELECT ON turbobackend.tracker_schema_history TO {role}",
        )
        .await;
    let reader = PostgresStore::new(url).unwrap();
    assert_eq!(reader.migrate().await.unwrap(), [""; 0]);
    let error = reader.check().await.unwrap_err();
    assert!(matches!(error, StoreError::Denied { .. }), "{error:?}");
    assert!(all_text(&error).contains("no INSERT on the column action_id"));
}

#[tokio::test]
async fn a_history_that_this_version_does_not_know_is_an_error() {
    let database = TestDatabase::create().await;
    let store = store(&database);
    store.migrate().await.unwrap();
    let client = database.connect().await;
    for change in [
        "UPDATE turbobackend.tracker_schema_history SET checksum = '1' WHERE version = 1",
        "UPDATE turbobackend.tracker_schema_history SET checksum = NULL WHERE version = 1",
    ] {
        client.batch_execute(change).await.unwrap();
        let error = store.migrate().await.unwrap_err();
        assert!(matches!(error, StoreError::Migration { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn two_schemas_of_a_database_are_apart() {
    let database = TestDatabase::create().await;
    let stores = ["one", "two"].map(|schema| {
        PostgresStore::builder(database.url())
            .schema(schema)
            .build()
            .unwrap()
    });
    for applied in join_all(stores.iter().map(Store::migrate)).await {
        assert_eq!(applied.unwrap(), ALL);
    }
    let activity = Activity::new(ActionType::Deployment).project_id("p");
    stores[0].write(vec![activity].into()).await.unwrap();
    for (store, rows) in stores.iter().zip([1, 0]) {
        let page = store.timeline(Query::project("p")).await.unwrap();
        assert_eq!(page.activities.len(), rows);
    }
}
