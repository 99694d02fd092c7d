//! The indexes that the migrations build, and which of them somebody has dropped: [`missing`].

use tokio_postgres::types::Type;

use super::{
    catalog, error::PostgresError, filter::Parameter, identifier::quote_identifier,
    migrations::MIGRATIONS, session::Session,
};
use crate::store::migration::Migration;

const FOUND: &str = include_str!("sql/found_indexes.sql");

/// Their names.
pub(super) const INDEXES: [&str; 6] = [
    "project_actions_reference_ids",
    "project_actions_created_at",
    "project_actions_seconds",
    "project_actions_type_seconds",
    "project_actions_request_seconds",
    "project_actions_untimed",
];

/// The names of those that a migration builds and a later one drops.
const REPLACED: [&str; 3] = [
    "project_actions_timeline",
    "project_actions_action_types",
    "project_actions_requests",
];

/// Returns the names of all indexes that a migration builds.
pub(super) fn all_built() -> impl Iterator<Item = &'static str> {
    INDEXES.into_iter().chain(REPLACED)
}

/// A migration that builds an index.
pub(super) struct IndexMigration {
    pub(super) name: &'static str,
    /// The columns and the rest, as in a statement after the table's name.
    pub(super) definition: String,
}

impl IndexMigration {
    /// Returns the index that a migration builds; `None` if it builds none.
    pub(super) fn of(migration: &str) -> Option<Self> {
        let name = all_built().find(|name| migration.contains(&format!(" {name}\n")))?;
        let (_, definition) = migration.split_once("ON project_actions ")?;
        let definition = definition.trim_end().trim_end_matches(';');
        let lines: Vec<_> = definition.lines().map(str::trim).collect();
        Some(Self {
            name,
            definition: lines.join(" "),
        })
    }
}

/// An index that the table lacks.
pub(super) struct MissingIndex {
    pub(super) name: &'static str,
    /// True if the table is partitioned, so that an index can't be built without blocking writers.
    pub(super) is_of_partitions: bool,
}

impl MissingIndex {
    /// Returns the migration that builds the index.
    pub(super) fn migration(&self) -> Option<&'static Migration> {
        let builds = format!(" {}\n", self.name);
        MIGRATIONS
            .iter()
            .find(|migration| migration.sql.contains(&builds))
    }

    /// Returns the consequence and the remedy.
    pub(super) fn note(&self, schema: &str) -> String {
        let name = &self.name;
        let missing = format!("the index {name} is missing, so some reads or removals are slow");
        let migration = self.migration().filter(|_| self.is_of_partitions);
        let Some(index) = migration.and_then(|migration| IndexMigration::of(migration.sql)) else {
            return format!(
                "{missing}: migrating makes it again, with `tracker migrate` or from your program"
            );
        };
        let (table, definition) = (quote_identifier(schema), index.definition);
        let statement = format!("CREATE INDEX {name} ON {table}.project_actions {definition};");
        format!("{missing}: make it again when writers can wait for it, with {statement}")
    }
}

/// Those that a table that is there lacks; none on an engine whose catalog does not tell.
pub(super) async fn missing(
    client: &Session,
    begin: &str,
    schema: &str,
) -> Result<Vec<MissingIndex>, PostgresError> {
    let Some((is_of_partitions, found)) = found(client, begin, schema, &INDEXES).await? else {
        return Ok(Vec::new());
    };
    let missing = INDEXES
        .iter()
        .filter(|name| !found.iter().any(|found| found == *name));
    let missing = missing.map(|name| MissingIndex {
        name,
        is_of_partitions,
    });
    Ok(missing.collect())
}

/// Returns the migrations that drop the replaced indexes that are there: migrating by an earlier
/// version makes these again.
pub(super) async fn drops_of_replaced(
    client: &Session,
    begin: &str,
    schema: &str,
) -> Result<impl Iterator<Item = &'static Migration>, PostgresError> {
    let found = found(client, begin, schema, &REPLACED).await?;
    let found = found.map(|(_, found)| found).unwrap_or_default();
    let drops = found.into_iter().filter_map(|name| {
        let drop = format!("DROP INDEX IF EXISTS {name};");
        let mut migrations = MIGRATIONS.iter();
        migrations.find(|migration| migration.sql.contains(&drop))
    });
    Ok(drops)
}

/// Returns whether the table is in partitions, and which indexes of these names are there; `None`
/// without a table.
async fn found(
    client: &Session,
    begin: &str,
    schema: &str,
    names: &[&str],
) -> Result<Option<(bool, Vec<String>)>, PostgresError> {
    let parameters: [Parameter<'_>; 2] = [(&schema, Type::TEXT), (&names, Type::TEXT_ARRAY)];
    let rows = catalog::rows(client, begin, FOUND, &parameters).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    Ok(Some((row.try_get(0)?, row.try_get(1)?)))
}
