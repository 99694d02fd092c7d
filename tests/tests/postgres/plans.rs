//! The plans of the store's statements, with what each step has read.

use serde_json::Value;
use tokio_postgres::Client;

/// Runs a statement with these values, and returns its plan. `sql` has the columns, the filter and
/// the schema as placeholders.
pub(super) async fn explained(client: &Client, sql: &str, types: &str, values: &str) -> Value {
    let sql = sql
        .replace(
            "{columns}",
            include_str!("../../../tracker-core/src/store/postgres/sql/row.sql"),
        )
        .replace(
            "{filter}",
            include_str!("../../../tracker-core/src/store/postgres/sql/filter.sql"),
        )
        .replace("{schema}", "turbobackend");
    client
        .batch_execute(&format!(
            "DEALLOCATE ALL; PREPARE asked ({types}) AS {sql}; SET plan_cache_mode = force_custom_plan"
        ))
        .await
        .unwrap();
    let explain = format!("EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE asked ({values})");
    let row = client.query_one(&explain, &[]).await.unwrap();
    let plan: Value = row.get(0);
    plan[0]["Plan"].clone()
}

/// Visits each step of a plan.
pub(super) fn walk(node: &Value, visit: &mut impl FnMut(&Value)) {
    visit(node);
    for child in node["Plans"].as_array().into_iter().flatten() {
        walk(child, visit);
    }
}
