//! Queries of the server's catalog, of which some engines have only a part: [`rows`].

use tokio_postgres::Row;

use super::{error::PostgresError, filter::Parameter, session::Session, transaction};

/// Returns the rows of a query. Returns none for an engine whose catalog lacks an object that the
/// query names.
pub(super) async fn rows(
    client: &Session,
    begin: &str,
    query: &str,
    parameters: &[Parameter<'_>],
) -> Result<Vec<Row>, PostgresError> {
    let rows = client.query_typed(query, parameters);
    let rows = transaction::run(client, begin, rows).await;
    match rows.map_err(PostgresError::from) {
        Err(error) if error.is_of_another_catalog() => Ok(Vec::new()),
        rows => rows,
    }
}
