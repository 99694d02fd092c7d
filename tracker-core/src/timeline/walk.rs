//! The rows along which a page of blocks is made: [`Walk`].

use std::collections::{HashMap, HashSet};

use super::{BLOCK_ACTIVITIES_MAX, Block, BlockCursor, BlockPage, BlockQuery, Cursor, Order, Page};
use crate::Activity;

/// The rows that a page of blocks walks. A store then reads the newest rows of each request among
/// them, and a row that is the newest of its request gives a block.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    order: Order,
    rows: Vec<Activity>,
    /// The newest row of the timeline; `None` if there is no row.
    top: Option<Cursor>,
    next: Option<Cursor>,
}

const _: () = assert!(Walk::STEPS_MAX as usize == BLOCK_ACTIVITIES_MAX + 1);

impl Walk {
    /// The most rows to read of a request. One more than a block can have shows that there are
    /// more.
    pub(crate) const STEPS_MAX: u32 = 101;

    /// Returns the query for the newest row of the timeline, if it has to be known before the walk.
    /// It becomes the first argument of [`new`](Self::new).
    pub(crate) fn top_query(query: &BlockQuery) -> Option<super::Query> {
        let is_unknown = query.cursor().is_none() && query.page_order() == Order::Oldest;
        is_unknown.then(|| super::Query::from(query.filter().clone()).limit(1))
    }

    /// Makes the walk of the page of [`BlockQuery::rows`].
    pub(crate) fn new(query: &BlockQuery, newest: Option<&Activity>, page: Page) -> Self {
        let mut walk = Self {
            order: query.page_order(),
            top: query.cursor().map(|cursor| cursor.top.clone()),
            rows: page.activities,
            next: page.next,
        };
        let newest = match walk.order {
            Order::Newest => walk.rows.first(),
            Order::Oldest => newest,
        };
        let newest = newest.map(Cursor::after);
        walk.top = walk.top.or(newest);
        if walk.order == Order::Oldest {
            walk.end_at_top();
        }
        walk
    }

    /// Leaves out what is above the top, in a walk upwards.
    fn end_at_top(&mut self) {
        let top = self.top.as_ref();
        let end = self.rows.iter().position(|row| {
            // The database's order of IDs may be another than Rust's, so equal times say nothing.
            top.is_none_or(|top| row.created_at > top.created_at())
        });
        let top = top.and_then(|top| {
            self.rows
                .iter()
                .position(|row| row.action_id == top.action_id())
        });
        let end = match (top, end) {
            (Some(top), _) => top + 1,
            (None, Some(end)) => end,
            (None, None) => return,
        };
        self.rows.truncate(end);
        self.next = None;
    }

    /// Returns the newest row of the timeline.
    pub(crate) fn top(&self) -> Option<&Cursor> {
        self.top.as_ref()
    }

    /// Returns each request of the rows once.
    pub(crate) fn requests(&self) -> Vec<&str> {
        let mut seen = HashSet::new();
        let requests = self.rows.iter().filter_map(|row| row.request_id.as_deref());
        requests.filter(|request| seen.insert(*request)).collect()
    }

    /// Makes the page. `steps` are the rows of each of the [requests](Self::requests), the newest
    /// first, up to the top, [`STEPS_MAX`](Self::STEPS_MAX) at most.
    ///
    /// A request without any has the rows that the walk has met: its ID can't be sent to the
    /// database as it is there, or its rows are gone meanwhile.
    pub(crate) fn into_page(self, steps: Vec<Vec<Activity>>) -> BlockPage {
        let steps = self.requests().into_iter().zip(steps);
        let mut steps: HashMap<_, _> = steps
            .map(|(request, steps)| {
                if steps.is_empty() {
                    (request, self.met(request))
                } else {
                    (request, steps)
                }
            })
            .collect();
        let blocks = self.rows.iter().filter_map(|row| {
            let Some(request_id) = row.request_id.as_deref() else {
                return Some(Block::new(None, vec![row.clone()]));
            };
            let newest = steps.get(request_id)?.first()?;
            let is_newest = newest.action_id == row.action_id;
            let steps = is_newest.then(|| steps.remove(request_id))??;
            Some(Block::new(row.request_id.clone(), steps))
        });
        BlockPage {
            blocks: blocks.collect(),
            next: self
                .top
                .zip(self.next)
                .map(|(top, after)| BlockCursor { top, after }),
        }
    }

    /// Returns the rows of a request that the walk has met, the newest first.
    fn met(&self, request: &str) -> Vec<Activity> {
        let of_request = |row: &&Activity| row.request_id.as_deref() == Some(request);
        let mut met: Vec<_> = self.rows.iter().filter(of_request).cloned().collect();
        if self.order == Order::Oldest {
            met.reverse();
        }
        met
    }
}
