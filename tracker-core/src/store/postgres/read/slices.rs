//! Reading what is put together of many partitions, some at a time: counts, and all rows.

use std::{collections::BTreeMap, ops::RangeInclusive};

use tokio_postgres::{Error, Row, types::Type};

use super::{Reading, SLICE_PARTITIONS, activities, count};
use crate::{
    Activity,
    store::postgres::{
        filter::{FilterValues, Parameter, times},
        foreign_text::AnyText,
        partitions::Zones,
    },
    timeline::{DayCount, Filter, UtcOffsets},
};

/// More days and action types than a chart can show.
const DAY_COUNTS_MAX: i64 = 100_000;

impl Reading<'_> {
    /// The rows of a statement of which the parts can be put together: where it is about more than [`SLICE_PARTITIONS`], it looks at so many at a time, each in a
    /// transaction of its own.
    ///
    /// A row stays in its slice, as its ID does not change, so none is met twice. Of what is added or removed meanwhile some is met.
    async fn rows_in_slices(
        &self,
        statement: &str,
        parameters: &[Parameter<'_>],
        times: &RangeInclusive<i64>,
    ) -> Result<Vec<Row>, Error> {
        let is_sliced = |zones: &Zones| zones.slices(times, SLICE_PARTITIONS).len() > 1;
        if !self.zones().await?.is_some_and(|zones| is_sliced(&zones)) {
            return self.rows_within(statement, parameters, times).await;
        }
        // What is known may be from some time ago, when rows of other times were in a partition.
        let zones = self.zones_now().await?.unwrap_or_default();
        let mut rows = Vec::new();
        for slice in zones.slices(times, SLICE_PARTITIONS) {
            let bounds = slice.parameters();
            let parameters: Vec<_> = parameters.iter().chain(&bounds).cloned().collect();
            let found = self.rows(statement, &parameters).await;
            rows.extend(found.inspect_err(|_| self.layout_cache.forget())?);
        }
        Ok(rows)
    }

    pub(in crate::store::postgres) async fn count(&self, filter: &Filter) -> Result<u64, Error> {
        let Some(values) = FilterValues::new(filter) else {
            return Ok(0);
        };
        let parameters = values.parameters();
        let statement = &self.statements.count;
        let times = times(filter);
        let rows = self.rows_in_slices(statement, &parameters, &times).await?;
        sum(&rows)
    }

    pub(in crate::store::postgres) async fn counts_by_day(
        &self,
        filter: &Filter,
        utc_offsets: &UtcOffsets,
    ) -> Result<Vec<DayCount>, Error> {
        let Some(values) = FilterValues::new(filter) else {
            return Ok(Vec::new());
        };
        let transitions: Vec<_> = utc_offsets.transition_times().collect();
        let ahead: Vec<_> = utc_offsets.offsets_ms().collect();
        let mut parameters = values.parameters();
        let own: [Parameter<'_>; 3] = [
            (&transitions, Type::INT8_ARRAY),
            (&ahead, Type::INT8_ARRAY),
            (&DAY_COUNTS_MAX, Type::INT8),
        ];
        parameters.extend(own);
        let times = times(filter);
        let statement = &self.statements.counts_by_day;
        let rows = self.rows_in_slices(statement, &parameters, &times).await?;
        // In their order, each once, whichever slices they are of.
        let mut counts: BTreeMap<(i64, Option<String>), u64> = BTreeMap::new();
        for row in &rows {
            let action_type = row.try_get::<_, Option<AnyText>>(1)?.map(|text| text.0);
            *counts.entry((row.try_get(0)?, action_type)).or_default() += count(Some(row), 2)?;
        }
        let days = counts
            .into_iter()
            .map(|((day, action_type), count)| DayCount {
                day,
                action_type,
                count,
            });
        let days_max = usize::try_from(DAY_COUNTS_MAX).unwrap_or(usize::MAX);
        Ok(days.take(days_max).collect())
    }

    pub(in crate::store::postgres) async fn scan(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Activity>, Error> {
        let zones = self.zones().await?.unwrap_or_default();
        let all_times = i64::MIN..=i64::MAX;
        let mut found = Vec::new();
        for slice in zones.slices(&all_times, SLICE_PARTITIONS) {
            let left = i64::from(limit) - i64::try_from(found.len()).unwrap_or(i64::MAX);
            if left <= 0 {
                break;
            }
            if slice.is_before(after) {
                continue;
            }
            let own: [Parameter<'_>; 2] = [(&after, Type::TEXT), (&left, Type::INT8)];
            let bounds = slice.parameters();
            let parameters: Vec<_> = own.iter().chain(&bounds).cloned().collect();
            found.extend(activities(
                &self.rows(&self.statements.scan, &parameters).await?,
            )?);
        }
        Ok(found)
    }

    pub(in crate::store::postgres) async fn count_before(
        &self,
        created_before: i64,
    ) -> Result<u64, Error> {
        let parameters: [Parameter<'_>; 1] = [(&created_before, Type::INT8)];
        let statement = &self.statements.count_before;
        let times = i64::MIN..=created_before.saturating_sub(1);
        let rows = self.rows_in_slices(statement, &parameters, &times).await?;
        sum(&rows)
    }
}

/// The counts of all slices together.
fn sum(rows: &[Row]) -> Result<u64, Error> {
    rows.iter().map(|row| count(Some(row), 0)).sum()
}
