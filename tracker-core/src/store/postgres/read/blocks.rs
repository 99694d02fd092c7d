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
    timeline::{BlockPage, BlockQuery, Cursor, Order, Page, Walk},
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
        match &self.statements.blocks {
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
        let (page, top) = (PageValues::new(&rows_query), Top::new(top.as_ref()));
        let statement = match query.page_order() {
            Order::Newest => &statements.newest,
            Order::Oldest => &statements.oldest,
        };
        let mut parameters = filter.parameters();
        parameters.extend(page.parameters());
        parameters.extend(top.place());
        let rows = self.rows_of_page(statement, &filter, &parameters).await?;
        let mut walked = Vec::new();
        let mut of_requests: HashMap<String, Vec<Activity>> = HashMap::new();
        for row in &rows {
            let activity = row::activity(row)?;
            let is_beyond: bool = row.try_get(10)?;
            if let Some(request) = &activity.request_id {
                let steps = of_requests.entry(request.clone()).or_default();
                if steps
                    .last()
                    .is_some_and(|last| last.action_id == activity.action_id)
                {
                    continue;
                }
                steps.push(activity.clone());
            }
            if !is_beyond {
                walked.push(activity);
            }
        }
        if query.page_order() == Order::Oldest {
            walked.reverse();
        }
        let walk = Walk::new(query, newest, Page::from_rows(&rows_query, walked));
        let requests = walk.requests().into_iter();
        let steps = requests.map(|request| of_requests.remove(request).unwrap_or_default());
        let steps = steps.collect();
        Ok(walk.into_page(steps))
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
        let statement = &self.statements.requests;
        let times = times(query.filter());
        for row in self.rows_in_slices(statement, &parameters, &times).await? {
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

/// Returns the place of a row's request among the parameters.
fn request_of(row: &Row) -> Result<usize, Error> {
    let number = count(Some(row), 10)?;
    Ok(usize::try_from(number).map_or(usize::MAX, |number| number.wrapping_sub(1)))
}

/// The newest row of a timeline, as `block_steps.sql` takes it.
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

    /// The same for `blocks.sql`, whose conditions tell by the place if the top has a time.
    fn place(&self) -> [Parameter<'_>; 3] {
        [
            (&self.time, Type::INT8),
            (&self.id, Type::TEXT),
            (&self.untimed_id, Type::TEXT),
        ]
    }
}
