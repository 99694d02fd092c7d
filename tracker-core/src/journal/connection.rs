//! Opening a connection to a journal file and checking its header: [`connect`], [`is_new`].

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags};

use super::error::JournalError;

/// The SQLite `application_id` of every journal file; see schema.sql.
const APPLICATION_ID: i64 = 0x7472_6b6a;
const VERSION: i64 = 1;

/// The time a statement waits while another program reads or writes the file.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_millis(500);

/// Opens an existing file, which may belong to another process.
pub(super) fn connect(path: &Path, access: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

/// Returns whether the file is still empty.
///
/// Fails with [`JournalError::Foreign`], and leaves the file as it is, if it is not a journal.
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
