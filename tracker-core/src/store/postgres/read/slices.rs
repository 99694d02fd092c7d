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

/// The most pairs of a day and an action type that are counted, more than a chart can show.
const DAY_COUNTS_MAX: i64 = 100_000;

impl Reading<'_> {
    /// Runs a statement whose partial results can be merged. Over more than [`SLICE_PARTITIONS`]
    /// partitions it runs once for each slice of so many, each time in a transaction of its own.
    ///
    /// A row stays in its slice, because its ID does not change, so no row is met twice. Rows that
    /// are added or removed meanwhile may or may not be met.
    pub(super) async fn rows_in_slices(
        &self,
        statement: &str,
        parameters: &[Parameter<'_>],
        times: &RangeInclusive<i64>,
    ) -> Result<Vec<Row>, Error> {
        let is_sliced = |zones: &Zones| zones.slices(times, SLICE_PARTITIONS).len() > 1;
        if !self.zones().await?.is_some_and(|zones| is_sliced(&zones)) {
            return self.rows_within(statement, parameters, times).await;
        }
        // The cached zones may be outdated, from before a partition got rows of other times.
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
        // The map merges the slices, in the order of days and action types.
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

/// Adds the counts of all slices.
fn sum(rows: &[Row]) -> Result<u64, Error> {
    rows.iter().map(|row| count(Some(row), 0)).sum()
}
