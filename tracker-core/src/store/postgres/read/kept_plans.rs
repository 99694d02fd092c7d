//! Reading pages by plans that a connection keeps.
//!
//! Postgres takes longer to plan a page than to read it. A plan that is made once does for all
//! values, but can't know if one of them is rare. That makes no difference where an index has the
//! rows of the filter in the order of the page, so the plans of such filters alone are kept.

use futures_util::future::join;
use tokio_postgres::{Error, Row, error::SqlState, types::Type};

use super::Reading;
use crate::store::postgres::{
    engine::{Feature, is_lack},
    error::PostgresError,
    filter::{FilterValues, Parameter},
    own_session::is_own,
    page_statement::PageStatement,
};

/// The number of times that a page is read by a kept plan. The session may have lost it by a
/// `DISCARD ALL`, and a change of the table's columns ends its use.
const ATTEMPTS: usize = 2;

impl Reading<'_> {
    /// Runs the statement of a page, for a table that is not partitioned.
    pub(super) async fn rows_of_page(
        &self,
        statement: &PageStatement,
        filter: &FilterValues<'_>,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, Error> {
        let has_plan = filter.is_in_order_of_an_index();
        let form = statement.form(parameters, has_plan);
        let text = form.as_deref().unwrap_or(statement.text());
        if form.is_some() && has_plan && self.keeps_plans().await? {
            for _ in 0..ATTEMPTS {
                match self.rows_prepared(text, parameters).await {
                    Err(error) if is_outdated(&error) => self.client.statement_cache.clear(),
                    outcome => return outcome,
                }
            }
        }
        let reading = self.in_order_of(filter);
        reading.rows(text, parameters).await
    }

    /// Runs a statement that is prepared once for the connection, in a transaction of its own, in
    /// one round trip from then on.
    async fn rows_prepared(
        &self,
        statement: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, Error> {
        let types: Vec<Type> = parameters.iter().map(|(_, of)| of.clone()).collect();
        let values: Vec<_> = parameters.iter().map(|(value, _)| *value).collect();
        let work = async {
            let cache = &self.client.statement_cache;
            let prepared = match cache.prepare_typed(self.client, statement, &types).await {
                Ok(prepared) => prepared,
                Err(error) => {
                    self.client.batch_execute("ROLLBACK").await?;
                    return Err(error);
                }
            };
            let rows = self.client.query(&prepared, &values);
            let (rows, ended) = join(rows, self.client.batch_execute("COMMIT")).await;
            let rows = rows?;
            ended?;
            Ok(rows)
        };
        // Joined futures are polled in their order, so the statements are sent in that order.
        let (opened, rows) = join(self.client.batch_execute(self.begin_kept), work).await;
        opened?;
        rows
    }

    /// Returns whether the connection can keep plans: if the server does that at will, and no
    /// pooler gives the session to others.
    async fn keeps_plans(&self) -> Result<bool, Error> {
        if self.engine.lacks(Feature::KeptPlans) || self.engine.lacks(Feature::OwnSessions) {
            return Ok(false);
        }
        if self.client.statement_cache.size() > 0 {
            return Ok(true);
        }
        let because = match self.rows(include_str!("../sql/kept_plans.sql"), &[]).await {
            Ok(rows) => {
                let process = rows.first().map(|row| row.try_get(0)).transpose()?;
                match process.flatten() {
                    Some(process) if is_own(self.client, process).await => return Ok(true),
                    Some(_) => "a pooler stands before it".to_owned(),
                    None => "it has no setting plan_cache_mode".to_owned(),
                }
            }
            Err(error) if error.as_db_error().is_some() => {
                let error = PostgresError::from(error);
                if !is_lack(&error) {
                    return Ok(false);
                }
                error.to_string()
            }
            Err(error) => return Err(error),
        };
        self.engine.found_lacking(Feature::KeptPlans, &because);
        Ok(false)
    }
}

/// Returns whether a prepared statement can't be used any more: it is gone, or its result has other
/// columns.
fn is_outdated(error: &Error) -> bool {
    let code = error.code();
    code == Some(&SqlState::INVALID_SQL_STATEMENT_NAME)
        || code == Some(&SqlState::FEATURE_NOT_SUPPORTED)
}
