//! Reading what is put together of many partitions, some at a time: counts, and all rows.

use std::ops::RangeInclusive;

use tokio_postgres::{Error, Row, types::Type};

use super::{Reading, SLICE_PARTITIONS, activities, count};
use crate::{
    Activity,
    store::postgres::{
        filter::{FilterValues, Parameter, times},
        partitions::Zones,
    },
    timeline::Filter,
};

/// The range of any row, with a time or without.
pub(super) const ALL_TIMES: RangeInclusive<i64> = i64::MIN..=i64::MAX;

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
        let statement = &self.statements_of(filter).count;
        let times = times(filter);
        let rows = self.rows_in_slices(statement, &parameters, &times).await?;
        sum(&rows)
    }

    pub(in crate::store::postgres) async fn scan(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Activity>, Error> {
        let zones = self.zones().await?.unwrap_or_default();
        let mut found = Vec::new();
        for slice in zones.slices(&ALL_TIMES, SLICE_PARTITIONS) {
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
