//! Migrates the schema's table to the shape that this version writes.
//!
//! The migrations are files in `migrations/postgres`, applied in order on the [session]. Everything
//! else here makes it safe for many workers to start at once against a table in use: a lock that
//! lets one process migrate at a time, an inspection of the table before any change, a limit on how
//! long a change may make writers wait, and the removal of the remains of an interrupted index
//! build.

mod partitioned_index;
mod session;

use std::{fmt::Display, time::Duration};

use tokio::time::timeout;
use tokio_postgres::types::Type;

use self::session::Session;
use super::{
    activity_counts::{self, CountsState},
    class::Class,
    dedicated_session::{DedicatedSession, dedicated_session},
    engine::{self, Feature},
    error::PostgresError,
    error_context::ErrorContext,
    identifier::quote_identifier,
    indexes,
    lock::Locks,
    migrations::MIGRATIONS,
    partitions,
    table_check::Table,
};
use crate::store::{
    BoxError, StoreError,
    migration::{Migration, MigrationError, missing, undone},
};

const OPERATION: &str = "migrating";

/// The table of the migrations that a database has.
const HISTORY_TABLE: &str = "tracker_schema_history";

/// Applies the missing migrations within `limit`; returns their names.
pub(super) async fn migrate(
    locks: &Locks<'_>,
    schema: &str,
    limit: Duration,
) -> Result<Vec<String>, StoreError> {
    // The session's end releases the lock and resets the settings, whatever the outcome.
    let client = dedicated_session(locks.connections, locks.context, OPERATION).await?;
    let migrator = Migrator {
        client: &client,
        locks,
        schema,
        context: locks.context,
        limit,
    };
    let outcome = match timeout(limit, migrator.run()).await {
        Ok(outcome) => outcome,
        Err(_) => Err(StoreError::Timeout {
            operation: OPERATION,
            after: limit,
        }),
    };
    client.end(locks.context, OPERATION, outcome).await
}

struct Migrator<'a> {
    client: &'a DedicatedSession,
    locks: &'a Locks<'a>,
    schema: &'a str,
    context: &'a ErrorContext,
    limit: Duration,
}

impl Migrator<'_> {
    async fn run(&self) -> Result<Vec<String>, StoreError> {
        self.prepare_session().await?;
        let name = format!("{HISTORY_TABLE} of {}", self.schema);
        self.locks
            .holding(self.client, &name, self.run_alone())
            .await
    }

    /// Does the work while holding the lock.
    async fn run_alone(&self) -> Result<Vec<String>, StoreError> {
        self.enter_schema().await?;
        let table = self.look_at_table().await?;
        self.drop_invalid_indexes().await?;
        self.apply(table).await
    }

    async fn prepare_session(&self) -> Result<(), StoreError> {
        let ms = i32::try_from(self.limit.as_millis()).unwrap_or(i32::MAX);
        let statement_timeout = ms.max(1).to_string();
        self.client
            .query_typed(
                include_str!("migrate/sql/settings.sql"),
                &[(&statement_timeout, Type::TEXT)],
            )
            .await
            .map_err(|error| self.error(error))?;
        Ok(())
    }

    /// Creates the schema if it is missing, and makes it the search path.
    async fn enter_schema(&self) -> Result<(), StoreError> {
        let quoted = quote_identifier(self.schema);
        if !self
            .is(include_str!("migrate/sql/schema_exists.sql"))
            .await?
        {
            self.client
                .batch_execute(&format!("CREATE SCHEMA IF NOT EXISTS {quoted}"))
                .await
                .map_err(|error| self.error(error))?;
        }
        let path = include_str!("migrate/sql/search_path.sql");
        self.client
            .query_typed(path, &[(&quoted, Type::TEXT)])
            .await
            .map_err(|error| self.error(error))?;
        // Postgres silently skips a schema that the role may not use, and would take the next one.
        if self
            .is(include_str!("migrate/sql/schema_entered.sql"))
            .await?
        {
            Ok(())
        } else {
            let message = format!("the role has no USAGE on the schema {}", self.schema);
            Err(self.context.denied(message))
        }
    }

    /// Refuses a table that the migrations were not made for, before any change.
    async fn look_at_table(&self) -> Result<Option<Table>, StoreError> {
        let table = Table::read(
            self.client,
            &self.client.begin("READ ONLY", self.limit),
            self.schema,
        )
        .await
        .map_err(|error| self.error(error))?;
        match table.as_ref().and_then(Table::difference_for_migrating) {
            Some(difference) => Err(self.context.shape(difference)),
            None => Ok(table),
        }
    }

    async fn drop_invalid_indexes(&self) -> Result<(), StoreError> {
        let names: Vec<_> = indexes::all_built().collect();
        let rows = self
            .client
            .query_typed(
                include_str!("migrate/sql/invalid_indexes.sql"),
                &[(&self.schema, Type::TEXT), (&names, Type::TEXT_ARRAY)],
            )
            .await
            .map_err(|error| self.error(error))?;
        for row in rows {
            let name: String = row.try_get(0).map_err(|error| self.error(error))?;
            self.client
                .batch_execute(&format!("DROP INDEX CONCURRENTLY IF EXISTS {name}"))
                .await
                .map_err(|error| self.error(error))?;
        }
        Ok(())
    }

    async fn apply(&self, table: Option<Table>) -> Result<Vec<String>, StoreError> {
        let session = Session {
            client: self.client,
            engine: self.locks.engine,
        };
        let create = session.create_history().await;
        create.map_err(|error| self.step_error("making the history of migrations", error))?;
        let history = session.history().await;
        let history =
            history.map_err(|error| self.step_error("reading the history of migrations", error))?;
        let missing =
            missing(&MIGRATIONS, &history).map_err(|error| self.migration_error(error))?;
        let mut missing = missing.peekable();
        if missing.peek().is_some() {
            // A table that an earlier version converted has that version's functions.
            let renewed = partitions::renew(self.client, self.schema).await;
            renewed
                .map_err(|error| self.step_error("renewing the functions of partitions", error))?;
        } else {
            let schema = format!("{}.", quote_identifier(self.schema));
            let table = table.ok_or_else(|| self.migration_error(undone(&schema)))?;
            if let Some(difference) = table.difference() {
                return Err(self.context.shape(difference));
            }
        }
        let mut names = Vec::new();
        for migration in missing {
            let note = migration
                .note()
                .map_err(|error| self.migration_error(error))?;
            let applied = session.apply(migration, &note).await;
            applied.map_err(|error| self.step_error(migration, error))?;
            names.push(migration.to_string());
        }
        names.extend(self.build_missing_indexes(&session).await?);
        names.extend(self.drop_replaced_indexes(&session).await?);
        self.count_activities(&session).await?;
        Ok(names)
    }

    /// Counts the activities if the kept counts are not in use. Tracking works without them, so a
    /// role or a moment that does not allow it is no error; the notes tell.
    async fn count_activities(&self, session: &Session<'_>) -> Result<(), StoreError> {
        if session.engine.lacks(Feature::KeptCounts) {
            return Ok(());
        }
        let begin = self.client.begin("READ ONLY", self.limit);
        let counted = async {
            let state = activity_counts::state(self.client, &begin, self.schema).await?;
            if matches!(state, CountsState::Outdated | CountsState::Absent) {
                let beginning = activity_counts::beginning(self.client, self.schema).await?;
                session.change(&beginning).await?;
                activity_counts::count_all(self.client, self.schema).await?;
            }
            Ok::<_, PostgresError>(())
        };
        match counted.await {
            // Without the tables, `V9` was applied on a server that could not have them.
            Err(error) if engine::is_lack(&error) || error.class() == Class::NotMigrated => {
                let because = error.to_string();
                session.engine.found_lacking(Feature::KeptCounts, &because);
                Ok(())
            }
            Err(error) if matches!(error.class(), Class::Denied | Class::Locked) => {
                tracing::debug!(%error, "the activities can't be counted now");
                Ok(())
            }
            outcome => outcome.map_err(|error| self.step_error("counting the activities", error)),
        }
    }

    /// Builds those indexes again that somebody has dropped, but for a table in partitions: there
    /// writers would wait. Returns the names of the migrations that did.
    async fn build_missing_indexes(
        &self,
        session: &Session<'_>,
    ) -> Result<Vec<String>, StoreError> {
        let begin = self.client.begin("READ ONLY", self.limit);
        let missing = indexes::missing(self.client, &begin, self.schema).await;
        let missing =
            missing.map_err(|error| self.step_error("looking for missing indexes", error))?;
        let mut names = Vec::new();
        for index in missing.iter().filter(|index| !index.is_of_partitions) {
            let Some(migration) = index.migration() else {
                continue;
            };
            // A role that may only write is up to date otherwise, and the notes name the index.
            names.extend(self.apply_again(session, migration).await?);
        }
        Ok(names)
    }

    /// Drops those replaced indexes that an earlier version has made again. Returns the names of
    /// the migrations that did.
    async fn drop_replaced_indexes(
        &self,
        session: &Session<'_>,
    ) -> Result<Vec<String>, StoreError> {
        let begin = self.client.begin("READ ONLY", self.limit);
        let drops = indexes::drops_of_replaced(self.client, &begin, self.schema).await;
        let drops = drops.map_err(|error| self.step_error("looking for old indexes", error))?;
        let mut names = Vec::new();
        for migration in drops {
            names.extend(self.apply_again(session, migration).await?);
        }
        Ok(names)
    }

    /// Applies a migration of an index again. Returns its name, or `None` if the role may not.
    async fn apply_again(
        &self,
        session: &Session<'_>,
        migration: &Migration,
    ) -> Result<Option<String>, StoreError> {
        match session.apply_again(migration).await {
            Ok(()) => Ok(Some(migration.to_string())),
            Err(error) if error.class() == Class::Denied => {
                tracing::debug!(%migration, "the role may not apply a migration again");
                Ok(None)
            }
            Err(error) => Err(self.step_error(migration, error)),
        }
    }

    /// Runs a query about the schema with a boolean result.
    async fn is(&self, question: &str) -> Result<bool, StoreError> {
        let row = self
            .client
            .query_typed_one(question, &[(&self.schema, Type::TEXT)])
            .await
            .map_err(|error| self.error(error))?;
        row.try_get(0).map_err(|error| self.error(error))
    }

    fn error(&self, error: tokio_postgres::Error) -> StoreError {
        self.context
            .error(OPERATION, Some(self.limit), PostgresError::from(error))
    }

    /// Returns the error of a step. Some errors have their cause in the server's state, not in the
    /// step.
    fn step_error(&self, step: impl Display, error: PostgresError) -> StoreError {
        let class = error.class();
        let error = MigrationError::new(step, error);
        match class {
            Class::Unreachable
            | Class::Exhausted
            | Class::Denied
            | Class::ReadOnly
            | Class::TimedOut => self
                .context
                .classified(OPERATION, Some(self.limit), class, error),
            _ => self.migration_error(error),
        }
    }

    fn migration_error(&self, source: impl Into<BoxError>) -> StoreError {
        StoreError::Migration {
            store: self.context.store.clone(),
            source: source.into(),
        }
    }
}
