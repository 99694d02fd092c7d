//! Reading: pages, single activities, counts, and all rows.

use rusqlite::{Connection, OptionalExtension, Statement, params, types::Value};

use super::{
    filter::{FilterValues, Named},
    statement::{number, sql},
};
use crate::{
    Activity, sqlite_rows as rows,
    timeline::{Filter, Order, Page, Query},
};

/// Reads a page. Rows with a time and rows without are two ranges; the second in the page's order
/// is read only if the first does not fill the page.
///
/// Each part is a range of an index, read from its beginning and no further than the page needs.
pub(super) fn page(connection: &Connection, query: &Query) -> rusqlite::Result<Page> {
    let Some(values) = FilterValues::new(query.filter()) else {
        return Ok(Page::default());
    };
    let wanted = query.page_limit() + 1 + query.page_offset();
    let is_behind_timed = query.cursor().map(|cursor| cursor.created_at().is_some());
    let mut found = Vec::new();
    match query.page_order() {
        Order::Newest => {
            if is_behind_timed != Some(false) {
                timed(connection, &values, query, wanted, &mut found)?;
            }
            untimed(connection, &values, query, wanted, &mut found)?;
        }
        Order::Oldest => {
            if is_behind_timed != Some(true) {
                untimed(connection, &values, query, wanted, &mut found)?;
            }
            timed(connection, &values, query, wanted, &mut found)?;
        }
    }
    let rows = found.into_iter().skip(query.page_offset() as usize);
    Ok(Page::from_rows(query, rows.collect()))
}

/// A value before all IDs, which are texts, in SQLite's order of values.
const FIRST_ID: Value = Value::Integer(0);

/// A value after all IDs.
pub(super) fn last_id() -> Value {
    Value::Blob(Vec::new())
}

fn timed(
    connection: &Connection,
    values: &FilterValues<'_>,
    query: &Query,
    wanted: u32,
    found: &mut Vec<Activity>,
) -> rusqlite::Result<()> {
    let cursor = query.cursor();
    let after = cursor.and_then(|cursor| Some((cursor.created_at()?, cursor.action_id())));
    let after = after.map(|(time, id)| (time, Value::Text(id.to_owned())));
    let (mut from, mut last) = (values.from, values.last);
    let (sql, (time, id)) = match query.page_order() {
        Order::Newest => {
            let after = after.unwrap_or((i64::MAX, last_id()));
            last = last.min(after.0);
            (sql!("timed_newest.sql"), after)
        }
        Order::Oldest => {
            let after = after.unwrap_or((i64::MIN, FIRST_ID));
            from = from.max(after.0);
            (sql!("timed_oldest.sql"), after)
        }
    };
    let own: [Named<'_>; 4] = [
        (":time", &time),
        (":id", &id),
        (":from", &from),
        (":last", &last),
    ];
    read(connection, &sql, values, &own, wanted, found)
}

fn untimed(
    connection: &Connection,
    values: &FilterValues<'_>,
    query: &Query,
    wanted: u32,
    found: &mut Vec<Activity>,
) -> rusqlite::Result<()> {
    if !values.has_untimed() {
        return Ok(());
    }
    let after = query
        .cursor()
        .filter(|cursor| cursor.created_at().is_none());
    let after = after.map(|cursor| Value::Text(cursor.action_id().to_owned()));
    let (sql, id) = match query.page_order() {
        Order::Newest => (sql!("untimed_newest.sql"), after.unwrap_or_else(last_id)),
        Order::Oldest => (sql!("untimed_oldest.sql"), after.unwrap_or(Value::Null)),
    };
    let own: [Named<'_>; 1] = [(":id", &id)];
    read(connection, &sql, values, &own, wanted, found)
}

/// Reads as many rows as the page still lacks.
fn read(
    connection: &Connection,
    sql: &str,
    values: &FilterValues<'_>,
    own: &[Named<'_>],
    wanted: u32,
    found: &mut Vec<Activity>,
) -> rusqlite::Result<()> {
    let room = left(found, wanted);
    if room == 0 {
        return Ok(());
    }
    let mut select = connection.prepare(&values.statement(sql))?;
    found.extend(first(&mut select, values, own, room)?);
    Ok(())
}

/// Returns the number of rows that are wanted and not found yet.
pub(super) fn left(found: &[Activity], wanted: u32) -> u32 {
    u32::try_from(found.len()).map_or(0, |found| wanted.saturating_sub(found))
}

/// Reads the first `wanted` rows of a statement that has a filter and a limit.
pub(super) fn first(
    select: &mut Statement<'_>,
    values: &FilterValues<'_>,
    own: &[Named<'_>],
    wanted: u32,
) -> rusqlite::Result<Vec<Activity>> {
    at_most(wanted, |limit| {
        let mut named = values.named();
        named.extend(own);
        named.push((":limit", &limit));
        select.query_map(&*named, rows::read_named)?.collect()
    })
}

/// Returns the first `wanted` rows of a statement whose IDs are valid. The statement is repeated
/// with a higher limit if some of its rows have invalid IDs.
pub(super) fn at_most<T>(
    wanted: u32,
    mut select: impl FnMut(u32) -> rusqlite::Result<Vec<Option<T>>>,
) -> rusqlite::Result<Vec<T>> {
    let mut limit = wanted;
    loop {
        let rows = select(limit)?;
        let is_all = rows.len() < limit as usize;
        let named: Vec<_> = rows.into_iter().flatten().take(wanted as usize).collect();
        if is_all || named.len() == wanted as usize {
            return Ok(named);
        }
        limit = limit.saturating_mul(2);
    }
}

pub(super) fn activity(
    connection: &Connection,
    project_id: &str,
    action_id: &str,
) -> rusqlite::Result<Option<Activity>> {
    let mut select = connection.prepare(&sql!("activity.sql"))?;
    select
        .query_row([action_id, project_id], rows::read)
        .optional()
}

pub(super) fn count(connection: &Connection, filter: &Filter) -> rusqlite::Result<u64> {
    let Some(values) = FilterValues::new(filter) else {
        return Ok(0);
    };
    let is_timed = !values.has_untimed();
    let mut named = values.named();
    let own: [Named<'_>; 3] = [
        (":is_timed", &is_timed),
        (":from", &values.from),
        (":last", &values.last),
    ];
    named.extend(own);
    let mut select = connection.prepare(&values.statement(&sql!("count.sql")))?;
    select.query_row(&*named, |row| number(row, 0))
}

pub(super) fn scan(
    connection: &Connection,
    after: Option<&str>,
    limit: u32,
) -> rusqlite::Result<Vec<Activity>> {
    let mut select = connection.prepare(&sql!("scan.sql"))?;
    at_most(limit, |limit| {
        let rows = select.query_map(params![after, limit], rows::read_named)?;
        rows.collect()
    })
}

pub(super) fn count_before(connection: &Connection, created_before: i64) -> rusqlite::Result<u64> {
    let mut select = connection.prepare(&sql!("count_before.sql"))?;
    select.query_row([created_before], |row| number(row, 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::statement::plan;

    #[test]
    fn an_index_serves_the_timeline_from_both_ends_and_between_times() {
        for sql in [sql!("timed_newest.sql"), sql!("timed_oldest.sql")] {
            assert_eq!(
                plan(&sql),
                [
                    "SEARCH project_actions USING INDEX project_actions_timeline \
                     (project_id=? AND created_at>? AND created_at<?)"
                ]
            );
        }
    }

    #[test]
    fn an_index_serves_the_timeline_of_all_projects_from_both_ends() {
        let all_projects = Filter::all_projects();
        let values = FilterValues::new(&all_projects).unwrap();
        for sql in [sql!("timed_newest.sql"), sql!("timed_oldest.sql")] {
            assert_eq!(
                plan(&values.statement(&sql)),
                ["SEARCH project_actions USING INDEX project_actions_times \
                     (created_at>? AND created_at<?)"]
            );
        }
    }

    #[test]
    fn an_index_serves_the_rows_with_no_time_in_their_order() {
        for (sql, operator) in [
            (sql!("untimed_newest.sql"), "<"),
            (sql!("untimed_oldest.sql"), ">"),
        ] {
            let expected = format!(
                "SEARCH project_actions USING INDEX project_actions_untimed \
                 (project_id=? AND action_id{operator}?)"
            );
            assert_eq!(plan(&sql), [expected]);
        }
    }

    #[test]
    fn an_index_leads_to_the_rows_behind_an_id() {
        let index = "sqlite_autoindex_project_actions_1";
        let expected = format!("SEARCH project_actions USING INDEX {index} (action_id>?)");
        assert_eq!(plan(&sql!("scan.sql")), [expected]);
    }
}
