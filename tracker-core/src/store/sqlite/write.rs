//! Writing batches.

use rusqlite::{Connection, TransactionBehavior};

use super::synchronous::Synchronous;
use crate::{Activity, sqlite_rows as rows};

/// Inserts a row of the table.
pub(crate) const INSERT: &str = include_str!("sql/insert.sql");

/// Writes the activities in one transaction; those whose ID is there are passed over.
pub(super) fn write(
    connection: &mut Connection,
    synchronous: Synchronous,
    activities: &[Activity],
) -> rusqlite::Result<()> {
    if activities.is_empty() {
        return Ok(());
    }
    // Set each time, not when the file is opened: the first time it may have to wait for a lock.
    connection.pragma_update(None, "synchronous", synchronous.name())?;
    // Taking the write lock at the start is what makes the busy time-out apply.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    rows::insert(&transaction, INSERT, activities)?;
    transaction.commit()
}
