//! Reading pages of blocks.

use std::{borrow::Cow, cmp::Reverse, collections::HashMap};

use tokio_postgres::{Error, Row, types::Type};

use super::{
    Reading, count,
    page_values::{PageValues, stored},
};
use crate::{
    Activity,
    store::postgres::{
        filter::{FilterValues, Parameter, times},
        row,
        statements::BlockStatements,
    },
    timeline::{Block, BlockCursor, BlockPage, BlockQuery, Cursor, Order, Walk},
};

impl Reading<'_> {
    /// Reads a page of blocks. In a table without partitions it is read at once. Otherwise the rows
    /// of requests are read after the rows on the way, some partitions at a time: an old row of a
    /// request may be in any of them.
    pub(in crate::store::postgres) async fn blocks(
        &self,
        query: &BlockQuery,
    ) -> Result<BlockPage, Error> {
        let newest = match Walk::top_query(query) {
            Some(top) => self.page(&top).await?.activities.pop(),
            None => None,
        };
        match &self.statements_of(query.filter()).blocks {
            Some(statements) if self.zones().await?.is_none() => {
                self.blocks_at_once(statements, query, newest.as_ref())
                    .await
            }
            _ => {
                let page = self.page(&query.rows()).await?;
                let walk = Walk::new(query, newest.as_ref(), page);
                let steps = self.steps(query, &walk).await?;
                Ok(walk.into_page(steps))
            }
        }
    }

    async fn blocks_at_once(
        &self,
        statements: &BlockStatements,
        query: &BlockQuery,
        newest: Option<&Activity>,
    ) -> Result<BlockPage, Error> {
        let rows_query = query.rows();
        let top = query.cursor().map(|cursor| cursor.top().clone());
        let top = top.or_else(|| newest.map(Cursor::after));
        let Some(filter) = FilterValues::new(query.filter()) else {
            return Ok(BlockPage::default());
        };
        let page = PageValues::new(&rows_query);
        let highest = Top::new(top.as_ref());
        let statement = match query.page_order() {
            Order::Newest => &statements.newest,
            Order::Oldest => &statements.oldest,
        };
        let mut parameters = filter.parameters();
        parameters.extend(page.parameters());
        parameters.extend(highest.place());
        let rows = self.rows_of_page(statement, &filter, &parameters).await?;
        let mut found: Vec<Found> = Vec::with_capacity(rows.len());
        for row in &rows {
            let activity = row::activity(row)?;
            let is_known = |last: &Found| last.activity.action_id == activity.action_id;
            if !found.last().is_some_and(is_known) {
                found.push(Found {
                    activity,
                    is_on_the_way: !row.try_get::<_, bool>(10)?,
                });
            }
        }
        Ok(page_of(query, top, found))
    }

    /// Reads the newest rows of each request of a walk.
    async fn steps(&self, query: &BlockQuery, walk: &Walk) -> Result<Vec<Vec<Activity>>, Error> {
        let requests = walk.requests();
        let mut steps = vec![Vec::new(); requests.len()];
        let filter = FilterValues::new(query.filter());
        let Some(filter) = filter.filter(|_| !requests.is_empty()) else {
            return Ok(steps);
        };
        let top = Top::new(walk.top());
        // An ID that is not as it is in the database finds nothing, and the encoding may lack
        // U+FFFD.
        let is_exact = |request: &&str| !request.contains(char::REPLACEMENT_CHARACTER);
        let requests = requests.into_iter().map(|id| Some(id).filter(is_exact));
        let requests: Vec<_> = requests.collect();
        let mut parameters = filter.parameters();
        parameters.push((&requests, Type::TEXT_ARRAY));
        parameters.extend(top.parameters());
        let statement = &self.statements_of(query.filter()).requests;
        let times = times(query.filter());
        let reading = self.in_order_of(&filter);
        let rows = reading.rows_in_slices(statement, &parameters, &times);
        for row in rows.await? {
            if let Some(steps) = steps.get_mut(request_of(&row)?) {
                steps.push(row::activity(&row)?);
            }
        }
        for steps in &mut steps {
            // Rows of several slices; those of one are sorted by the database.
            if !steps.is_sorted_by_key(|row| Reverse(row.created_at)) {
                steps.sort_by_key(|row| Reverse((row.created_at, row.action_id.clone())));
            }
            steps.truncate(Walk::STEPS_MAX as usize);
        }
        Ok(steps)
    }
}

/// A row of `blocks.sql`.
struct Found {
    activity: Activity,
    /// False for a row that can only be a part of a block.
    is_on_the_way: bool,
}

/// Makes the page of these rows, which are the newest first. The newest row of a request gives its
/// block if it is on the way.
fn page_of(query: &BlockQuery, top: Option<Cursor>, found: Vec<Found>) -> BlockPage {
    let mut of_requests: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut way = Vec::new();
    for (place, row) in found.iter().enumerate() {
        if let Some(request_id) = &row.activity.request_id {
            of_requests.entry(request_id).or_default().push(place);
        }
        if row.is_on_the_way {
            way.push(place);
        }
    }
    let first = way
        .first()
        .map(|place| Cursor::after(&found[*place].activity));
    if query.page_order() == Order::Oldest {
        way.reverse();
    }
    let limit = query.page_limit() as usize;
    let last = way.get(limit.saturating_sub(1));
    let last = last.filter(|_| way.len() > limit);
    let after = last.map(|place| Cursor::after(&found[*place].activity));
    way.truncate(limit);
    let blocks = way.into_iter().filter_map(|place| {
        let Some(request_id) = &found[place].activity.request_id else {
            return Some(vec![place]);
        };
        let newest = of_requests.get(&**request_id)?.first()?;
        let is_newest = *newest == place;
        is_newest.then(|| of_requests.remove(&**request_id))?
    });
    let blocks: Vec<_> = blocks.collect();
    let mut found: Vec<_> = found.into_iter().map(|row| Some(row.activity)).collect();
    let blocks = blocks.into_iter().map(|places| {
        let rows = places.into_iter().filter_map(|place| found[place].take());
        let rows: Vec<_> = rows.collect();
        let request_id = rows.first().and_then(|row| row.request_id.clone());
        Block::new(request_id, rows)
    });
    BlockPage {
        blocks: blocks.collect(),
        next: top
            .or(first)
            .zip(after)
            .map(|(top, after)| BlockCursor { top, after }),
    }
}

/// Returns the place of a row's request among the parameters.
fn request_of(row: &Row) -> Result<usize, Error> {
    let number = count(Some(row), 10)?;
    Ok(usize::try_from(number).map_or(usize::MAX, |number| number.wrapping_sub(1)))
}

/// The newest row of a timeline, as `block_steps.sql` takes it, and its place as `blocks.sql` does.
struct Top<'a> {
    is_timed: bool,
    time: Option<i64>,
    id: Option<Cow<'a, str>>,
    untimed_id: Option<Cow<'a, str>>,
}

impl<'a> Top<'a> {
    /// Without a newest row, all rows are below it.
    fn new(top: Option<&'a Cursor>) -> Self {
        let time = top.and_then(Cursor::created_at);
        let id = top.map(|top| stored(top.action_id(), Order::Newest));
        let is_untimed = top.is_some_and(|top| top.created_at().is_none());
        let (id, untimed_id) = if is_untimed { (None, id) } else { (id, None) };
        Self {
            is_timed: !is_untimed,
            time,
            id,
            untimed_id,
        }
    }

    fn parameters(&self) -> [Parameter<'_>; 4] {
        let [time, id, untimed_id] = self.place();
        [(&self.is_timed, Type::BOOL), time, id, untimed_id]
    }

    fn place(&self) -> [Parameter<'_>; 3] {
        [
            (&self.time, Type::INT8),
            (&self.id, Type::TEXT),
            (&self.untimed_id, Type::TEXT),
        ]
    }
}
