//! Reading: pages, single activities, counts, and what has arrived.

use tokio_postgres::{Client, Error, Row, types::Type};

use super::{
    filter::{Parameter, Values},
    row,
    statements::Statements,
    transaction,
};
use crate::{
    Activity,
    timeline::{Arrivals, Arrived, Cursor, DayCount, Filter, Order, Page, Place, Query},
};

/// More days and action types than a chart can show.
const DAY_COUNTS_MAX: i64 = 100_000;

/// What reading needs of a store.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) client: &'a Client,
    pub(super) statements: &'a Statements,
    pub(super) begin: &'a str,
}

impl Reading<'_> {
    async fn rows(&self, statement: &str, parameters: &[Parameter<'_>]) -> Result<Vec<Row>, Error> {
        let rows = self.client.query_typed(statement, parameters);
        transaction::run(self.client, self.begin, rows).await
    }

    pub(super) async fn page(&self, query: &Query) -> Result<Page, Error> {
        let cursor = query.cursor();
        let behind_id = cursor.map(Cursor::action_id);
        let Some(values) = Values::new(query.filter()) else {
            return Ok(Page::default());
        };
        // Postgres holds no NUL, so no row is behind such a one.
        if behind_id.is_some_and(|id| id.contains('\0')) {
            return Ok(Page::default());
        }
        // One more than asked for tells whether there is a next page.
        let limit = i64::from(query.page_limit()) + 1;
        let offset = i64::from(query.page_offset());
        let behind_time = cursor.and_then(Cursor::created_at);
        // Rows without a time are at one end, so a cursor among the others leaves all of them, or none.
        let is_behind_timed = cursor.map(|cursor| cursor.created_at().is_some());
        let (timed, untimed, statement) = match query.page_order() {
            Order::Newest => (
                is_behind_timed != Some(false),
                true,
                &self.statements.timeline_newest,
            ),
            Order::Oldest => (
                true,
                is_behind_timed != Some(true),
                &self.statements.timeline_oldest,
            ),
        };
        let (timed_id, untimed_id) = match is_behind_timed {
            Some(true) => (behind_id, None),
            Some(false) => (None, behind_id),
            None => (None, None),
        };
        let mut parameters = values.parameters();
        let own: [Parameter<'_>; 7] = [
            (&limit, Type::INT8),
            (&offset, Type::INT8),
            (&timed, Type::BOOL),
            (&behind_time, Type::INT8),
            (&timed_id, Type::TEXT),
            (&untimed, Type::BOOL),
            (&untimed_id, Type::TEXT),
        ];
        parameters.extend(own);
        let rows = self.rows(statement, &parameters).await?;
        Ok(Page::from_rows(query, activities(&rows)?))
    }

    pub(super) async fn activity(
        &self,
        project_id: &str,
        action_id: &str,
    ) -> Result<Option<Activity>, Error> {
        if project_id.contains('\0') || action_id.contains('\0') {
            return Ok(None);
        }
        let parameters: [Parameter<'_>; 2] = [(&action_id, Type::TEXT), (&project_id, Type::TEXT)];
        let rows = self.rows(&self.statements.activity, &parameters).await?;
        rows.first().map(row::activity).transpose()
    }

    pub(super) async fn count(&self, filter: &Filter) -> Result<u64, Error> {
        let Some(values) = Values::new(filter) else {
            return Ok(0);
        };
        let parameters = values.parameters();
        let rows = self.rows(&self.statements.count, &parameters).await?;
        count(rows.first(), 0)
    }

    pub(super) async fn days(
        &self,
        filter: &Filter,
        utc_offset: i32,
    ) -> Result<Vec<DayCount>, Error> {
        let Some(values) = Values::new(filter) else {
            return Ok(Vec::new());
        };
        let ahead = i64::from(utc_offset) * 1_000;
        let mut parameters = values.parameters();
        let own: [Parameter<'_>; 2] = [(&ahead, Type::INT8), (&DAY_COUNTS_MAX, Type::INT8)];
        parameters.extend(own);
        let rows = self.rows(&self.statements.days, &parameters).await?;
        let days = rows.iter().map(|row| {
            Ok(DayCount {
                day: row.try_get(0)?,
                action_type: row.try_get(1)?,
                count: count(Some(row), 2)?,
            })
        });
        days.collect()
    }

    pub(super) async fn all(
        &self,
        behind: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Activity>, Error> {
        let limit = i64::from(limit);
        let parameters: [Parameter<'_>; 2] = [(&behind, Type::TEXT), (&limit, Type::INT8)];
        activities(&self.rows(&self.statements.rows, &parameters).await?)
    }

    pub(super) async fn count_before(&self, created_before: i64) -> Result<u64, Error> {
        let parameters: [Parameter<'_>; 1] = [(&created_before, Type::INT8)];
        let statement = &self.statements.count_before;
        count(self.rows(statement, &parameters).await?.first(), 0)
    }

    pub(super) async fn arrived(&self) -> Result<Arrived, Error> {
        let rows = self.rows(&self.statements.arrived, &[]).await?;
        Ok(Arrived {
            settled: Place::before(count(rows.first(), 0)?),
            begun: Place::before(count(rows.first(), 1)?),
        })
    }

    pub(super) async fn arrivals(&self, query: &Arrivals) -> Result<Vec<(Place, Activity)>, Error> {
        let transaction = |place: &Place| i64::try_from(place.transaction).unwrap_or(i64::MAX);
        let (behind, until) = (transaction(&query.behind), transaction(&query.until));
        let behind_time = query.behind.created_at();
        let behind_id = query.behind.row.as_ref().map(Cursor::action_id);
        let limit = i64::from(query.limit);
        let has_nul = |text: &str| text.contains('\0');
        if behind_id.is_some_and(has_nul) {
            return Ok(Vec::new());
        }
        let projects = query.projects.iter().filter(|project| !has_nul(project));
        let projects: Vec<_> = projects.map(String::as_str).collect();
        let parameters: [Parameter<'_>; 7] = [
            (&projects, Type::TEXT_ARRAY),
            (&query.created_after, Type::INT8),
            (&until, Type::INT8),
            (&behind, Type::INT8),
            (&behind_time, Type::INT8),
            (&behind_id, Type::TEXT),
            (&limit, Type::INT8),
        ];
        let rows = self.rows(&self.statements.arrivals, &parameters).await?;
        let arrivals = rows.iter().map(|row| {
            let activity = row::activity(row)?;
            let place = Place {
                transaction: count(Some(row), 10)?,
                row: Some(Cursor::behind(&activity)),
            };
            Ok((place, activity))
        });
        arrivals.collect()
    }
}

fn activities(rows: &[Row]) -> Result<Vec<Activity>, Error> {
    rows.iter().map(row::activity).collect()
}

fn count(row: Option<&Row>, column: usize) -> Result<u64, Error> {
    let count = row.map(|row| row.try_get::<_, i64>(column)).transpose()?;
    Ok(count.map_or(0, |count| u64::try_from(count).unwrap_or(0)))
}
