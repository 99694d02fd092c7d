//! Bringing the schema's table to the shape that this version writes.
//!
//! The steps are files in `migrations/postgres`, applied in order by [`refinery_core`] through the [session](self::session)
//! that this module gives it. What it adds is the safety of many workers that start at once against a table in use:
//! a lock that lets one migrate at a time, a look at the table before anything is changed, a limit on
//! how long a change may make writers wait, and the removal of what an interrupted index build left behind.

mod session;

use std::{error::Error, time::Duration};

use refinery_core::{Migration, Runner};
use tokio::time::timeout;
use tokio_postgres::{Client, types::Type};

use self::session::{Session, SessionError};
use super::{
    error::{Class, Place, PostgresError},
    lock::Locks,
    own_session::own_session,
    shape::Table,
    statements::quote_identifier,
    transaction,
};
use crate::store::{StoreError, migration_error::MigrationError};

const OPERATION: &str = "migrating";

/// The migrations' names, without the ending, and their SQL.
const MIGRATIONS: [(&str, &str); 6] = [
    (
        "V1__create_project_actions",
        include_str!("../../../migrations/postgres/V1__create_project_actions.sql"),
    ),
    (
        "V2__add_reference_ids_and_drop_cost",
        include_str!("../../../migrations/postgres/V2__add_reference_ids_and_drop_cost.sql"),
    ),
    (
        "V3__index_timeline",
        include_str!("../../../migrations/postgres/V3__index_timeline.sql"),
    ),
    (
        "V4__index_reference_ids",
        include_str!("../../../migrations/postgres/V4__index_reference_ids.sql"),
    ),
    (
        "V5__index_action_types",
        include_str!("../../../migrations/postgres/V5__index_action_types.sql"),
    ),
    (
        "V6__index_created_at",
        include_str!("../../../migrations/postgres/V6__index_created_at.sql"),
    ),
];

/// The indexes that the migrations build.
const INDEXES: [&str; 4] = [
    "project_actions_timeline",
    "project_actions_reference_ids",
    "project_actions_action_types",
    "project_actions_created_at",
];

/// Which migrations a database has.
const HISTORY_TABLE: &str = "tracker_schema_history";

/// Applies what is missing, within `limit`. Returns the names of the migrations applied.
pub(super) async fn migrate(
    locks: &Locks<'_>,
    schema: &str,
    limit: Duration,
) -> Result<Vec<String>, StoreError> {
    // Closed at the end, whatever the end is: with it the lock is released and the settings are gone.
    let client = own_session(locks.connections, locks.place, OPERATION).await?;
    let migrator = Migrator {
        client: &client,
        locks,
        schema,
        place: locks.place,
        limit,
    };
    match timeout(limit, migrator.run()).await {
        Ok(outcome) => outcome,
        Err(_) => Err(StoreError::Timeout {
            operation: OPERATION,
            after: limit,
        }),
    }
}

struct Migrator<'a> {
    client: &'a Client,
    locks: &'a Locks<'a>,
    schema: &'a str,
    place: &'a Place,
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

    /// The work itself, while no other process migrates this schema.
    async fn run_alone(&self) -> Result<Vec<String>, StoreError> {
        self.enter_schema().await?;
        self.look_at_table().await?;
        self.drop_invalid_indexes().await?;
        self.apply().await
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

    /// Makes the schema if it is missing, and the place where names without one are looked up and created.
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
        // A schema that the role may not use is passed over silently, and the next one would be taken.
        if self
            .is(include_str!("migrate/sql/schema_entered.sql"))
            .await?
        {
            Ok(())
        } else {
            let message = format!("the role has no USAGE on the schema {}", self.schema);
            Err(self.place.denied(message))
        }
    }

    /// Refuses a table that the migrations were not made for, before anything is changed.
    async fn look_at_table(&self) -> Result<(), StoreError> {
        let table = Table::read(
            self.client,
            &transaction::begin("READ ONLY", self.limit),
            self.schema,
        )
        .await
        .map_err(|error| self.error(error))?;
        match table.and_then(|table| table.difference_for_migrating()) {
            Some(difference) => Err(self.place.shape(difference)),
            None => Ok(()),
        }
    }

    async fn drop_invalid_indexes(&self) -> Result<(), StoreError> {
        let names = INDEXES.as_slice();
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

    async fn apply(&self) -> Result<Vec<String>, StoreError> {
        let migrations: Result<Vec<_>, _> = MIGRATIONS
            .iter()
            .map(|(name, sql)| Migration::unapplied(name, sql))
            .collect();
        let migrations = migrations.map_err(|error| self.migration_error(error))?;
        let mut runner = Runner::new(&migrations);
        runner.set_migration_table_name(HISTORY_TABLE);
        // A newer version may have migrated before: an older process may still start during a roll-out.
        let report = runner
            .set_abort_missing(false)
            .run_async(&mut Session {
                client: self.client,
                engine: self.locks.engine,
            })
            .await
            .map_err(|error| self.migration_error(error))?;
        Ok(report
            .applied_migrations()
            .iter()
            .map(ToString::to_string)
            .collect())
    }

    /// Asks a question about the schema.
    async fn is(&self, question: &str) -> Result<bool, StoreError> {
        let row = self
            .client
            .query_typed_one(question, &[(&self.schema, Type::TEXT)])
            .await
            .map_err(|error| self.error(error))?;
        row.try_get(0).map_err(|error| self.error(error))
    }

    fn error(&self, error: tokio_postgres::Error) -> StoreError {
        self.place
            .error(OPERATION, Some(self.limit), PostgresError::from(error))
    }

    fn migration_error(&self, error: refinery_core::Error) -> StoreError {
        let error = MigrationError::from(error);
        let class = match error.source().and_then(<dyn Error>::downcast_ref) {
            Some(SessionError::Postgres(error)) => error.class(),
            _ => Class::Other,
        };
        match class {
            Class::Unreachable | Class::Denied | Class::ReadOnly | Class::TimedOut => self
                .place
                .classified(OPERATION, Some(self.limit), class, Box::new(error)),
            _ => StoreError::Migration {
                store: self.place.store.clone(),
                source: Box::new(error),
            },
        }
    }
}
