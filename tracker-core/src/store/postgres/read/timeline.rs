//! Reading pages of a timeline, and single activities.

use tokio_postgres::{Error, types::Type};

use super::{Reading, activities};
use crate::{
    Activity,
    store::postgres::{
        filter::{FilterValues, Parameter},
        partitions::PageScan,
        row,
    },
    timeline::{Cursor, Order, Page, Query},
};

impl Reading<'_> {
    pub(in crate::store::postgres) async fn page(&self, query: &Query) -> Result<Page, Error> {
        match query.filter().project_id() {
            Some(_) => self.page_of_query(query).await,
            None => self.page_of_all_projects(query).await,
        }
    }

    pub(super) async fn page_of_query(&self, query: &Query) -> Result<Page, Error> {
        let cursor = query.cursor();
        let behind_id = cursor.map(Cursor::action_id);
        let Some(values) = FilterValues::new(query.filter()) else {
            return Ok(Page::default());
        };
        // Postgres stores no NUL, so no row comes after such an ID.
        if behind_id.is_some_and(|id| id.contains('\0')) {
            return Ok(Page::default());
        }
        // One row more than requested shows that there is a next page.
        let limit = i64::from(query.page_limit()) + 1;
        let offset = i64::from(query.page_offset());
        let behind_time = cursor.and_then(Cursor::created_at);
        // Rows without a time are at one end, so a cursor among the others includes all of them, or
        // none.
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
        // In a partitioned table, rows without a time are read only if those with a time do not
        // fill the page, because planning for them includes the default partition.
        let is_untimed_later = timed
            && untimed
            && query.page_order() == Order::Newest
            && self.zones().await?.is_some();
        let rows_max = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut look = 0;
        loop {
            let is_untimed_left = is_untimed_later && look == 0;
            let untimed = untimed && !is_untimed_left;
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
            let found = self.rows_of_partitions(statement, &parameters, |zones| {
                PageScan::new(zones, query, look).excluded()
            });
            let (rows, zones) = found.await?;
            let rows = activities(&rows)?;
            let has_all = zones.is_none_or(|zones| {
                PageScan::new(&zones, query, look).is_complete(&rows, rows_max)
            });
            if has_all && (!is_untimed_left || rows.len() >= rows_max) {
                return Ok(Page::from_rows(query, rows));
            }
            look += 1;
        }
    }

    pub(in crate::store::postgres) async fn activity(
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
}
