//! A connection to a journal's file, and whether that is one: [`connect`], [`is_new`].

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags};

use super::error::JournalError;

/// What this crate's journals have in their header: see schema.sql.
const APPLICATION_ID: i64 = 0x7472_6b6a;
const VERSION: i64 = 1;

/// How long a statement waits while an operator's program reads or writes the file.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_millis(500);

/// Opens a file that is there, which may be another process's.
pub(super) fn connect(path: &Path, access: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

/// Whether a file is still empty; one that holds something else than a journal is an error, and left as it is.
pub(super) fn is_new(connection: &Connection) -> Result<bool, JournalError> {
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let kind = (pragma("application_id")?, pragma("user_version")?);
    if tables > 0 && kind != (APPLICATION_ID, VERSION) {
        return Err(JournalError::Foreign);
    }
    Ok(tables == 0)
}
