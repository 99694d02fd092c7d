//! Applies migrations on a session.
//!
//! Some migrations run outside a transaction, because in a transaction an index can't be built
//! without blocking writers.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use tokio::time::sleep;
use tokio_postgres::Row;

use super::partitioned_index;
use crate::store::{
    migration::{Applied, HISTORY, Migration},
    postgres::{
        class::Class,
        dedicated_session::DedicatedSession,
        engine::{self, Engine, Feature},
        error::PostgresError,
    },
};

/// The first line of a migration that can't run in a transaction.
const NO_TRANSACTION: &str = "-- no transaction\n";

/// The time limit for a change (ALTER TABLE) to get its lock: while it waits behind a long
/// transaction, every writer waits behind it.
const LOCK_TIMEOUT_MS: u32 = 5_000;

/// The number of attempts at a change that does not get its lock, and the first pause between two
/// attempts. The pause doubles each time; writers that waited catch up in it.
const LOCK_ATTEMPTS: usize = 5;
const LOCK_PAUSE: Duration = Duration::from_secs(1);

pub(super) struct Session<'a> {
    pub(super) client: &'a DedicatedSession,
    pub(super) engine: &'a Engine,
}

/// Alternative statements: the part of a statement that an engine may not know, its feature, and
/// the statement that works without it.
const INSTEAD: [(&str, Feature, &str); 9] = [
    (
        "project_actions_seconds",
        Feature::TextHashes,
        include_str!("sql/index_seconds_of_texts.sql"),
    ),
    (
        "project_actions_type_seconds",
        Feature::TextHashes,
        include_str!("sql/index_type_seconds_of_texts.sql"),
    ),
    (
        "project_actions_request_seconds",
        Feature::TextHashes,
        include_str!("sql/index_request_seconds_of_texts.sql"),
    ),
    (
        "project_actions_untimed",
        Feature::TextHashes,
        include_str!("sql/index_untimed_of_texts.sql"),
    ),
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
    (
        "REPLICA IDENTITY",
        Feature::ReplicaIdentities,
        include_str!("sql/no_replica_identities.sql"),
    ),
    (
        "project_actions_counts",
        Feature::KeptCounts,
        include_str!("sql/no_counts.sql"),
    ),
];

fn instead_of(statement: &str) -> Option<(Feature, &'static str)> {
    let mut found = INSTEAD.iter().filter(|(part, ..)| statement.contains(part));
    found
        .next()
        .map(|(_, feature, instead)| (*feature, *instead))
}

impl Session<'_> {
    /// Creates the table of applied migrations unless it exists.
    pub(super) async fn create_history(&self) -> Result<(), PostgresError> {
        self.execute(vec![include_str!("sql/create_history.sql")])
            .await
    }

    /// Reads the migrations that were applied.
    pub(super) async fn history(&self) -> Result<Vec<Applied>, PostgresError> {
        let rows = self.client.query_typed(HISTORY, &[]).await?;
        let read = |row: Row| -> Result<_, tokio_postgres::Error> {
            Ok(Applied::read(
                row.try_get(0)?,
                row.try_get(1)?,
                row.try_get(2)?,
                row.try_get(3)?,
            ))
        };
        let history: Result<_, _> = rows.into_iter().map(read).collect();
        Ok(history?)
    }

    /// Applies a migration and records it, in one transaction if the migration allows that, else
    /// one after the other. A migration that ran without being recorded runs again, and finds its
    /// work done.
    pub(super) async fn apply(
        &self,
        migration: &Migration,
        note: &str,
    ) -> Result<(), PostgresError> {
        self.execute(vec![migration.sql, note]).await
    }

    /// Applies a migration again that is noted already.
    pub(super) async fn apply_again(&self, migration: &Migration) -> Result<(), PostgresError> {
        self.execute(vec![migration.sql]).await
    }

    /// Changes the table in one transaction, besides the migrations.
    pub(super) async fn change(&self, statement: &str) -> Result<(), PostgresError> {
        in_transaction(self.client, statement).await
    }

    /// Runs statements. The first, where the server does not know a part of it, is replaced by one
    /// that does without, and noted as itself.
    async fn execute(&self, mut queries: Vec<&str>) -> Result<(), PostgresError> {
        let instead = queries.first().and_then(|first| instead_of(first));
        if let Some((feature, sql)) = instead
            && self.engine.lacks(feature)
        {
            queries[0] = sql;
        }
        match self.run(&queries).await {
            Err(error) if engine::is_lack(&error) => {
                let Some((feature, sql)) = instead else {
                    return Err(error);
                };
                self.engine.found_lacking(feature, &error.to_string());
                queries[0] = sql;
                self.run(&queries).await
            }
            ran => ran,
        }
    }

    async fn run(&self, queries: &[&str]) -> Result<(), PostgresError> {
        match queries {
            [migration, notes @ ..] if migration.starts_with(NO_TRANSACTION) => {
                match Box::pin(partitioned_index::build(self.client, migration)).await? {
                    Some(completion) => Box::pin(in_transaction(self.client, &completion)).await?,
                    None => self.client.batch_execute(migration).await?,
                }
                for note in notes {
                    self.client.batch_execute(note).await?;
                }
                Ok(())
            }
            all => in_transaction(self.client, &all.join("\n;\n")).await,
        }
    }
}

/// Runs statements in one transaction: the server runs all statements of one message in one.
/// Retries a bounded number of times if a lock is not granted in time.
async fn in_transaction(client: &DedicatedSession, statements: &str) -> Result<(), PostgresError> {
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
