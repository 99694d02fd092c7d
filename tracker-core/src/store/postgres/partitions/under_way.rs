//! A conversion that has begun and not ended: [`UnderWay`].

use std::fmt;

use tokio_postgres::types::Type;

use super::{
    super::{catalog, error::PostgresError, session::Session},
    Period,
};

/// A conversion that has begun and not ended, be it that it is at work or that it was stopped. The
/// text names the commands that go on with it and that take it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnderWay {
    /// To partitions by this period.
    Converting(Period),
    /// It was being taken back, and something of it is left.
    TakingBack,
}

impl fmt::Display for UnderWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Converting(period) => write!(
                f,
                "the table is on its way to partitions by {period}, and each activity is written twice until it is there: \
                 if that was stopped, `tracker migrate --partition-by {period}` goes on, and `tracker migrate --abandon` takes it back"
            ),
            Self::TakingBack => f.write_str(
                "the table was on its way to partitions, and something of that is left: `tracker migrate --abandon` removes it",
            ),
        }
    }
}

/// Asks the catalog; there is none on an engine that can't tell.
pub(in crate::store::postgres) async fn under_way(
    client: &Session,
    begin: &str,
    schema: &str,
) -> Result<Option<UnderWay>, PostgresError> {
    let query = include_str!("sql/under_way.sql");
    let rows = catalog::rows(client, begin, query, &[(&schema, Type::TEXT)]).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let period: String = row.try_get(0)?;
    let converting = period.parse().map(UnderWay::Converting);
    Ok(Some(converting.unwrap_or(UnderWay::TakingBack)))
}
