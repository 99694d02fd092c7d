//! What SQLite says to other drivers than the store's, on a connection of the caller's.

use std::{ffi::c_int, time::Duration};

use rusqlite::ffi;

use super::{error::ErrorContext, table_check::TABLE};
use crate::store::{BoxError, StoreError};

pub(crate) use super::write::INSERT;

/// Asks a connection how many milliseconds it waits for a lock.
pub(crate) const BUSY_TIMEOUT: &str = "PRAGMA busy_timeout";

const OPERATION: &str = "writing";
const STORE: &str = "the caller's SQLite connection";

/// The error that SQLite reported by its extended result code and a message.
///
/// The connection waits for a lock for `busy_timeout`.
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

/// The error of the driver itself.
pub(crate) fn failed(source: impl Into<BoxError>) -> StoreError {
    StoreError::Failed {
        operation: OPERATION,
        store: STORE.to_owned(),
        source: source.into(),
    }
}
