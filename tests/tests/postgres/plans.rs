//! The plans of the store's statements, with what each step has read.

use serde_json::Value;
use tokio_postgres::Client;

/// Runs a statement with these values, and returns its plan. `sql` has the columns, the filter and
/// the schema as placeholders.
pub(super) async fn explained(client: &Client, sql: &str, types: &str, values: &str) -> Value {
    explain(client, &filled_in(sql), types, values, "force_custom_plan").await
}

/// Does the same with the plan that a connection keeps for all values: conditions on parameters
/// that are NULL are settled, and the values are unknown.
pub(super) async fn explained_kept(client: &Client, sql: &str, types: &str, values: &str) -> Value {
    let mut sql = filled_in(sql);
    for ((of_type, value), number) in types.split(", ").zip(values.split(", ")).zip(1..) {
        let parameter = format!("${number}::{}", of_type.trim());
        let is_null = value == "NULL";
        for (question, answer) in [("IS NULL", is_null), ("IS NOT NULL", !is_null)] {
            let answer = if answer { "TRUE" } else { "FALSE" };
            sql = sql.replace(&format!("{parameter} {question}"), answer);
        }
    }
    explain(client, &sql, types, values, "force_generic_plan").await
}

fn filled_in(sql: &str) -> String {
    sql.replace(
        "{columns}",
        include_str!("../../../tracker-core/src/store/postgres/sql/row.sql"),
    )
    .replace(
        "{filter}",
        include_str!("../../../tracker-core/src/store/postgres/sql/filter.sql"),
    )
    .replace("{schema}", "turbobackend")
}

async fn explain(client: &Client, sql: &str, types: &str, values: &str, mode: &str) -> Value {
    client
        .batch_execute(&format!(
            "DEALLOCATE ALL; PREPARE asked ({types}) AS {sql}; SET plan_cache_mode = {mode}"
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
