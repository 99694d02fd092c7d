//! A page of a project's timeline.

use rusqlite::{Connection, Params, params, types::Value};

use super::rows;
use crate::{
    Activity,
    timeline::{Page, Query},
};

const TIMED: &str = include_str!("sql/timeline.sql");
const UNTIMED: &str = include_str!("sql/timeline_untimed.sql");

/// Reads the page: the rows that have a time, then, where they leave room, those that have none.
///
/// Each part is a range of an index, read from its beginning and no further than the page needs.
pub(super) fn page(connection: &Connection, query: &Query) -> rusqlite::Result<Page> {
    // SQLite's order has every blob behind every text: no ID is behind the empty one.
    let first = || Value::Blob(Vec::new());
    let (timed_after, untimed_after) = match query.cursor() {
        None => (Some((i64::MAX, first())), first()),
        Some(cursor) => {
            let id = Value::Text(cursor.action_id().to_owned());
            match cursor.created_at() {
                Some(time) => (Some((time, id)), first()),
                None => (None, id),
            }
        }
    };

    let wanted = query.page_limit() + 1;
    let mut found = Vec::new();
    if let Some((time, id)) = timed_after {
        let from = params![query.project_id(), time, id, wanted];
        read(connection, TIMED, from, &mut found)?;
    }
    let room = u32::try_from(found.len()).map_or(0, |found| wanted.saturating_sub(found));
    if room > 0 {
        let from = params![query.project_id(), untimed_after, room];
        read(connection, UNTIMED, from, &mut found)?;
    }
    Ok(Page::from_rows(query, found))
}

fn read(
    connection: &Connection,
    sql: &str,
    from: impl Params,
    found: &mut Vec<Activity>,
) -> rusqlite::Result<()> {
    let mut select = connection.prepare_cached(sql)?;
    for activity in select.query_map(from, rows::read)? {
        found.push(activity?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::migrate;

    fn plan(sql: &str) -> Vec<String> {
        let connection = Connection::open_in_memory().unwrap();
        for (_, sql) in migrate::MIGRATIONS {
            connection.execute_batch(sql).unwrap();
        }
        let mut explain = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
            .unwrap();
        let details = explain.raw_query().mapped(|row| row.get("detail"));
        details.collect::<rusqlite::Result<_>>().unwrap()
    }

    #[test]
    fn an_index_serves_the_timeline_in_its_order() {
        assert_eq!(
            plan(TIMED),
            [
                "SEARCH project_actions USING INDEX project_actions_timeline \
                 (project_id=? AND (created_at,action_id)<(?,?))"
            ]
        );
    }

    #[test]
    fn an_index_serves_the_rows_with_no_time_in_their_order() {
        assert_eq!(
            plan(UNTIMED),
            [
                "SEARCH project_actions USING INDEX project_actions_untimed \
                 (project_id=? AND action_id<?)"
            ]
        );
    }
}
