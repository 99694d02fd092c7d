//! The project's development database: one SQLite file, and how every step uses it.

use std::panic;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::types::Value as SqlValue;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use tokio::task;
use tracker_core::ReferenceIds;

use crate::names::Names;

/// The longest time of one piece of work on the database. SQLite then interrupts the running
/// statement.
pub const WORK_LIMIT: Duration = Duration::from_secs(10);
/// The longest wait for another connection's write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// SQLite instructions between two looks at the clock: about a tenth of a millisecond's worth.
const INSTRUCTIONS_PER_CHECK: i32 = 10_000;

/// A database that exists. Cheap to clone: it is the way there, not a connection.
#[derive(Clone, Debug, ReferenceIds)]
pub struct DevelopmentDatabase {
    #[reference]
    pub database_id: String,
    pub path: PathBuf,
    pub tables: Names,
}

impl DevelopmentDatabase {
    /// Does blocking work with a connection of its own, away from the async threads. The work is
    /// interrupted when it takes longer than [`WORK_LIMIT`], and when the caller stops waiting for
    /// it.
    pub async fn with<T, E>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<rusqlite::Error> + Send + 'static,
    {
        let path = self.path.clone();
        let caller = Arc::new(());
        let waiting = Arc::downgrade(&caller);
        let task = task::spawn_blocking(move || {
            let mut connection = open(&path)?;
            let deadline = Instant::now() + WORK_LIMIT;
            let interrupt = move || waiting.strong_count() == 0 || Instant::now() > deadline;
            connection.progress_handler(INSTRUCTIONS_PER_CHECK, Some(interrupt))?;
            work(&mut connection)
        });
        let result = task.await;
        drop(caller);
        result.unwrap_or_else(|error| panic::resume_unwind(error.into_panic()))
    }
}

/// Opens a connection to a database that exists, with references enforced.
pub fn open(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true)?;
    // By default SQLite takes a quoted name that it doesn't know for a text, and a misspelt column
    // goes unnoticed.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    Ok(connection)
}

/// The value that SQLite stores for one from JSON; `None` for lists and objects, which no column
/// holds.
pub fn sql_value(value: &Value) -> Option<SqlValue> {
    Some(match value {
        Value::Null => SqlValue::Null,
        Value::Bool(truth) => SqlValue::Integer(i64::from(*truth)),
        Value::Number(number) => match number.as_i64() {
            Some(integer) => SqlValue::Integer(integer),
            None => SqlValue::Real(number.as_f64()?),
        },
        Value::String(text) => SqlValue::Text(text.clone()),
        Value::Array(_) | Value::Object(_) => return None,
    })
}
