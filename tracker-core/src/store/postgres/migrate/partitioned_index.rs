//! Builds an index of a partitioned table: [`build`].
//!
//! Postgres builds no index on a partitioned table concurrently. So the index is built on each
//! partition, and that of the whole table then adopts those, which takes a moment.

use tokio_postgres::types::Type;

use crate::store::postgres::{
    catalog, dedicated_session::DedicatedSession, error::PostgresError, filter::Parameter,
    indexes::IndexMigration, transaction,
};

const STATEMENTS: &str = include_str!("sql/partitioned_index.sql");

/// Builds the index of a migration if the table is partitioned, and returns the statement that
/// completes it. The statement blocks writers for a moment. Returns `None` if the migration can be
/// applied as it is.
///
/// An interrupted build is continued by the next one.
pub(super) async fn build(
    client: &DedicatedSession,
    migration: &str,
) -> Result<Option<String>, PostgresError> {
    let Some(index) = IndexMigration::of(migration) else {
        return Ok(None);
    };
    let parameters: [Parameter<'_>; 2] =
        [(&index.name, Type::TEXT), (&index.definition, Type::TEXT)];
    let rows = catalog::rows(client, transaction::UNDER_WAY, STATEMENTS, &parameters).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    for statement in row.try_get::<_, Vec<String>>(0)? {
        client.batch_execute(&statement).await?;
    }
    Ok(Some(format!(
        "CREATE INDEX IF NOT EXISTS {} ON project_actions {}",
        index.name, index.definition
    )))
}
