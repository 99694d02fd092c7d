//! Migrates the table to the current shape.
//!
//! The migrations run in one transaction, which takes the write lock before it reads anything.
//! Processes that start at once thus migrate one after the other, and all but the first find
//! nothing to do. Any failure leaves the file unchanged.

use std::time::Instant;

use rusqlite::{Connection, TransactionBehavior};

use super::{
    error::{ErrorContext, is_busy},
    table_check::Table,
};
use crate::store::{
    BoxError, StoreError,
    migration::{Applied, HISTORY, Migration, MigrationError, migrations, missing, undone},
};

pub(super) const OPERATION: &str = "migrating";

/// All migrations, in their order.
pub(in crate::store) const MIGRATIONS: [Migration; 5] = migrations!(
    "sqlite",
    1 "project_actions",
    2 "timeline_index",
    3 "untimed_index",
    4 "requests_index",
    5 "times_index",
);

/// Applies the missing migrations; returns their names.
pub(super) fn run(
    connection: &mut Connection,
    context: &ErrorContext,
) -> Result<Vec<String>, StoreError> {
    let failed = |error| context.classify(OPERATION, error);

    // Checked first, so that a file with another table is not even put in WAL mode.
    refuse_other_shape(connection, context)?;
    switch_to_wal(connection, context).map_err(failed)?;

    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    let table = refuse_other_shape(&transaction, context)?;
    if let Some(table) = &table {
        bring_up_to_date(&transaction, table).map_err(|error| context.migration(error))?;
    }
    let applied = apply(&transaction).map_err(|error| context.migration(error))?;
    if applied.is_empty() && table.is_none() {
        return Err(context.migration(undone("")));
    }
    transaction.commit().map_err(failed)?;
    Ok(applied)
}

fn refuse_other_shape(
    connection: &Connection,
    context: &ErrorContext,
) -> Result<Option<Table>, StoreError> {
    let table = Table::read(connection).map_err(|error| context.classify(OPERATION, error))?;
    match table.as_ref().and_then(Table::difference_beyond_age) {
        Some(difference) => Err(context.other_shape(difference)),
        None => Ok(table),
    }
}

/// Puts the file in WAL mode, which is permanent. Some file systems don't support it, which is no
/// error.
fn switch_to_wal(connection: &Connection, context: &ErrorContext) -> rusqlite::Result<()> {
    let started = Instant::now();
    loop {
        match connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())) {
            Err(error) if is_busy(&error) && started.elapsed() < context.busy_timeout => {
                // The pragma doesn't wait for another writer. This does, up to the time-out.
                connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK")?;
            }
            switched => return switched,
        }
    }
}

/// Turns an older table into the one that the migrations would have made. The steps depend on the
/// table's columns, because `ALTER TABLE` has no `IF EXISTS`.
fn bring_up_to_date(connection: &Connection, table: &Table) -> rusqlite::Result<()> {
    if table.lacks_reference_ids() {
        connection.execute_batch(include_str!("sql/add_reference_ids.sql"))?;
    }
    if table.has_cost_usd() {
        connection.execute_batch(include_str!("sql/drop_cost_usd.sql"))?;
    }
    Ok(())
}

/// Applies the missing migrations; returns their names.
fn apply(connection: &Connection) -> Result<Vec<String>, BoxError> {
    connection
        .execute_batch(include_str!("sql/create_history.sql"))
        .map_err(|error| MigrationError::new("making the history of migrations", error))?;
    let history = history(connection)
        .map_err(|error| MigrationError::new("reading the history of migrations", error))?;
    let mut names = Vec::new();
    for migration in missing(&MIGRATIONS, &history)? {
        let note = migration.note()?;
        connection
            .execute_batch(migration.sql)
            .and_then(|()| connection.execute_batch(&note))
            .map_err(|error| MigrationError::new(migration, error))?;
        names.push(migration.to_string());
    }
    Ok(names)
}

fn history(connection: &Connection) -> rusqlite::Result<Vec<Applied>> {
    let mut select = connection.prepare(HISTORY)?;
    let rows = select.query_map([], |row| {
        let text = |column| row.get::<_, Option<String>>(column);
        let (applied_on, checksum) = (text(2)?, text(3)?);
        Ok(Applied::read(
            row.get(0)?,
            text(1)?,
            applied_on.as_deref(),
            checksum.as_deref(),
        ))
    })?;
    rows.collect()
}

impl ErrorContext {
    fn migration(&self, source: impl Into<BoxError>) -> StoreError {
        StoreError::Migration {
            store: self.store.clone(),
            source: source.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    #[test]
    fn every_migration_file_is_embedded() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
        let files: BTreeSet<_> = fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        let embedded = MIGRATIONS.iter().map(ToString::to_string);
        assert_eq!(files, embedded.collect());
    }
}
