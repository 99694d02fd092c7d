//! Reads pages, single activities, counts and arrivals.

mod all_projects;
mod arrivals;
mod blocks;
mod counts;
mod kept_counts;
mod kept_plans;
mod page_values;
mod projects;
mod slices;
mod timeline;

use std::{ops::RangeInclusive, sync::Arc};

use futures_util::future::try_join;
use tokio_postgres::{Error, Row, types::Type};

use super::{
    engine::Engine,
    filter::{FilterValues, Parameter},
    partitions::{self, Excluded, Layout, LayoutCache, Partition, Zones},
    row,
    session::Session,
    statements::Statements,
    transaction,
};
use crate::{
    Activity,
    timeline::{BlockPage, Filter, Page},
};

/// The number of partitions that one statement reads when it counts or exports. It locks each with
/// its indexes, and a server has room for some thousand locks. A year of monthly partitions is one
/// slice, and a thousand daily ones are 32.
pub(super) const SLICE_PARTITIONS: usize = 32;

/// The number of times that the zones may change between reading them and running a statement for
/// them; after that all partitions are read.
const ZONES_ATTEMPTS: usize = 4;

/// The result of a read.
pub(super) trait Answer {
    /// Returns whether the result is empty.
    fn is_nothing(&self) -> bool;
}

impl Answer for Page {
    fn is_nothing(&self) -> bool {
        self.activities.is_empty()
    }
}

impl Answer for BlockPage {
    fn is_nothing(&self) -> bool {
        self.blocks.is_empty()
    }
}

impl<T> Answer for Vec<T> {
    fn is_nothing(&self) -> bool {
        self.is_empty()
    }
}

impl<T> Answer for Option<T> {
    fn is_nothing(&self) -> bool {
        self.is_none()
    }
}

impl Answer for u64 {
    fn is_nothing(&self) -> bool {
        *self == 0
    }
}

/// The parts of a store that reading uses.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) client: &'a Session,
    pub(super) engine: &'a Engine,
    pub(super) statements: &'a Statements,
    /// The statements for all projects, which no index has.
    pub(super) statements_of_columns: &'a Statements,
    pub(super) begin: &'a str,
    /// Begins a transaction whose rows come off an index in the order of their seconds.
    pub(super) begin_in_order: &'a str,
    /// The settings of statements whose plans the session keeps.
    pub(super) settings_of_kept_plans: &'a str,
    pub(super) schema: &'a str,
    pub(super) layout_cache: &'a LayoutCache,
}

impl<'a> Reading<'a> {
    /// Returns the reading of rows that an index has in the order of their seconds.
    fn in_order(self) -> Self {
        Self {
            begin: self.begin_in_order,
            ..self
        }
    }

    /// Returns the reading of a filter's rows in the order of time.
    fn in_order_of(self, filter: &FilterValues<'_>) -> Self {
        if filter.has_order() {
            self.in_order()
        } else {
            self
        }
    }

    /// Returns the statements that find the rows of a filter.
    fn statements_of(&self, filter: &Filter) -> &'a Statements {
        match filter.project_id() {
            Some(_) => self.statements,
            None => self.statements_of_columns,
        }
    }

    /// Returns the zones of the table's partitions, possibly cached, or `None` if it is not
    /// partitioned.
    pub(super) async fn zones(&self) -> Result<Option<Arc<Zones>>, Error> {
        match self.layout_cache.layout() {
            Layout::Partitioned(zones) => return Ok(Some(zones)),
            Layout::Plain => return Ok(None),
            Layout::Unknown => {}
        }
        if !self.is_partitioned().await? {
            return Ok(self.layout_cache.set(None));
        }
        let rows = self.rows(&self.statements.partitions.zones, &[]).await?;
        Ok(self.layout_cache.set(Some(Zones::from_rows(&rows)?)))
    }

    /// Returns the current zones, uncached.
    pub(super) async fn zones_now(&self) -> Result<Option<Arc<Zones>>, Error> {
        self.layout_cache.ask_again();
        self.zones().await
    }

    /// Returns whether the table is partitioned. The role needs no privilege to read the table.
    pub(super) async fn is_partitioned(&self) -> Result<bool, Error> {
        let parameters: [Parameter<'_>; 1] = [(&self.schema, Type::TEXT)];
        let rows = self.rows(include_str!("partitions/sql/layout.sql"), &parameters);
        let rows = rows.await?;
        rows.first().map_or(Ok(false), |row| row.try_get(0))
    }

    pub(super) async fn partitions(&self) -> Result<Vec<Partition>, Error> {
        if !self.is_partitioned().await? {
            return Ok(Vec::new());
        }
        partitions::list(
            self.client,
            self.begin,
            &self.statements.partitions,
            self.schema,
        )
        .await
    }

    /// Runs a statement that skips partitions; returns its rows, and the zones that decided which
    /// to skip.
    ///
    /// The zones are read once more just before the statement, in the same round trip, and the
    /// statement is repeated if they have changed. They are thus no later than the statement's
    /// snapshot. A row with a zone that the statement does not know was committed after the read
    /// began, so it may as well have come after its end.
    async fn rows_of_partitions<const N: usize>(
        &self,
        statement: &str,
        parameters: &[Parameter<'_>],
        excluded: impl Fn(&Zones) -> [Excluded<'_>; N],
    ) -> Result<(Vec<Row>, Option<Arc<Zones>>), Error> {
        for _ in 0..ZONES_ATTEMPTS {
            let Some(zones) = self.zones().await? else {
                break;
            };
            let excluded = excluded(&zones);
            let bounds = excluded.iter().flat_map(Excluded::parameters);
            let parameters: Vec<_> = parameters.iter().cloned().chain(bounds).collect();
            let both = try_join(
                self.client
                    .query_typed(&self.statements.partitions.zones, &[]),
                self.client.query_typed(statement, &parameters),
            );
            let both = transaction::run(self.client, self.begin, both).await;
            let (now, rows) = both.inspect_err(|_| self.layout_cache.forget())?;
            let now = Zones::from_rows(&now)?;
            if now == *zones {
                return Ok((rows, Some(zones)));
            }
            self.layout_cache.set(Some(now));
        }
        let nothing = [Excluded::default(); N];
        let bounds = nothing.iter().flat_map(Excluded::parameters);
        let parameters: Vec<_> = parameters.iter().cloned().chain(bounds).collect();
        Ok((self.rows(statement, &parameters).await?, None))
    }

    /// Runs a statement about rows within this range of times only. An unbounded range includes
    /// rows without a time.
    async fn rows_within(
        &self,
        statement: &str,
        parameters: &[Parameter<'_>],
        times: &RangeInclusive<i64>,
    ) -> Result<Vec<Row>, Error> {
        let found = self.rows_of_partitions(statement, parameters, |zones| [zones.outside(times)]);
        let (rows, _) = found.await?;
        Ok(rows)
    }

    async fn rows(&self, statement: &str, parameters: &[Parameter<'_>]) -> Result<Vec<Row>, Error> {
        let rows = self.client.query_typed(statement, parameters);
        transaction::run(self.client, self.begin, rows).await
    }
}

fn activities(rows: &[Row]) -> Result<Vec<Activity>, Error> {
    rows.iter().map(row::activity).collect()
}

fn count(row: Option<&Row>, column: usize) -> Result<u64, Error> {
    let count = row.map(|row| row.try_get::<_, i64>(column)).transpose()?;
    Ok(count.map_or(0, |count| u64::try_from(count).unwrap_or(0)))
}
