//! Bringing the table to the shape of today.
//!
//! The migrations run through refinery, in one transaction that takes the write lock before it
//! looks at anything. Processes that start at once thus migrate one after the other, and all but
//! the first find nothing to do. Whatever fails leaves the file as it was.

use std::{num::ParseIntError, time::Instant};

use refinery_core::{
    Migration, Runner,
    traits::sync::{Migrate, Query, Transaction},
};
use rusqlite::{Connection, TransactionBehavior};
use thiserror::Error as ThisError;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    error::{Place, is_busy},
    shape::Table,
};
use crate::store::{BoxError, StoreError, migration_error::MigrationError};

pub(super) const OPERATION: &str = "migrating";

const HISTORY_TABLE: &str = "tracker_schema_history";

macro_rules! migrations {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../../migrations/sqlite/", $name, ".sql")))),*]
    };
}

/// The names of the files, and what is in them.
pub(super) const MIGRATIONS: [(&str, &str); 3] = migrations![
    "V1__project_actions",
    "V2__timeline_index",
    "V3__untimed_index",
];

/// Migrates, and returns the names of the migrations that were not applied before.
pub(super) fn run(connection: &mut Connection, place: &Place) -> Result<Vec<String>, StoreError> {
    let failed = |error| place.classify(OPERATION, error);

    // Looked at first, so that a file with another table isn't even put in WAL mode.
    refuse_other_shape(connection, place)?;
    switch_to_wal(connection, place).map_err(failed)?;

    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    if let Some(table) = refuse_other_shape(&transaction, place)? {
        bring_up_to_date(&transaction, &table).map_err(|error| place.migration(error))?;
    }
    let applied = apply(&mut Locked(&transaction))
        .map_err(|error| place.migration(MigrationError::from(error)))?;
    transaction.commit().map_err(failed)?;
    Ok(applied)
}

fn refuse_other_shape(connection: &Connection, place: &Place) -> Result<Option<Table>, StoreError> {
    let table = Table::read(connection).map_err(|error| place.classify(OPERATION, error))?;
    match table.as_ref().and_then(Table::difference_beyond_age) {
        Some(difference) => Err(place.other_shape(difference)),
        None => Ok(table),
    }
}

/// Puts the file in WAL mode, which lasts; some file systems can't have it, which is no error.
fn switch_to_wal(connection: &Connection, place: &Place) -> rusqlite::Result<()> {
    let started = Instant::now();
    loop {
        match connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())) {
            Err(error) if is_busy(&error) && started.elapsed() < place.busy_timeout => {
                // The pragma doesn't wait for another writer. This does, up to the time-out.
                connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK")?;
            }
            switched => return switched,
        }
    }
}

/// Makes of an older table the one that the migrations would have made. It is done by what the
/// table has, since `ALTER TABLE` knows no `IF EXISTS`.
fn bring_up_to_date(connection: &Connection, table: &Table) -> rusqlite::Result<()> {
    if table.lacks_reference_ids() {
        connection.execute_batch(include_str!("sql/add_reference_ids.sql"))?;
    }
    if table.has_cost_usd() {
        connection.execute_batch(include_str!("sql/drop_cost_usd.sql"))?;
    }
    Ok(())
}

fn apply(locked: &mut Locked<'_>) -> Result<Vec<String>, refinery_core::Error> {
    let migrations = MIGRATIONS
        .iter()
        .map(|(name, sql)| Migration::unapplied(name, sql))
        .collect::<Result<Vec<_>, _>>()?;
    // A history that is ahead of this version is no error: while versions change, a process of
    // the older one may start after one of the newer.
    let mut runner = Runner::new(&migrations).set_abort_missing(false);
    runner.set_migration_table_name(HISTORY_TABLE);
    let report = runner.run(locked)?;
    Ok(report
        .applied_migrations()
        .iter()
        .map(ToString::to_string)
        .collect())
}

impl Place {
    fn migration(&self, source: impl Into<BoxError>) -> StoreError {
        StoreError::Migration {
            store: self.store.clone(),
            source: source.into(),
        }
    }
}

/// A connection inside the transaction around the whole run. refinery's own driver would open a
/// transaction for each step, and lets two processes apply the same one.
struct Locked<'a>(&'a Connection);

#[derive(Debug, ThisError)]
enum HistoryError {
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    #[error("the time of version {version} in {HISTORY_TABLE} can't be read")]
    Time {
        version: i32,
        source: time::error::Parse,
    },
    #[error("the checksum of version {version} in {HISTORY_TABLE} can't be read")]
    Checksum { version: i32, source: ParseIntError },
}

impl Transaction for Locked<'_> {
    type Error = HistoryError;

    fn execute<'a, T: Iterator<Item = &'a str>>(
        &mut self,
        queries: T,
    ) -> Result<usize, HistoryError> {
        let mut count = 0;
        for query in queries {
            self.0.execute_batch(query)?;
            count += 1;
        }
        Ok(count)
    }
}

impl Query<Vec<Migration>> for Locked<'_> {
    fn query(&mut self, query: &str) -> Result<Vec<Migration>, HistoryError> {
        let mut select = self.0.prepare(query)?;
        let mut rows = select.query([])?;
        let mut applied = Vec::new();
        while let Some(row) = rows.next()? {
            let version = row.get(0)?;
            let applied_on = OffsetDateTime::parse(&row.get::<_, String>(2)?, &Rfc3339)
                .map_err(|source| HistoryError::Time { version, source })?;
            let checksum = row
                .get::<_, String>(3)?
                .parse()
                .map_err(|source| HistoryError::Checksum { version, source })?;
            applied.push(Migration::applied(
                version,
                row.get(1)?,
                applied_on,
                checksum,
            ));
        }
        Ok(applied)
    }
}

impl Migrate for Locked<'_> {}

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
        let embedded = MIGRATIONS.iter().map(|(name, _)| (*name).to_owned());
        assert_eq!(files, embedded.collect());
    }
}
