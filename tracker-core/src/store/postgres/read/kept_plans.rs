//! Reading pages and kept counts by plans that a connection keeps.
//!
//! Postgres takes longer to plan a page than to read it. A plan that is made once does for all
//! values, but can't know if one of them is rare. That makes no difference where an index has the
//! rows of the filter in the order of the page. Of pages, the plans of such filters alone are kept.

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

/// The number of times that a statement is run by a kept plan. The session may have lost it by a
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
        if form.is_some()
            && has_plan
            && let Some(rows) = self.rows_by_kept_plan(text, parameters).await?
        {
            return Ok(rows);
        }
        let reading = self.in_order_of(filter);
        reading.rows(text, parameters).await
    }

    /// Runs a statement by a plan that the connection keeps. Returns `None` if it can't keep any,
    /// or has lost it again and again.
    pub(super) async fn rows_by_kept_plan(
        &self,
        statement: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Option<Vec<Row>>, Error> {
        if !self.keeps_plans().await? {
            return Ok(None);
        }
        for _ in 0..ATTEMPTS {
            match self.rows_prepared(statement, parameters).await {
                Err(error) if is_outdated(&error) => {
                    self.client.statement_cache.clear();
                    self.client.reset().await?;
                }
                outcome => return outcome.map(Some),
            }
        }
        Ok(None)
    }

    /// Runs a statement that is prepared once for the connection, in one message from then on. It
    /// is a transaction of its own, because none is open.
    async fn rows_prepared(
        &self,
        statement: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, Error> {
        let types: Vec<Type> = parameters.iter().map(|(_, of)| of.clone()).collect();
        let values: Vec<_> = parameters.iter().map(|(value, _)| *value).collect();
        let rows = async {
            let cache = &self.client.statement_cache;
            let prepared = cache.prepare_typed(self.client, statement, &types).await?;
            self.client.query(&prepared, &values).await
        };
        if self.client.has_settings() {
            return rows.await;
        }
        // Joined futures are polled in their order, so the settings are sent first.
        let set = self.client.set(self.settings_of_kept_plans);
        let (set, rows) = join(set, rows).await;
        if let Err(error) = set {
            // The rows are right without the settings.
            self.found_no_kept_plans(error)?;
            self.client.reset().await?;
        }
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
            Err(error) => {
                self.found_no_kept_plans(error)?;
                return Ok(false);
            }
        };
        self.engine.found_lacking(Feature::KeptPlans, &because);
        Ok(false)
    }

    /// Remembers that the server can't keep plans at will, if its answer says so.
    fn found_no_kept_plans(&self, error: Error) -> Result<(), Error> {
        if error.as_db_error().is_none() {
            return Err(error);
        }
        let error = PostgresError::from(error);
        if is_lack(&error) {
            let because = error.to_string();
            self.engine.found_lacking(Feature::KeptPlans, &because);
        }
        Ok(())
    }
}

/// Returns whether a prepared statement can't be used any more: it is gone, or its result has other
/// columns.
fn is_outdated(error: &Error) -> bool {
    let code = error.code();
    code == Some(&SqlState::INVALID_SQL_STATEMENT_NAME)
        || code == Some(&SqlState::FEATURE_NOT_SUPPORTED)
}
