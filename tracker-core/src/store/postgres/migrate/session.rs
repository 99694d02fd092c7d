//! The session on which [`refinery_core`] applies migrations.
//!
//! Its own for Postgres has every migration in a transaction, where an index can't be built without blocking writers.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use refinery_core::{
    Migration,
    traits::r#async::{AsyncMigrate, AsyncQuery, AsyncTransaction},
};
use thiserror::Error;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::time::sleep;
use tokio_postgres::{Client, Row};

use crate::store::postgres::{
    engine::{self, Engine, Feature},
    error::{Class, PostgresError},
};

/// The first line of a migration that can't run in a transaction.
const NO_TRANSACTION: &str = "-- no transaction\n";

/// How long a change, ALTER TABLE that is, may wait for its lock: while it waits behind a long transaction, every writer
/// waits behind it.
const LOCK_TIMEOUT_MS: u32 = 5_000;

/// How often a change is tried whose lock was not to be had within the limit, and the first pause between two tries, in
/// which the writers that waited behind it catch up; it doubles each time.
const LOCK_ATTEMPTS: usize = 5;
const LOCK_PAUSE: Duration = Duration::from_secs(1);

pub(super) struct Session<'a> {
    pub(super) client: &'a Client,
    pub(super) engine: &'a Engine,
}

#[derive(Debug, Error)]
pub(super) enum SessionError {
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    #[error(
        "the history of migrations has a row for version {version} that can't be read: restore or delete it"
    )]
    History { version: i32 },
}

impl From<tokio_postgres::Error> for SessionError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Postgres(error.into())
    }
}

impl AsyncTransaction for Session<'_> {
    type Error = SessionError;

    /// Runs a migration and the statement that notes it: in one transaction, or, where the migration can't be in one,
    /// one after the other. A migration that ran and was not noted runs again, and finds its work done. One that the server does not
    /// know a part of is replaced by one that does without it, and noted as itself.
    async fn execute<'a, T: Iterator<Item = &'a str> + Send + 'a>(
        &'a mut self,
        queries: T,
    ) -> Result<usize, Self::Error> {
        let mut queries: Vec<_> = queries.collect();
        let count = queries.len();
        match self.run(&queries).await {
            Err(error) if engine::is_lack(&error) => {
                let instead = queries.first().and_then(|first| instead_of(first));
                let Some((feature, sql)) = instead else {
                    return Err(error.into());
                };
                self.engine.found_lacking(feature, &error.to_string());
                queries[0] = sql;
                self.run(&queries).await?;
            }
            ran => ran?,
        }
        Ok(count)
    }
}

/// What is in a statement that an engine may not know, which feature that is, and the statement that does without it.
const INSTEAD: [(&str, Feature, &str); 3] = [
    (
        "USING brin",
        Feature::BlockRangeIndexes,
        include_str!("sql/index_created_at_btree.sql"),
    ),
    (
        "jsonb_path_ops",
        Feature::PathIndexes,
        include_str!("sql/index_reference_ids_usual.sql"),
    ),
    (
        "DO $$",
        Feature::Blocks,
        include_str!("sql/create_history_plainly.sql"),
    ),
];

fn instead_of(statement: &str) -> Option<(Feature, &'static str)> {
    let mut found = INSTEAD.iter().filter(|(part, ..)| statement.contains(part));
    found
        .next()
        .map(|(_, feature, instead)| (*feature, *instead))
}

impl Session<'_> {
    async fn run(&self, queries: &[&str]) -> Result<(), PostgresError> {
        match queries {
            [migration, notes @ ..] if migration.starts_with(NO_TRANSACTION) => {
                self.client.batch_execute(migration).await?;
                for note in notes {
                    self.client.batch_execute(note).await?;
                }
                Ok(())
            }
            all => in_transaction(self.client, &all.join("\n;\n")).await,
        }
    }
}

/// Runs statements in one transaction, as the server does with all that come in one message; again, a bounded number of
/// times, when a lock was not to be had.
async fn in_transaction(client: &Client, statements: &str) -> Result<(), PostgresError> {
    let statements = format!("SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS};\n{statements}");
    let backoff = ExponentialBuilder::default()
        .with_min_delay(LOCK_PAUSE)
        .with_max_times(LOCK_ATTEMPTS - 1);
    let attempt = || async { Ok(client.batch_execute(&statements).await?) };
    attempt
        .retry(backoff)
        .sleep(sleep)
        .when(|error: &PostgresError| error.class() == Class::Locked)
        .await
}

impl AsyncQuery<Vec<Migration>> for Session<'_> {
    async fn query<'a>(&'a mut self, query: &'a str) -> Result<Vec<Migration>, Self::Error> {
        let rows = self.client.query_typed(query, &[]).await?;
        rows.iter().map(applied).collect()
    }
}

/// The migration that a row of the history tells of.
fn applied(row: &Row) -> Result<Migration, SessionError> {
    let version = row.try_get(0)?;
    let (name, applied_on, checksum): (Option<String>, Option<&str>, Option<&str>) =
        (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
    let applied_on = applied_on.and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
    let checksum = checksum.and_then(|text| text.parse().ok());
    match (name, applied_on, checksum) {
        (Some(name), Some(applied_on), Some(checksum)) => {
            Ok(Migration::applied(version, name, applied_on, checksum))
        }
        _ => Err(SessionError::History { version }),
    }
}

impl AsyncMigrate for Session<'_> {
    fn assert_migrations_table_query(_migration_table_name: &str) -> String {
        include_str!("sql/create_history.sql").to_owned()
    }
}
