//! Writes batches.

use rusqlite::{Connection, TransactionBehavior};

use super::synchronous::Synchronous;
use crate::{sqlite_rows as rows, store::Batch};

/// Inserts a row of the table.
pub(crate) const INSERT: &str = include_str!("sql/insert.sql");

/// Writes the activities in one transaction; those whose ID is there are passed over. Returns how
/// many were not there.
pub(super) fn write(
    connection: &mut Connection,
    synchronous: Synchronous,
    batch: &Batch,
) -> rusqlite::Result<u64> {
    if batch.is_empty() {
        return Ok(0);
    }
    // Set each time, not when the file is opened: the first time it may have to wait for a lock.
    connection.pragma_update(None, "synchronous", synchronous.name())?;
    // The busy time-out applies only if the write lock is taken at the start.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let inserted = rows::insert(&transaction, INSERT, batch.iter())?;
    transaction.commit()?;
    Ok(inserted)
}
