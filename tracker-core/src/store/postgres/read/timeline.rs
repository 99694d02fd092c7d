//! Reading pages of a timeline, and single activities.

use tokio_postgres::{Error, types::Type};

use super::{Reading, activities, page_values::PageValues};
use crate::{
    Activity,
    store::postgres::{
        filter::{FilterValues, Parameter},
        partitions::{Excluded, PageScan},
        row,
    },
    timeline::{Order, Page, Query},
};

impl Reading<'_> {
    pub(in crate::store::postgres) async fn page(&self, query: &Query) -> Result<Page, Error> {
        match query.filter().project_id() {
            Some(_) => self.page_of_query(query).await,
            None => self.page_of_all_projects(query).await,
        }
    }

    pub(super) async fn page_of_query(&self, query: &Query) -> Result<Page, Error> {
        let Some(filter) = FilterValues::new(query.filter()) else {
            return Ok(Page::default());
        };
        let mut values = PageValues::new(query);
        let statements = self.statements_of(query.filter());
        let statement = match query.page_order() {
            Order::Newest => &statements.timeline_newest,
            Order::Oldest => &statements.timeline_oldest,
        };
        let untimed = values.untimed;
        // In a partitioned table, rows without a time are read only if those with a time do not
        // fill the page, because planning for them includes the default partition.
        let is_untimed_later = values.timed
            && untimed
            && query.page_order() == Order::Newest
            && self.zones().await?.is_some();
        let rows_max = usize::try_from(values.limit).unwrap_or(usize::MAX);
        let nothing = <[Excluded<'_>; 2]>::default();
        let mut look = 0;
        loop {
            let is_untimed_left = is_untimed_later && look == 0;
            values.untimed = untimed && !is_untimed_left;
            let mut parameters = filter.parameters();
            parameters.extend(values.parameters());
            let (rows, zones) = if self.zones().await?.is_some() {
                let reading = self.in_order_of(&filter);
                let found = reading.rows_of_partitions(statement.text(), &parameters, |zones| {
                    PageScan::new(zones, query, look).excluded()
                });
                found.await?
            } else {
                parameters.extend(nothing.iter().flat_map(Excluded::parameters));
                let rows = self.rows_of_page(statement, &filter, &parameters).await?;
                (rows, None)
            };
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
