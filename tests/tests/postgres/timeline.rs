//! Timelines of a Postgres table: rows of any origin, and pages that are read from the index.

use serde_json::{Value, json};
use tokio_postgres::Client;
use tracker_core::{
    Activity, PostgresStore, Status, Store,
    timeline::{Cursor, Page, Query},
};
use tracker_tests::{partitions::partitioned, postgres::TestDatabase};

use super::plans::{explained, explained_in_order, explained_kept, walk};

pub(super) async fn migrated() -> (TestDatabase, PostgresStore, Client) {
    let database = TestDatabase::create().await;
    let store = PostgresStore::new(database.url()).unwrap();
    store.migrate().await.unwrap();
    let client = database.connect().await;
    (database, store, client)
}

#[tokio::test]
async fn rows_of_other_programs_read_back_as_they_are() {
    let (_database, store, client) = migrated().await;
    client
        .batch_execute(
            r#"INSERT INTO turbobackend.project_actions (action_id, project_id, created_at) VALUES
                ('', 'p', 9), ('17', 'p', NULL), ('{5A}', 'p', -1);
            INSERT INTO turbobackend.project_actions VALUES
                ('x', 'p', '', 'r', 'refund', E'two\nlines', 'on_hold', 'moon', '{"n": 1, "deep": [{}]}', 8),
                ('array', 'p', NULL, NULL, NULL, NULL, NULL, NULL, '[1, "two"]', 7),
                ('text', 'p', NULL, NULL, NULL, NULL, NULL, NULL, '"text"', 6),
                ('null', 'p', NULL, NULL, NULL, NULL, NULL, NULL, 'null', 5),
                ('huge', 'p', NULL, NULL, NULL, NULL, NULL, NULL, '{"n": 1e400}', 4);"#,
        )
        .await
        .unwrap();
    let page = store.timeline(Query::project("p")).await.unwrap();
    let ids: Vec<_> = page.activities.iter().map(|a| &*a.action_id).collect();
    assert_eq!(
        ids,
        ["", "x", "array", "text", "null", "huge", "{5A}", "17"]
    );

    let bare = &page.activities[0];
    assert_eq!((bare.created_at, &bare.status), (Some(9), &None));
    assert!(bare.reference_ids.is_empty());
    let x = &page.activities[1];
    assert_eq!(x.user_id.as_deref(), Some(""));
    assert_eq!(x.action_type.as_deref(), Some("refund"));
    assert_eq!(x.action_details.as_deref(), Some("two\nlines"));
    assert_eq!(x.status, Some(Status::Other("on_hold".into())));
    let references: Vec<Value> = page.activities[1..6]
        .iter()
        .map(|activity| activity.reference_ids.to_json())
        .collect();
    let huge = references[4]["n"].as_str().expect("no number of Rust's");
    assert_eq!((huge.len(), &huge[..4]), (401, "1000"));
    assert_eq!(
        references[..4],
        [
            json!({"n": 1, "deep": [{}]}),
            json!([1, "two"]),
            json!("text"),
            json!({})
        ]
    );
}

#[tokio::test]
async fn a_table_with_text_columns_is_as_good() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    client
        .batch_execute(
            "CREATE SCHEMA turbobackend;
            CREATE TABLE turbobackend.project_actions (
                action_id TEXT NOT NULL, project_id TEXT, user_id TEXT, request_id TEXT, action_type TEXT,
                action_details TEXT, status TEXT, environment TEXT, created_at BIGINT, extra INT, UNIQUE (action_id)
            );
            INSERT INTO turbobackend.project_actions (action_id, project_id) VALUES ('old', 'p');",
        )
        .await
        .unwrap();
    let store = PostgresStore::new(database.url()).unwrap();
    store.migrate().await.unwrap();
    store.check().await.unwrap();
    let new = Activity::new(tracker_core::ActionType::Deployment).project_id("p");
    store.write(vec![new.clone()].into()).await.unwrap();
    let page = store.timeline(Query::project("p")).await.unwrap();
    assert_eq!(page.activities[0], new);
    assert_eq!(page.activities[1].action_id, "old");
}

#[tokio::test]
async fn a_project_or_cursor_that_no_row_can_have_is_an_empty_page() {
    let (_database, store, _client) = migrated().await;
    let empty = Page::default();
    assert_eq!(store.timeline(Query::project("a\0")).await.unwrap(), empty);
    let mut nowhere = Activity::new(tracker_core::ActionType::Deployment);
    nowhere.action_id = "a\0".to_owned();
    let query = Query::project("p").after(Cursor::after(&nowhere));
    assert_eq!(store.timeline(query).await.unwrap(), empty);
}

/// The limit of the statements below: a page of 50 rows, plus one.
const LIMIT: f64 = 51.0;

/// The most rows of the project in a second of the index, which are sorted when they are read.
const ROWS_OF_A_SECOND: f64 = 6.0;

pub(super) const NEWEST: &str =
    include_str!("../../../tracker-core/src/store/postgres/sql/timeline_newest.sql");
pub(super) const OLDEST: &str =
    include_str!("../../../tracker-core/src/store/postgres/sql/timeline_oldest.sql");

/// The types of the parameters of both statements.
const TYPES: &str = "text, text, text[], text, text, text, text, jsonb, bigint, bigint, text, \
                     bigint, bigint, boolean, bigint, text, boolean, text, text, text, text, text, text, text, text, text";

const NO_BOUNDS: &str = "NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL";

/// Returns the condition that excludes partitions, with its four parameters numbered from `first`
/// on.
fn excluded(first: usize) -> String {
    let sql = include_str!("../../../tracker-core/src/store/postgres/partitions/sql/excluded.sql");
    (0..4).fold(sql.to_owned(), |sql, place| {
        sql.replace(
            &format!("{{{}}}", place + 1),
            &format!("${}", first + place),
        )
    })
}

/// Returns the plan of a statement. `filter` has the values of the filter except for the project,
/// and `place` those of the cursor.
async fn plan(client: &Client, sql: &str, filter: &str, place: &str) -> Value {
    plan_within(client, sql, filter, place, NO_BOUNDS).await
}

/// Like [`plan`], with the ranges of IDs that are excluded.
async fn plan_within(client: &Client, sql: &str, filter: &str, place: &str, bounds: &str) -> Value {
    plan_of(client, sql, "large", filter, place, bounds).await
}

/// Like [`plan_within`], for a page of this project.
async fn plan_of(
    client: &Client,
    sql: &str,
    project: &str,
    filter: &str,
    place: &str,
    bounds: &str,
) -> Value {
    let sql = sql
        .replace("{partitions}", &excluded(19))
        .replace("{untimed_partitions}", &excluded(23));
    let values = format!("'{project}', {filter}, 51, 0, {place}, {bounds}");
    if filter.contains('{') || filter.contains("ARRAY") {
        return explained(client, &sql, TYPES, &values).await;
    }
    explained_in_order(client, &sql, TYPES, &values).await
}

/// Like [`plan`], for the plan that is kept for all values.
async fn kept_plan(client: &Client, sql: &str, filter: &str, place: &str) -> Value {
    let sql = sql
        .replace("{partitions}", &excluded(19))
        .replace("{untimed_partitions}", &excluded(23));
    let values = format!("'large', {filter}, 51, 0, {place}, {NO_BOUNDS}");
    explained_kept(client, &sql, TYPES, &values).await
}

const NO_FILTER: &str = "NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL";

async fn filled(client: &Client) {
    client
        .batch_execute(
            "INSERT INTO turbobackend.project_actions (action_id, project_id, action_type, reference_ids, created_at)
                SELECT 'id-' || n, CASE WHEN n % 2 = 0 THEN 'large' ELSE 'project-' || n % 100 END,
                    CASE WHEN n % 10000 = 0 THEN 'rare' ELSE 'usual' END,
                    jsonb_build_object('deployment_id', 'deploy_' || n),
                    CASE WHEN n % 10 < 2 THEN NULL ELSE n * 100 END
                FROM generate_series(1, 60000) AS n;",
        )
        .await
        .unwrap();
    // The table is in the state that autovacuum leaves some time after the rows came.
    let vacuum = "VACUUM ANALYZE turbobackend.project_actions";
    client.batch_execute(vacuum).await.unwrap();
}

#[tokio::test]
async fn a_page_is_read_off_the_index_however_many_rows_there_are() {
    let (_database, _store, client) = migrated().await;
    filled(&client).await;
    let first = "true, NULL, NULL, true, NULL";
    let recent = "NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2100000, 2800000, NULL";
    for (sql, filter, place) in [
        (NEWEST, NO_FILTER, first),
        (NEWEST, NO_FILTER, "true, 2800400, 'id-28004', true, NULL"),
        (NEWEST, NO_FILTER, "false, NULL, NULL, true, 'id-3'"),
        (NEWEST, recent, first),
        (OLDEST, NO_FILTER, first),
        (OLDEST, NO_FILTER, "true, 2800400, 'id-28004', false, NULL"),
        (OLDEST, recent, first),
    ] {
        assert_read_off(&plan(&client, sql, filter, place).await, SECONDS);
    }
}

const SECONDS: &str = "project_actions_seconds";
const UNTIMED: &str = "project_actions_untimed";

/// Asserts that the plan reads a page from the index, and no rows beside it but those of a second.
fn assert_read_off(plan: &Value, index: &str) {
    let mut scans = 0;
    walk(plan, &mut |node| {
        let kind = node["Node Type"].as_str().unwrap();
        assert_ne!(kind, "Seq Scan", "{plan:#}");
        assert_ne!(kind, "Bitmap Heap Scan", "{plan:#}");
        // The sort at the end receives at most the rows of both branches.
        let rows = node["Actual Rows"].as_f64().unwrap();
        assert!(rows <= 2.0 * LIMIT, "{kind}: {plan:#}");
        if kind.starts_with("Index") {
            scans += 1;
            let used = node["Index Name"].as_str().unwrap();
            assert!([index, UNTIMED].contains(&used), "{plan:#}");
            let passed_over = node["Rows Removed by Filter"].as_f64().unwrap_or(0.0);
            assert!(passed_over <= ROWS_OF_A_SECOND, "{plan:#}");
        }
    });
    assert!(scans > 0, "{plan:#}");
}

/// Fills a table of which `large` has a fifth, and `others` projects the rest; without others it
/// has all.
async fn filled_by_projects(client: &Client, others: u32) {
    let fill = format!(
        "INSERT INTO turbobackend.project_actions (action_id, project_id, request_id, action_type, created_at)
            SELECT 'id-' || lpad(n::text, 6, '0'),
                CASE WHEN {others} = 0 OR n % 5 = 0 THEN 'large' ELSE 'project-' || n % {} END,
                'req_' || n / 50, CASE WHEN n % 1000 = 0 THEN 'rare' ELSE 'usual' END, n * 300
            FROM generate_series(1, 60000) AS n; ANALYZE turbobackend.project_actions",
        others.max(1)
    );
    client.batch_execute(&fill).await.unwrap();
}

#[tokio::test]
async fn a_plan_that_is_kept_reads_a_page_off_an_index_however_the_projects_differ_in_size() {
    for others in [0, 100, 100_000] {
        let (_database, _store, client) = migrated().await;
        filled_by_projects(&client, others).await;
        let first = "true, NULL, NULL, true, NULL";
        let deep = "true, 8100000, 'id-027000', true, NULL";
        let rare = "'rare', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL";
        let request = "NULL, NULL, NULL, 'req_700', NULL, NULL, NULL, NULL, NULL, NULL";
        for (sql, filter, place, index) in [
            (NEWEST, NO_FILTER, first, SECONDS),
            (NEWEST, NO_FILTER, deep, SECONDS),
            (OLDEST, NO_FILTER, first, SECONDS),
            (OLDEST, NO_FILTER, deep, SECONDS),
            (NEWEST, rare, first, "project_actions_type_seconds"),
            (OLDEST, rare, first, "project_actions_type_seconds"),
            (NEWEST, request, first, "project_actions_request_seconds"),
        ] {
            assert_read_off(&kept_plan(&client, sql, filter, place).await, index);
        }
    }
}

#[tokio::test]
async fn a_page_is_read_off_the_index_however_many_projects_there_are() {
    let (_database, _store, client) = migrated().await;
    let pages = [
        (NEWEST, "true, NULL, NULL, true, NULL"),
        (NEWEST, "true, 5000000, 'id-50000', true, NULL"),
        (OLDEST, "true, NULL, NULL, true, NULL"),
        (OLDEST, "true, 5000000, 'id-50000', false, NULL"),
    ];
    for projects in [1, 1_000, 100_000] {
        // A fifth of the rows belongs to one project.
        client
            .batch_execute(&format!(
                "TRUNCATE turbobackend.project_actions;
                INSERT INTO turbobackend.project_actions (action_id, project_id, action_type, created_at)
                    SELECT 'id-' || n, CASE WHEN n % 5 = 0 THEN 'large' ELSE 'project-' || n % {projects} END,
                        CASE WHEN n % 1000 = 0 THEN 'rare' ELSE 'usual' END, n * 100
                    FROM generate_series(1, 100000) AS n;"
            ))
            .await
            .unwrap();
        let vacuum = "VACUUM ANALYZE turbobackend.project_actions";
        client.batch_execute(vacuum).await.unwrap();
        let rare = "'rare', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL";
        for project in ["large", "project-1", "project-0", "nobody"] {
            for ((sql, place), filter) in pages
                .iter()
                .flat_map(|page| [NO_FILTER, rare].map(|filter| (page, filter)))
            {
                let plan = plan_of(&client, sql, project, filter, place, NO_BOUNDS).await;
                walk(&plan, &mut |node| {
                    let kind = node["Node Type"].as_str().unwrap();
                    assert_ne!(kind, "Seq Scan", "{projects} {project}: {plan:#}");
                    let read = ["Actual Rows", "Rows Removed by Filter"];
                    let read = read.map(|rows| node[rows].as_f64().unwrap_or(0.0));
                    let most = 2.0 * LIMIT + ROWS_OF_A_SECOND;
                    assert!(
                        read.iter().sum::<f64>() <= most,
                        "{projects} {project}: {plan:#}"
                    );
                });
            }
        }
    }
}

#[tokio::test]
async fn a_page_of_a_table_in_partitions_is_planned_for_those_alone_that_are_not_passed_over() {
    let database = TestDatabase::create().await;
    let store = partitioned(database.url()).await;
    let client = database.connect().await;
    let partitions = store.partitions().await.unwrap();
    let ids = |place: usize| partitions[place].ids.clone().unwrap();
    // The bounds exclude all partitions but the third, and all of them for rows without a time.
    let last = partitions.len() - 2;
    let bounds = [
        ids(0).0,
        ids(1).1,
        ids(3).0,
        ids(last).1,
        ids(0).0,
        ids(last).1,
    ];
    let bounds = bounds.map(|id| format!("'{id}'")).join(", ") + ", NULL, NULL";
    for sql in [NEWEST, OLDEST] {
        let first = "true, NULL, NULL, true, NULL";
        let plan = plan_within(&client, sql, NO_FILTER, first, &bounds).await;
        let mut tables = Vec::new();
        walk(&plan, &mut |node| {
            let table = node["Relation Name"].as_str();
            tables.extend(table.map(str::to_owned));
        });
        let rest = "project_actions_default";
        assert_eq!(tables, [&*partitions[2].name, rest, rest], "{plan:#}");
    }
}

#[tokio::test]
async fn what_is_rare_is_read_off_an_index_of_its_own() {
    let (_database, _store, client) = migrated().await;
    filled(&client).await;
    let timed = "true, NULL, NULL, true, NULL";
    for (filter, index) in [
        (
            "'rare', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL",
            "project_actions_type_seconds",
        ),
        (
            "NULL, ARRAY['rare', 'unheard_of'], NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL",
            "project_actions_type_seconds",
        ),
        (
            r#"NULL, NULL, NULL, NULL, NULL, NULL, '{"deployment_id": "deploy_42"}', NULL, NULL, NULL"#,
            "project_actions_reference_ids",
        ),
    ] {
        for sql in [NEWEST, OLDEST] {
            let plan = plan(&client, sql, filter, timed).await;
            let mut names = Vec::new();
            walk(&plan, &mut |node| {
                assert_ne!(node["Node Type"], "Seq Scan", "{plan:#}");
                if node["Node Type"] != "Bitmap Index Scan" {
                    let rows = node["Actual Rows"].as_f64().unwrap();
                    assert!(rows <= LIMIT, "{plan:#}");
                }
                names.extend(node["Index Name"].as_str().map(str::to_owned));
            });
            assert!(names.iter().any(|name| name == index), "{plan:#}");
        }
    }
}
