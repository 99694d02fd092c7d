//! Statements that share parts, and what is read of their rows.

use rusqlite::Row;

/// Reads a statement from its file, and fills in the parts that statements share.
macro_rules! sql {
    ($file:literal) => {
        include_str!(concat!("sql/", $file))
            .replace("{columns}", include_str!("sql/row.sql"))
            .replace("{filter}", include_str!("sql/filter.sql"))
            .replace("{time}", include_str!("sql/time.sql"))
    };
}

pub(super) use sql;

/// Reads a count, or a row's number.
pub(super) fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or(0))
}

/// Returns the steps of SQLite's plan for a statement that concern the table or its order.
#[cfg(test)]
pub(super) fn plan(sql: &str) -> Vec<String> {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    for migration in super::migrate::MIGRATIONS {
        connection.execute_batch(migration.sql).unwrap();
    }
    let mut explain = connection
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .unwrap();
    let details = explain
        .raw_query()
        .mapped(|row| row.get::<_, String>("detail"));
    let details = details.map(Result::unwrap);
    details
        .filter(|detail| detail.contains("project_actions") || detail.contains("ORDER BY"))
        .collect()
}
