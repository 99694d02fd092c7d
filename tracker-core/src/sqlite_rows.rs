//! Converts activities to rows of SQLite, and rows of any program to activities.
//!
//! The store and the journal share this code.

use std::borrow::Cow;

use rusqlite::{Connection, ToSql, types::ValueRef};
use serde_json::Number;

use crate::{
    Activity, ReferenceIds, Status,
    row::{IdBuffer, Row},
};

/// Executes a statement that inserts a row, for each of them, in the connection's current
/// transaction. Returns the number of inserted rows.
pub(crate) fn insert<'a>(
    connection: &Connection,
    statement: &str,
    rows: impl IntoIterator<Item = Row<'a>>,
) -> rusqlite::Result<u64> {
    let mut insert = connection.prepare(statement)?;
    let mut inserted = 0;
    for row in rows {
        inserted += with_values(&row, |values| insert.execute(values))? as u64;
    }
    Ok(inserted)
}

/// Calls `f` with the values of the ten columns, in the table's order.
pub(crate) fn with_values<T>(
    row: &Row<'_>,
    f: impl FnOnce(&[&dyn ToSql; 10]) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let mut id = IdBuffer::default();
    f(&[
        &row.action_id.text(&mut id),
        &row.project_id,
        &row.user_id,
        &row.request_id,
        &row.action_type,
        &row.action_details,
        &row.status,
        &row.environment,
        &row.reference_ids.json(),
        &row.created_at,
    ])
}

/// Reads a row of the ten columns, in the table's order. No content of a column is an error.
pub(crate) fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Activity> {
    let mut activity = Activity::empty(text(row.get_ref(0)?).unwrap_or_default());
    activity.project_id = text(row.get_ref(1)?);
    activity.user_id = text(row.get_ref(2)?);
    activity.request_id = text(row.get_ref(3)?);
    activity.action_type = text(row.get_ref(4)?).map(Cow::Owned);
    activity.action_details = text(row.get_ref(5)?);
    activity.status = text(row.get_ref(6)?).map(|status| Status::from(&*status));
    activity.environment = text(row.get_ref(7)?);
    activity.reference_ids = reference_ids(row.get_ref(8)?);
    activity.created_at = match row.get_ref(9)? {
        ValueRef::Integer(ms) => Some(ms),
        _ => None,
    };
    Ok(activity)
}

/// Reads a row like [`read`]; `None` if its ID is not UTF-8. A cursor can't name such a row, so a
/// page that ends with it could not be followed by another.
#[cfg(feature = "sqlite")]
pub(crate) fn read_named(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<Activity>> {
    match row.get_ref(0)? {
        ValueRef::Text(id) if std::str::from_utf8(id).is_err() => Ok(None),
        _ => read(row).map(Some),
    }
}

pub(crate) fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            Some(String::from_utf8_lossy(bytes).into_owned())
        }
    }
}

fn reference_ids(value: ValueRef<'_>) -> ReferenceIds {
    match value {
        ValueRef::Null => ReferenceIds::new(),
        ValueRef::Integer(number) => ReferenceIds::from_json(number.into()),
        ValueRef::Real(number) => Number::from_f64(number)
            .map_or_else(ReferenceIds::new, |number| {
                ReferenceIds::from_json(number.into())
            }),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            ReferenceIds::from_text(&String::from_utf8_lossy(bytes))
        }
    }
}
