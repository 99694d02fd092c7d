//! Reading: pages, single activities, counts, and what has arrived.

use std::{collections::BTreeMap, hash::Hasher, ops::RangeInclusive, sync::Arc};

use futures_util::future::try_join;
use siphasher::sip::SipHasher13;
use tokio_postgres::{Client, Error, Row, types::Type};

use super::{
    filter::{FilterValues, Parameter, times},
    foreign_text::AnyText,
    identifier::quote_identifier,
    partitions::{self, Excluded, Layout, LayoutCache, PageScan, Partition, Zones},
    row,
    statements::{NumberedStatements, Statements},
    transaction,
};
use crate::{
    Activity,
    timeline::{
        Arrivals, Arrived, Cursor, DayCount, Filter, Order, Page, Place, Query, UtcOffsets,
    },
};

/// More days and action types than a chart can show.
const DAY_COUNTS_MAX: i64 = 100_000;

/// How many partitions are looked at by one statement that counts or exports: it locks each with its indexes, and a server has room for some thousand locks. A
/// year of months is one look, and a thousand days are 32.
pub(super) const SLICE_PARTITIONS: usize = 32;

/// How often partitions may change between a look at what they can have and the statement that this is for; then all of them are looked at.
const ZONES_ATTEMPTS: usize = 4;

/// What comes of reading.
pub(super) trait Answer {
    /// Whether it says that there is nothing.
    fn is_nothing(&self) -> bool;
}

impl Answer for Page {
    fn is_nothing(&self) -> bool {
        self.activities.is_empty()
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

/// What reading needs of a store.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) client: &'a Client,
    pub(super) statements: &'a Statements,
    pub(super) begin: &'a str,
    pub(super) schema: &'a str,
    pub(super) layout_cache: &'a LayoutCache,
}

impl Reading<'_> {
    /// The zones of the table's partitions, as they were last time; `None` where it is not partitioned.
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

    /// Those that it has now.
    pub(super) async fn zones_now(&self) -> Result<Option<Arc<Zones>>, Error> {
        self.layout_cache.ask_again();
        self.zones().await
    }

    /// Whether it is partitioned, for a role that need not be one that reads.
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

    /// Runs a statement that passes over partitions, and tells which zones that was decided by.
    ///
    /// The zones are read once more just before the statement, in the same round trip, and it is repeated where they are others by now. So they
    /// are no later than the statement's snapshot: a row whose zone it does not know was committed after the reading began, and may as well
    /// have come after its end.
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

    /// The same for a statement about rows with a time in this range alone; all times are no bound, and leave in rows without one.
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

    async fn rows(&self, statement: &str, parameters: &[Parameter<'_>]) -> Result<Vec<Row>, Error> {
        let rows = self.client.query_typed(statement, parameters);
        transaction::run(self.client, self.begin, rows).await
    }

    pub(super) async fn page(&self, query: &Query) -> Result<Page, Error> {
        let cursor = query.cursor();
        let behind_id = cursor.map(Cursor::action_id);
        let Some(values) = FilterValues::new(query.filter()) else {
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
        // Of a table in partitions, they are looked for only where those with a time do not fill the page: that is planned for the default
        // partition too.
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
        let Some(values) = FilterValues::new(filter) else {
            return Ok(0);
        };
        let parameters = values.parameters();
        let statement = &self.statements.count;
        let times = times(filter);
        let rows = self.rows_in_slices(statement, &parameters, &times).await?;
        sum(&rows)
    }

    pub(super) async fn counts_by_day(
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

    pub(super) async fn scan(
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

    pub(super) async fn count_before(&self, created_before: i64) -> Result<u64, Error> {
        let parameters: [Parameter<'_>; 1] = [(&created_before, Type::INT8)];
        let statement = &self.statements.count_before;
        let times = i64::MIN..=created_before.saturating_sub(1);
        let rows = self.rows_in_slices(statement, &parameters, &times).await?;
        sum(&rows)
    }

    /// Why what arrives can't be followed on this server; fails where it does not know what is asked for.
    pub(super) async fn obstacle_to_following(
        &self,
        schema: &str,
    ) -> Result<Option<String>, Error> {
        self.rows(&self.statements.can_follow, &[]).await?;
        let knows_shards = self.rows(include_str!("sql/knows_shards.sql"), &[]).await?;
        if !is_true(&knows_shards)? {
            return Ok(None);
        }
        let table = format!("{}.project_actions", quote_identifier(schema));
        let parameters: [Parameter<'_>; 1] = [(&table, Type::TEXT)];
        let is_sharded = include_str!("sql/is_sharded.sql");
        let is_sharded = self.rows(is_sharded, &parameters).await?;
        let because = "the table's rows are on several servers, each with numbers of its own";
        Ok(is_true(&is_sharded)?.then(|| because.to_owned()))
    }

    /// How far the table has come; `numbered` as the server tells which one it is.
    pub(super) async fn watermarks(&self, numbered: &NumberedStatements) -> Result<Arrived, Error> {
        let parameters: [Parameter<'_>; 1] = [(&self.schema, Type::TEXT)];
        let rows = self.rows(&numbered.watermarks, &parameters).await?;
        let numbering = numbering(rows.first(), 2)?;
        Ok(Arrived {
            settled: Place::before(numbering, count(rows.first(), 0)?),
            begun: Place::before(numbering, count(rows.first(), 1)?),
        })
    }

    /// Whether the place is one of the table's as it is now.
    async fn has(&self, numbered: &NumberedStatements, place: &Place) -> Result<bool, Error> {
        let id = place.row.as_ref().map(Cursor::action_id);
        // Postgres holds no NUL.
        if id.is_some_and(|id| id.contains('\0')) {
            return Ok(false);
        }
        let parameters: [Parameter<'_>; 2] = [(&self.schema, Type::TEXT), (&id, Type::TEXT)];
        let rows = self.rows(&numbered.place, &parameters).await?;
        let Some(row) = rows.first() else {
            return Ok(false);
        };
        if numbering(Some(row), 0)? != place.numbering {
            return Ok(false);
        }
        let next = count(Some(row), 1)?;
        let is_ahead = place.transaction > next || place.row.is_some() && place.transaction == next;
        if is_ahead {
            // A standby has not seen it yet, and a primary never gave it.
            return row.try_get(2);
        }
        let transaction = row.try_get::<_, Option<i64>>(3)?;
        let transaction = transaction.and_then(|number| u64::try_from(number).ok());
        Ok(place.row.is_none() || transaction == Some(place.transaction))
    }

    /// Reads what has arrived; `None` where the place is not one of the table's as it is now.
    pub(super) async fn arrivals(
        &self,
        numbered: &NumberedStatements,
        query: &Arrivals,
    ) -> Result<Option<Vec<(Place, Activity)>>, Error> {
        let numbering = query.after.numbering;
        if query.until.numbering != numbering || !self.has(numbered, &query.after).await? {
            return Ok(None);
        }
        let transaction = |place: &Place| i64::try_from(place.transaction).unwrap_or(i64::MAX);
        let (behind, until) = (transaction(&query.after), transaction(&query.until));
        let behind_time = query.after.created_at();
        let behind_id = query.after.row.as_ref().map(Cursor::action_id);
        let limit = i64::from(query.limit);
        let projects = query.projects.iter();
        let projects = projects.filter(|project| !project.contains('\0'));
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
        let times = query.created_after..=i64::MAX;
        let statement = &self.statements.arrivals;
        let rows = self.rows_within(statement, &parameters, &times).await?;
        let arrivals = rows.iter().map(|row| {
            let activity = row::activity(row)?;
            let cursor = Cursor::behind(&activity);
            let place = Place::after(numbering, count(Some(row), 10)?, cursor);
            Ok((place, activity))
        });
        arrivals.collect::<Result<_, _>>().map(Some)
    }
}

fn activities(rows: &[Row]) -> Result<Vec<Activity>, Error> {
    rows.iter().map(row::activity).collect()
}

fn is_true(rows: &[Row]) -> Result<bool, Error> {
    Ok(rows.first().map(|row| row.try_get(0)).transpose()? == Some(true))
}

/// Whose the numbers are, as places have it: those of the servers and tables are no client's business.
fn numbering(row: Option<&Row>, column: usize) -> Result<u64, Error> {
    let text = row.map(|row| row.try_get::<_, &str>(column)).transpose()?;
    let mut hasher = SipHasher13::new();
    hasher.write(text.unwrap_or_default().as_bytes());
    Ok(hasher.finish())
}

/// The counts of all slices together.
fn sum(rows: &[Row]) -> Result<u64, Error> {
    rows.iter().map(|row| count(Some(row), 0)).sum()
}

fn count(row: Option<&Row>, column: usize) -> Result<u64, Error> {
    let count = row.map(|row| row.try_get::<_, i64>(column)).transpose()?;
    Ok(count.map_or(0, |count| u64::try_from(count).unwrap_or(0)))
}
