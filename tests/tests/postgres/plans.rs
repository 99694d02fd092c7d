//! The plans of the store's statements, with what each step has read.

use serde_json::Value;
use tokio_postgres::Client;

/// The placeholders of the statements, each of which may be filled with further ones.
const PLACEHOLDERS: [(&str, &str); 13] = [
    (
        "{columns}",
        include_str!("../../../tracker-core/src/store/postgres/sql/row.sql"),
    ),
    (
        "{project}",
        include_str!("../../../tracker-core/src/store/postgres/sql/project.sql"),
    ),
    (
        "{filter}",
        include_str!("../../../tracker-core/src/store/postgres/sql/filter.sql"),
    ),
    ("{request_of_filter}", REQUEST),
    ("{request_of_step}", REQUEST),
    ("{since}", "({second}, created_at) >= ($9 >> {shift}, $9)"),
    ("{until}", "({second}, created_at) < ($10 >> {shift}, $10)"),
    ("{project_id}", "project_id COLLATE \"C\""),
    ("{request_id}", "request_id COLLATE \"C\""),
    ("{action_type}", "action_type COLLATE \"C\""),
    ("{second}", "(created_at >> 10)"),
    ("{shift}", "10"),
    ("{schema}", "turbobackend"),
];

const REQUEST: &str = include_str!("../../../tracker-core/src/store/postgres/sql/request.sql");

/// Runs a statement with these values, and returns its plan. `sql` may have placeholders.
pub(super) async fn explained(client: &Client, sql: &str, types: &str, values: &str) -> Value {
    let settings = "SET plan_cache_mode = force_custom_plan; SET enable_sort = on";
    explain(client, &filled_in(sql), types, values, settings).await
}

/// Does the same for rows that an index has in the order of their seconds.
pub(super) async fn explained_in_order(
    client: &Client,
    sql: &str,
    types: &str,
    values: &str,
) -> Value {
    let settings = "SET plan_cache_mode = force_custom_plan; SET enable_sort = off";
    explain(client, &filled_in(sql), types, values, settings).await
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
    let settings = "SET plan_cache_mode = force_generic_plan; SET enable_sort = off";
    explain(client, &sql, types, values, settings).await
}

fn filled_in(sql: &str) -> String {
    PLACEHOLDERS
        .iter()
        .fold(sql.to_owned(), |sql, (name, text)| {
            let id = match *name {
                "{request_of_filter}" => "$5",
                _ => "request.id",
            };
            sql.replace(name, &text.replace("{id}", id))
        })
}

async fn explain(client: &Client, sql: &str, types: &str, values: &str, settings: &str) -> Value {
    client
        .batch_execute(&format!(
            "DEALLOCATE ALL; PREPARE asked ({types}) AS {sql}; {settings}"
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
