//! The list of projects in Postgres: steps in an index, however many projects and rows there are.

use tokio_postgres::Client;
use tracker_core::{
    PostgresStore, Status, Store,
    timeline::{Filter, ProjectsQuery},
};
use tracker_tests::postgres::TestDatabase;

use super::plans::{explained_in_order, walk};

const IDS: &str = include_str!("../../../tracker-core/src/store/postgres/sql/project_ids.sql");
const COUNTS: &str =
    include_str!("../../../tracker-core/src/store/postgres/sql/project_counts.sql");
const LAST: &str = include_str!("../../../tracker-core/src/store/postgres/sql/project_last.sql");

async fn migrated(options: &str) -> (TestDatabase, PostgresStore, Client) {
    let database = TestDatabase::create_with(options).await;
    let store = PostgresStore::new(database.url()).unwrap();
    store.migrate().await.unwrap();
    let client = database.connect().await;
    (database, store, client)
}

/// Returns the IDs on all pages of so many projects.
pub(super) async fn all_ids(store: &PostgresStore, limit: u32) -> Vec<String> {
    let query = ProjectsQuery::default().limit(limit);
    let (mut found, mut next) = (Vec::new(), Some(query.clone()));
    while let Some(query_of_page) = next {
        let page = store.projects(query_of_page).await.unwrap();
        found.extend(page.project_ids);
        next = page.next.map(|id| query.clone().after(id));
    }
    found
}

/// Returns the scans of the table in the plan of a statement without partitions: the rows that each
/// reads, and how often it runs.
async fn scans(client: &Client, sql: &str, types: &str, values: &str) -> Vec<(f64, f64)> {
    let sql = sql.replace("{partitions}", "true");
    let plan = explained_in_order(client, &sql, types, values).await;
    let mut found = Vec::new();
    walk(&plan, &mut |node| {
        if node["Relation Name"] == "project_actions" {
            assert_ne!(node["Node Type"], "Seq Scan", "{plan:#}");
            let number = |name: &str| node[name].as_f64().unwrap();
            let passed_over = node["Rows Removed by Filter"].as_f64().unwrap_or(0.0);
            assert!(passed_over < 1.0, "{plan:#}");
            found.push((number("Actual Rows"), number("Actual Loops")));
        }
    });
    assert!(!found.is_empty(), "{plan:#}");
    found
}

#[tokio::test]
async fn a_list_is_read_off_the_index_however_many_projects_there_are() {
    let (_database, _store, client) = migrated("").await;
    for (projects, rows) in [(1, 40_000), (1_000, 40_000), (100_000, 100_000)] {
        client
            .batch_execute(&format!(
                "TRUNCATE turbobackend.project_actions;
                INSERT INTO turbobackend.project_actions (action_id, project_id, status, created_at)
                    SELECT 'id-' || n, 'project-' || CASE WHEN n % 3 = 0 THEN 0 ELSE n % {projects} END, 'success', n * 1000
                    FROM generate_series(1, {rows}) AS n;"
            ))
            .await
            .unwrap();
        let vacuum = "VACUUM ANALYZE turbobackend.project_actions";
        client.batch_execute(vacuum).await.unwrap();

        let ids = scans(&client, IDS, "text, bigint", "'project-0', 50").await;
        for (rows, loops) in ids {
            assert!(rows <= 1.0 && loops <= 50.0, "{rows} rows {loops} times");
        }
        let asked = r#"'["project-0", "project-1", "project-77", "nobody"]'"#;
        let values = format!("{asked}, 100, 200");
        for (rows, loops) in scans(&client, COUNTS, "json, bigint, bigint", &values).await {
            assert!(rows <= 200.0 && loops <= 4.0, "{rows} rows {loops} times");
        }
        for (rows, loops) in scans(&client, LAST, "json", asked).await {
            // The end of a second is known by the row after it.
            assert!(rows <= 2.0 && loops <= 4.0, "{rows} rows {loops} times");
        }
    }
}

#[tokio::test]
async fn a_project_whose_id_is_no_utf_8_hides_no_other() {
    let (_database, store, client) = migrated("ENCODING 'SQL_ASCII'").await;
    client
        .batch_execute(
            r"INSERT INTO turbobackend.project_actions (action_id, project_id, created_at) VALUES
                ('1', 'a', 1), ('2', E'a\xe9', 1), ('3', E'a\xff', 1), ('4', E'b\xe9', 1), ('5', 'é', 1),
                ('6', E'\xfe', 1), ('7', 'c', 1)",
        )
        .await
        .unwrap();
    for limit in [1, 2, 10] {
        assert_eq!(all_ids(&store, limit).await, ["a", "c", "é"], "{limit}");
    }
    let ids = ["é", "a"].map(str::to_owned).to_vec();
    let summaries = store.project_summaries(ids, 0).await.unwrap();
    let found: Vec<_> = summaries.iter().map(|it| &*it.project_id).collect();
    assert_eq!(found, ["é", "a"]);
}

#[tokio::test]
async fn reading_in_order_compiles_no_statement_and_leaves_the_session_as_it_was() {
    let (database, _store, client) = migrated("").await;
    // The status tells the setting with which it is read.
    client
        .batch_execute(
            "INSERT INTO turbobackend.project_actions (action_id, project_id, created_at) VALUES ('a', 'p', 1);
            CREATE SCHEMA seen;
            CREATE VIEW seen.project_actions AS
                SELECT action_id, project_id, user_id, request_id, action_type, action_details,
                    CASE current_setting('jit') WHEN 'off' THEN 'failure' ELSE 'success' END AS status,
                    environment, reference_ids, created_at
                FROM turbobackend.project_actions;
            DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET jit = on', current_database()); END $$;",
        )
        .await
        .unwrap();
    let store = PostgresStore::builder(database.url()).schema("seen");
    let store = store.build().unwrap();
    for _ in 0..2 {
        let summaries = store.project_summaries(vec!["p".to_owned()], 0);
        let summary = &summaries.await.unwrap()[0];
        assert_eq!((summary.activities, summary.failures), (1, 1));
        let by_index = Filter::project("p").created_after(0);
        let in_any_order = Filter::all_projects().created_after(0);
        for (filter, status) in [(by_index, Status::Failure), (in_any_order, Status::Success)] {
            let page = store.timeline(filter.into()).await.unwrap();
            assert_eq!(page.activities[0].status, Some(status));
        }
    }
}
