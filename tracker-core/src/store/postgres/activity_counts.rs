//! The counts of each project's activities, which triggers keep: making them.
//!
//! The migration `count_activities` makes the tables, and `sql/functions.sql` the functions, with
//! the design in their comments. Counting begins with functions and triggers, for which writers
//! wait a moment. Then one statement counts all rows while writers go on, and the counts are used
//! once it is complete. An interrupted count is begun anew by the next migrating.

use tokio_postgres::types::Type;

use super::{
    catalog, dedicated_session::DedicatedSession, error::PostgresError, filter::Parameter,
    identifier::quote_identifier, partitions::sql_for_schema, session::Session,
};

/// The state of a table's counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CountsState {
    /// They are in use.
    Current,
    /// They can be made.
    Outdated,
    /// The table can't have any.
    Impossible,
    /// They have never been made.
    Absent,
}

/// Reads the state of the counts.
pub(super) async fn state(
    client: &Session,
    begin: &str,
    schema: &str,
) -> Result<CountsState, PostgresError> {
    let is_current = sql_for_schema(include_str!("activity_counts/sql/is_current.sql"), schema);
    let rows = catalog::rows(client, begin, &is_current, &[]).await?;
    Ok(match rows.first().map(|row| row.try_get(0)).transpose()? {
        Some(Some(true)) => CountsState::Current,
        Some(Some(false)) => CountsState::Outdated,
        Some(None) => CountsState::Impossible,
        None => CountsState::Absent,
    })
}

/// Returns the consequence of outdated counts, and the remedy.
pub(super) fn note() -> String {
    "the kept counts of activities are not in use, so counting a large project is slow: migrating counts them anew, with \
     `tracker migrate` or from your program"
        .to_owned()
}

/// Returns the statements that make the functions and the triggers, for one short transaction.
pub(super) async fn beginning(
    client: &DedicatedSession,
    schema: &str,
) -> Result<String, PostgresError> {
    let parameters: [Parameter<'_>; 1] = [(&schema, Type::TEXT)];
    let owner = client.query_typed_one(include_str!("activity_counts/sql/owner.sql"), &parameters);
    let owner: String = owner.await?.try_get(0)?;
    // The table's owner owns all objects, as it does those of partitions: the functions change the
    // tables in its name, whoever writes.
    let owner = quote_identifier(&owner);
    let own = include_str!("activity_counts/sql/own.sql").replace("{owner}", &owner);
    let own = sql_for_schema(&own, schema);
    let functions = [
        include_str!("activity_counts/sql/functions.sql"),
        include_str!("activity_counts/sql/begin.sql"),
    ];
    let functions = sql_for_schema(&functions.join(";\n"), schema);
    Ok(format!("{own};\n{functions}"))
}

/// Counts all rows of a table whose triggers are made.
pub(super) async fn count_all(
    client: &DedicatedSession,
    schema: &str,
) -> Result<(), PostgresError> {
    let count = sql_for_schema(include_str!("activity_counts/sql/count_all.sql"), schema);
    Ok(client.batch_execute(&count).await?)
}
