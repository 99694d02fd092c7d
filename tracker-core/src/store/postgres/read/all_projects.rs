//! Pages of the timeline of all projects, which no index has in the order of time.

use std::iter;

use tokio_postgres::Error;

use super::Reading;
use crate::{
    clock::now_ms,
    store::postgres::filter::times,
    timeline::{Cursor, Order, Page, Query},
};

/// The length of the first window, in milliseconds.
const FIRST_MS: i64 = 60_000;

/// The factor by which each window is longer while the page is not full. From a minute to the year
/// 1970 there are nine.
const GROWTH: i64 = 8;

impl Reading<'_> {
    /// Reads a page of all projects. It reads the rows of a window of time next to the page's
    /// start, and of longer ones while the page is not full: the index of times finds their blocks,
    /// and a sort takes the memory of a page.
    ///
    /// From an unknown start, which is that of the oldest row, the whole table is read.
    pub(super) async fn page_of_all_projects(&self, query: &Query) -> Result<Page, Error> {
        for window in windows(query, now_ms()) {
            let page = self.page_of_query(&window).await?;
            if page.next.is_some() {
                return Ok(page);
            }
        }
        self.page_of_query(query).await
    }
}

/// Returns the query narrowed to windows of time, the shortest first, as long as they are shorter
/// than its own range.
fn windows(query: &Query, now: i64) -> impl Iterator<Item = Query> {
    let (first, last) = times(query.filter()).into_inner();
    let order = query.page_order();
    let cursor = query.cursor().map(Cursor::created_at);
    let start = match (order, cursor) {
        // Rows without a time are left, and have no window.
        (Order::Newest, Some(None)) => None,
        (Order::Newest, Some(Some(at))) => Some(last.min(at)),
        (Order::Newest, None) => Some(last.min(now)),
        (Order::Oldest, Some(Some(at))) => Some(first.max(at)),
        (Order::Oldest, _) => Some(first).filter(|first| *first > i64::MIN),
    };
    let lengths = iter::successors(Some(FIRST_MS), |ms| ms.checked_mul(GROWTH));
    let windows = start.into_iter().flat_map(move |start| {
        let of = lengths.clone().map(move |ms| match order {
            Order::Newest => start.saturating_sub(ms),
            Order::Oldest => start.saturating_add(ms),
        });
        of.take_while(move |end| first < *end && *end <= last)
            .map(move |end| (start, end))
    });
    let has_cursor = cursor.is_some();
    windows.map(move |(start, end)| {
        let filter = query.filter().clone();
        query.with_filter(match order {
            // Without a cursor rows may come from the future, too.
            Order::Newest => match start.checked_add(1).filter(|_| has_cursor) {
                Some(behind) => filter.created_after(end).created_before(behind),
                None => filter.created_after(end),
            },
            Order::Oldest => filter.created_after(start).created_before(end),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ActionType, Activity, timeline::Filter};

    const NOW: i64 = 1_795_507_291_000;

    fn ranges(query: &Query) -> Vec<(Option<i64>, Option<i64>)> {
        let windows = windows(query, NOW);
        windows
            .map(|query| {
                let parts = query.filter().parts();
                (parts.created_after, parts.created_before)
            })
            .collect()
    }

    #[test]
    fn windows_grow_from_the_start_of_the_page_to_the_ends_of_the_range() {
        let all = Query::from(Filter::all_projects());
        let newest = ranges(&all);
        assert_eq!(newest[0], (Some(NOW - FIRST_MS), None));
        assert_eq!(newest[1], (Some(NOW - 8 * FIRST_MS), None));
        assert!(newest.len() < 20, "{}", newest.len());
        // The oldest row is not known.
        assert_eq!(ranges(&all.clone().order(Order::Oldest)), []);

        let since = Filter::all_projects().created_after(NOW - 600_000);
        let since = Query::from(since);
        assert_eq!(
            ranges(&since),
            [(Some(NOW - 60_000), None), (Some(NOW - 480_000), None)]
        );
        assert_eq!(
            ranges(&since.order(Order::Oldest))[0],
            (Some(NOW - 600_000), Some(NOW - 540_000))
        );
    }

    #[test]
    fn windows_behind_a_cursor_begin_there() {
        let mut row = Activity::new(ActionType::Deployment);
        row.created_at = Some(7_000_000);
        let behind = Query::from(Filter::all_projects()).after(Cursor::after(&row));
        assert_eq!(ranges(&behind)[0], (Some(6_940_000), Some(7_000_001)));
        let oldest = behind.order(Order::Oldest);
        assert_eq!(ranges(&oldest)[0], (Some(7_000_000), Some(7_060_000)));
        row.created_at = None;
        let untimed = Query::from(Filter::all_projects()).after(Cursor::after(&row));
        assert_eq!(ranges(&untimed), []);
    }
}
