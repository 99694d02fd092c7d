//! Reading the projects: their IDs, and the summaries of some.

use std::collections::BTreeMap;

use tokio_postgres::{
    Error,
    types::{Json, Type},
};

use super::{Reading, count, page_values::stored, slices::ALL_TIMES};
use crate::{
    store::postgres::{filter::Parameter, foreign_text::AnyText},
    timeline::{Order, ProjectSummary},
};

impl Reading<'_> {
    /// Returns at most `limit` IDs after an ID. An ID that is not UTF-8, which no query could name,
    /// is left out.
    pub(in crate::store::postgres) async fn project_ids(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<String>, Error> {
        let after = after.map(|id| stored(id, Order::Oldest));
        let reading = self.in_order();
        let mut at_once = i64::from(limit);
        loop {
            let own: [Parameter<'_>; 2] = [(&after, Type::TEXT), (&at_once, Type::INT8)];
            let statement = &self.statements.projects.ids;
            let rows = reading.rows_in_slices(statement, &own, &ALL_TIMES).await?;
            let is_all = i64::try_from(rows.len()).is_ok_and(|rows| rows < at_once);
            let mut ids = Vec::with_capacity(rows.len());
            for row in &rows {
                let AnyText(id) = row.try_get(0)?;
                let id = id.into_owned();
                if !id.contains('\u{FFFD}') {
                    ids.push(id);
                }
            }
            // Each slice of partitions has IDs of its own.
            if self.zones().await?.is_some() {
                ids = self.sorted(ids, at_once).await?;
            }
            ids.truncate(limit as usize);
            if is_all || ids.len() == limit as usize {
                return Ok(ids);
            }
            at_once = at_once.saturating_mul(2);
        }
    }

    /// Returns the first IDs in the order in which the database sorts them, each once.
    async fn sorted(&self, ids: Vec<String>, limit: i64) -> Result<Vec<String>, Error> {
        let ids = Json(ids);
        let own: [Parameter<'_>; 2] = [(&ids, Type::JSON), (&limit, Type::INT8)];
        let statement = &self.statements.projects.ids_sorted;
        let rows = self.rows(statement, &own).await?;
        rows.iter().map(|row| row.try_get(0)).collect()
    }

    /// Returns the summaries of the projects that have a row, in the order of the IDs.
    ///
    /// The counts are read from all partitions since `created_after` by one statement: several
    /// could not share its limit.
    pub(in crate::store::postgres) async fn project_summaries(
        &self,
        project_ids: &[String],
        created_after: i64,
    ) -> Result<Vec<ProjectSummary>, Error> {
        let counted_max = i64::from(ProjectSummary::COUNTED_MAX);
        let wanted = project_ids.iter().filter(|id| !id.contains('\0'));
        let ids = Json(wanted.collect::<Vec<_>>());
        let own: [Parameter<'_>; 3] = [
            (&ids, Type::JSON),
            (&created_after, Type::INT8),
            (&counted_max, Type::INT8),
        ];
        let statement = &self.statements.projects.counts;
        let times = created_after..=i64::MAX;
        let reading = self.in_order();
        let mut found = BTreeMap::new();
        for row in reading.rows_within(statement, &own, &times).await? {
            let (activities, failures) = (count(Some(&row), 2)?, count(Some(&row), 3)?);
            if activities > 0 {
                let id: String = row.try_get(0)?;
                let summary = ProjectSummary::new(id, row.try_get(1)?, activities, failures);
                found.insert(summary.project_id.clone(), summary);
            }
        }
        let is_idle = |id: &&String| !found.contains_key(*id);
        let idle = Json(ids.0.iter().copied().filter(is_idle).collect::<Vec<_>>());
        if !idle.0.is_empty() {
            let own: [Parameter<'_>; 1] = [(&idle, Type::JSON)];
            let statement = &self.statements.projects.last;
            for row in reading.rows_in_slices(statement, &own, &ALL_TIMES).await? {
                let (id, last): (String, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
                let summary = ProjectSummary::new(id.clone(), None, 0, 0);
                let summary = found.entry(id).or_insert(summary);
                summary.last_activity_at = summary.last_activity_at.max(last);
            }
        }
        let found = project_ids.iter().filter_map(|id| found.get(id));
        Ok(found.cloned().collect())
    }
}
