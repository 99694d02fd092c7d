//! Blocks of a Postgres table: a page reads what it shows, whatever else the table has.

use tracker_core::timeline::BLOCK_ACTIVITIES_MAX;

use super::{
    plans::{explained, walk},
    timeline::{NEWEST, OLDEST, migrated},
};

const BLOCKS: &str = include_str!("../../../tracker-core/src/store/postgres/sql/blocks.sql");

/// The types of the statement's parameters: the filter's, the page's, and the top's.
const TYPES: &str = "text, text, text[], text, text, text, text, jsonb, bigint, bigint, text, \
                     bigint, bigint, boolean, bigint, text, boolean, text, \
                     bigint, text, text";

/// Three quarters of the rows belong to one request, and each other one has five.
const FILL: &str = "
    INSERT INTO turbobackend.project_actions (action_id, project_id, request_id, created_at)
        SELECT 'id-' || lpad(n::text, 6, '0'), 'large',
            CASE WHEN n % 4 = 0 THEN 'req_' || n / 20 ELSE 'long' END, n
        FROM generate_series(1, 120000) AS n;
";

#[tokio::test]
async fn a_page_of_blocks_reads_its_own_rows_however_long_a_request_or_the_table_is() {
    let (_database, _store, client) = migrated().await;
    client.batch_execute(FILL).await.unwrap();
    // The table is in the state that autovacuum leaves some time after the rows came.
    let vacuum = "VACUUM ANALYZE turbobackend.project_actions";
    client.batch_execute(vacuum).await.unwrap();

    let first = "true, NULL, NULL, true, NULL, NULL, NULL, NULL";
    let deep = "true, 60000, 'id-060000', true, NULL, 120000, 'id-120000', NULL";
    let older_top = "true, 60000, 'id-060000', true, NULL, 60003, 'id-060003', NULL";
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
        let plan = explained(&client, &sql, TYPES, &values).await;
        let mut rows_read = 0.0;
        let mut indexes = Vec::new();
        walk(&plan, &mut |node| {
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
            ["project_actions_requests", "project_actions_timeline"],
            "{plan:#}"
        );
        // The long request has its newest rows, and at most four others have five each.
        let most = u32::try_from(51 + BLOCK_ACTIVITIES_MAX + 1 + 4 * 5).unwrap();
        assert!(rows_read <= f64::from(most), "{rows_read}: {plan:#}");
    }
}
