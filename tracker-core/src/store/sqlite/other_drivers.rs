//! SQLite's errors as other drivers report them, on a connection of the caller's.

use std::{ffi::c_int, time::Duration};

use rusqlite::ffi;

use super::{error::ErrorContext, table_check::TABLE};
use crate::store::{BoxError, StoreError};

pub(crate) use super::write::INSERT;

/// Returns a connection's time-out for a lock, in milliseconds.
pub(crate) const BUSY_TIMEOUT: &str = "PRAGMA busy_timeout";

const OPERATION: &str = "writing";
const STORE: &str = "the caller's SQLite connection";

/// Returns the error for SQLite's extended result code and message.
///
/// `busy_timeout` is the time that the connection waits for a lock.
pub(crate) fn reported(code: c_int, message: &str, busy_timeout: Duration) -> StoreError {
    let store = STORE.to_owned();
    if message == format!("no such table: {TABLE}") {
        let table = TABLE.to_owned();
        return StoreError::NotMigrated { store, table };
    }
    let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), Some(message.to_owned()));
    ErrorContext {
        store,
        busy_timeout,
    }
    .classify(OPERATION, error)
}

/// Returns the error for one of the driver itself.
pub(crate) fn failed(source: impl Into<BoxError>) -> StoreError {
    StoreError::Failed {
        operation: OPERATION,
        store: STORE.to_owned(),
        source: source.into(),
    }
}
