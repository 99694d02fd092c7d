//! Reading what has arrived, and how far that is.

use rusqlite::{Connection, OptionalExtension, params};

use super::{
    statement::{number, sql},
    timeline::at_most,
};
use crate::{
    Activity, sqlite_rows as rows,
    timeline::{Arrivals, Arrived, Place},
};

/// Returns the place after the last row. Only one process writes at a time, so no row with a
/// smaller number can appear later.
pub(super) fn watermarks(connection: &Connection, numbering: u64) -> rusqlite::Result<Arrived> {
    let mut select = connection.prepare(include_str!("sql/watermarks.sql"))?;
    let last = select.query_row([], |row| {
        let action_id = row.get_ref(0)?.as_bytes()?;
        Ok(Place::after_number(numbering, number(row, 1)?, action_id))
    });
    let place = last.optional()?.unwrap_or(Place::before(numbering, 0));
    Ok(Arrived::at(place))
}

/// Reads the arrivals; `None` if the place does not belong to this file.
pub(super) fn arrivals(
    connection: &Connection,
    numbering: u64,
    query: &Arrivals,
) -> rusqlite::Result<Option<Vec<(Place, Activity)>>> {
    // One transaction, so that the check of the place and the rows after it see the same state of
    // the file.
    let transaction = connection.unchecked_transaction()?;
    let is_own = [&query.after, &query.until].map(|place| place.numbering == numbering);
    if is_own != [true; 2] || !has(&transaction, &query.after)? {
        return Ok(None);
    }
    let projects = serde_json::Value::from(&*query.projects).to_string();
    at_most(query.limit, |limit| {
        let mut select = transaction.prepare(&sql!("arrivals.sql"))?;
        let parameters = params![
            projects,
            signed(query.after.next_number()),
            signed(query.until.next_number()),
            query.created_after,
            limit
        ];
        let arrivals = select.query_map(parameters, |row| {
            let Some(activity) = rows::read_named(row)? else {
                return Ok(None);
            };
            let action_id = activity.action_id.as_bytes();
            let place = Place::after_number(numbering, number(row, 10)?, action_id);
            Ok(Some((place, activity)))
        })?;
        arrivals.collect()
    })
    .map(Some)
}

/// Returns whether the place belongs to this file.
///
/// SQLite reuses the number of a removed newest row, and a file that was restored from an older
/// copy has other rows. As long as the row still has its number, all rows with greater numbers
/// arrived after it.
pub(super) fn has(connection: &Connection, place: &Place) -> rusqlite::Result<bool> {
    if place.row.is_none() {
        return Ok(place.transaction == 0);
    }
    let mut select = connection.prepare(include_str!("sql/numbered.sql"))?;
    let found = select.query_row([signed(place.transaction)], |row| {
        let action_id = row.get_ref(0)?.as_bytes_or_null()?;
        Ok(action_id.is_some_and(|id| place.is_after_id(id)))
    });
    Ok(found.optional()?.unwrap_or(false))
}

pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Returns a number that changes when another connection writes.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "data_version", |row| row.get(0))
}
