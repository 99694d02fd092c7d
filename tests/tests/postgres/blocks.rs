//! Blocks of a Postgres table: a page reads what it shows, whatever else the table has.

use serde_json::Value;
use tokio_postgres::Client;
use tracker_core::timeline::BLOCK_ACTIVITIES_MAX;

use super::{
    plans::{explained_in_order, explained_kept, walk},
    timeline::{NEWEST, OLDEST, migrated},
};

const BLOCKS: &str = include_str!("../../../tracker-core/src/store/postgres/sql/blocks.sql");

/// The types of the statement's parameters: the filter's, the page's, and the top's.
const TYPES: &str = "text, text, text[], text, text, text, text, jsonb, bigint, bigint, text, \
                     bigint, bigint, boolean, bigint, text, boolean, text, \
                     bigint, text, text";

/// The most rows in a second of the index.
const ROWS_OF_A_SECOND: usize = 11;

/// The seconds of which the page needs only some rows: at both ends of the walk and of the rows
/// below it, and at the top.
const SECONDS_IN_PART: usize = 5;

/// Three quarters of the rows belong to one request, and each other one has five.
const FILL: &str = "
    INSERT INTO turbobackend.project_actions (action_id, project_id, request_id, created_at)
        SELECT 'id-' || lpad(n::text, 6, '0'), 'large',
            CASE WHEN n % 4 = 0 THEN 'req_' || n / 20 ELSE 'long' END, n * 100
        FROM generate_series(1, 120000) AS n;
";

/// Rows of projects that have one each, so that the planner expects few of any.
const FILL_OTHERS: &str = "
    INSERT INTO turbobackend.project_actions (action_id, project_id, action_type, created_at)
        SELECT 'other-' || n, 'project-' || n, 'deployment', n FROM generate_series(1, 60000) AS n;
";

/// Leaves the table in the state of some time after the rows came, as autovacuum does.
const VACUUM: &str = "VACUUM ANALYZE turbobackend.project_actions";

#[tokio::test]
async fn a_page_of_blocks_reads_its_own_rows_however_long_a_request_or_the_table_is() {
    let (_database, _store, client) = migrated().await;
    for fill in [FILL, FILL_OTHERS] {
        client.batch_execute(fill).await.unwrap();
        client.batch_execute(VACUUM).await.unwrap();
        assert_own_rows_are_read(&client).await;
    }
}

async fn assert_own_rows_are_read(client: &Client) {
    let first = "true, NULL, NULL, true, NULL, NULL, NULL, NULL";
    let deep = "true, 6000000, 'id-060000', true, NULL, 12000000, 'id-120000', NULL";
    let older_top = "true, 6000000, 'id-060000', true, NULL, 6000300, 'id-060003', NULL";
    for (timeline, place) in [
        (NEWEST, first),
        (NEWEST, deep),
        (NEWEST, older_top),
        (OLDEST, deep),
    ] {
        let sql = BLOCKS
            .replace("{timeline}", timeline)
            .replace("{untimed_partitions}", "true")
            .replace("{partitions}", "true");
        let values = format!(
            "'large', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 51, 0, {place}"
        );
        assert_reads_own_rows(&explained_in_order(client, &sql, TYPES, &values).await);
        assert_reads_own_rows(&explained_kept(client, &sql, TYPES, &values).await);
    }
}

fn assert_reads_own_rows(plan: &Value) {
    let mut rows_read = 0.0;
    let mut indexes = Vec::new();
    walk(plan, &mut |node| {
        let kind = node["Node Type"].as_str().unwrap();
        assert_ne!(kind, "Seq Scan", "{plan:#}");
        assert_ne!(kind, "Bitmap Heap Scan", "{plan:#}");
        if kind.starts_with("Index") {
            let number = |name: &str| node[name].as_f64().unwrap_or(0.0);
            let rows = number("Actual Rows") + number("Rows Removed by Filter");
            rows_read += rows * number("Actual Loops");
            indexes.push(node["Index Name"].as_str().unwrap().to_owned());
        }
    });
    indexes.sort();
    indexes.dedup();
    assert_eq!(
        indexes,
        [
            "project_actions_request_seconds",
            "project_actions_seconds",
            "project_actions_untimed"
        ],
        "{plan:#}"
    );
    // The long request has its newest rows, and at most four others have five each. The seconds in
    // which a part begins and ends are read whole.
    let most = 51 + BLOCK_ACTIVITIES_MAX + 1 + 4 * 5 + SECONDS_IN_PART * ROWS_OF_A_SECOND;
    let most = u32::try_from(most).unwrap();
    assert!(rows_read <= f64::from(most), "{rows_read}: {plan:#}");
}
