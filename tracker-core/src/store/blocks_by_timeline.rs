//! Blocks of a store that reads plain pages alone: [`blocks_by_timeline`].

use super::{boxed::BoxFuture, error::StoreError};
use crate::{
    Activity,
    timeline::{BlockPage, BlockQuery, Cursor, Page, Query, Walk},
};

/// Reads a page of blocks, and for it a page of each request on the way. `timeline` reads a page of
/// activities.
pub(in crate::store) async fn blocks_by_timeline<'a>(
    timeline: impl Fn(Query) -> BoxFuture<'a, Result<Page, StoreError>>,
    query: BlockQuery,
) -> Result<BlockPage, StoreError> {
    let newest = match Walk::top_query(&query) {
        Some(top) => timeline(top).await?.activities.pop(),
        None => None,
    };
    let page = timeline(query.rows()).await?;
    let walk = Walk::new(&query, newest.as_ref(), page);
    let Some(top) = walk.top() else {
        return Ok(BlockPage::default());
    };
    let mut steps = Vec::new();
    for request in walk.requests() {
        steps.push(newest_of(&timeline, &query, request, top).await?);
    }
    Ok(walk.into_page(steps))
}

/// Reads the newest activities of a request, up to the top: [`Walk::STEPS_MAX`] at most.
async fn newest_of<'a>(
    timeline: impl Fn(Query) -> BoxFuture<'a, Result<Page, StoreError>>,
    query: &BlockQuery,
    request: &str,
    top: &Cursor,
) -> Result<Vec<Activity>, StoreError> {
    let rows_max = Walk::STEPS_MAX as usize;
    let filter = query.filter().clone().request_id(request);
    let mut next = Some(Query::from(filter).limit(Walk::STEPS_MAX));
    let mut found = Vec::new();
    while let Some(query) = next.take().filter(|_| found.len() < rows_max) {
        let page = timeline(query.clone()).await?;
        // Rows above the top have arrived since the first page, so they are few.
        let rows = page.activities.into_iter();
        found.extend(rows.filter(|row| top.is_at_or_above(row)));
        next = page.next.map(|cursor| query.after(cursor));
    }
    found.truncate(rows_max);
    Ok(found)
}
