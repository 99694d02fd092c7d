//! Writes one activity on an SQLite connection of the caller's.

use std::time::Duration;

use rusqlite::Connection;

use super::{error::ErrorContext, write::INSERT};
use crate::{Activity, row::Row, sqlite_rows as rows, store::StoreError};

/// Writes the activity, within the connection's open transaction if there is one. A failed
/// statement leaves that transaction unchanged.
pub(crate) fn insert(connection: &Connection, activity: &Activity) -> Result<(), StoreError> {
    let inserted = rows::insert(connection, INSERT, [Row::from(activity)]);
    inserted.map(drop).map_err(|error| {
        let busy_timeout = connection.pragma_query_value(None, "busy_timeout", |row| row.get(0));
        let context = ErrorContext {
            store: "the caller's SQLite connection".to_owned(),
            busy_timeout: Duration::from_millis(u64::from(busy_timeout.unwrap_or(0u32))),
        };
        context.explain(connection, "writing", error)
    })
}
