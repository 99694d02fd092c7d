//! The activities of a timeline by their requests: [`Block`] and [`BlockPage`].

use std::{
    cmp::Reverse,
    collections::{HashMap, hash_map::Entry},
};

use super::{BlockCursor, BlockQuery, Cursor, Order, cursor::position};
use crate::Activity;

/// The most activities of one block.
pub const BLOCK_ACTIVITIES_MAX: usize = 100;

/// The activities of one request that match a filter, or a single one that belongs to no request.
///
/// A block stands in the timeline at the place of its newest activity.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The request; `None` if the activity belongs to none.
    pub request_id: Option<String>,
    /// The newest [`BLOCK_ACTIVITIES_MAX`] activities at most, the oldest first. There is at least
    /// one.
    pub activities: Vec<Activity>,
    /// True if the request has older activities that match.
    pub has_more: bool,
}

impl Block {
    /// Makes the block of these activities, the newest first, which are up to one more than a block
    /// can have.
    pub(crate) fn new(request_id: Option<String>, mut newest_first: Vec<Activity>) -> Self {
        let has_more = newest_first.len() > BLOCK_ACTIVITIES_MAX;
        newest_first.truncate(BLOCK_ACTIVITIES_MAX);
        newest_first.reverse();
        Self {
            request_id,
            activities: newest_first,
            has_more,
        }
    }

    /// Returns the time of the oldest activity given, in milliseconds since the Unix epoch. Those
    /// without a time are passed over; `None` if there are no others.
    #[must_use]
    pub fn first_at(&self) -> Option<i64> {
        self.activities.iter().find_map(|row| row.created_at)
    }

    /// Returns the time of the newest activity, in milliseconds since the Unix epoch; `None` if no
    /// activity has one.
    #[must_use]
    pub fn last_at(&self) -> Option<i64> {
        self.activities.last().and_then(|row| row.created_at)
    }

    /// Returns the number of activities given that failed, panicked or were cancelled.
    #[must_use]
    pub fn failures(&self) -> usize {
        let failures = self.activities.iter().filter(|row| row.has_failed());
        failures.count()
    }
}

/// The result of a query for blocks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BlockPage {
    /// The blocks, by their newest activity, in the order of the query. There may be none though a
    /// next page has some: if each activity on the way belongs to a block of another page.
    pub blocks: Vec<Block>,
    /// The start of the next page; `None` on the last one.
    pub next: Option<BlockCursor>,
}

impl BlockPage {
    /// Makes the page of `query` from all rows, in any order.
    #[must_use]
    pub fn from_all<'a>(query: &BlockQuery, rows: impl IntoIterator<Item = &'a Activity>) -> Self {
        let mut rows: Vec<_> = rows
            .into_iter()
            .filter(|row| query.filter().matches(row))
            .collect();
        rows.sort_by_key(|row| Reverse(position(row)));
        let top = match (query.cursor(), rows.first()) {
            (Some(cursor), _) => cursor.top.clone(),
            (None, Some(newest)) => Cursor::after(newest),
            (None, None) => return Self::default(),
        };
        rows.retain(|row| top.is_at_or_above(row));

        let mut steps: HashMap<&str, Vec<&Activity>> = HashMap::new();
        for row in &rows {
            if let Some(request_id) = &row.request_id {
                steps.entry(request_id).or_default().push(row);
            }
        }
        if query.page_order() == Order::Oldest {
            rows.reverse();
        }
        let on_the_way = query.rows();
        rows.retain(|row| on_the_way.is_behind(row));
        let limit = query.page_limit() as usize;
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| has_more);
        let next = last.map(|last| BlockCursor {
            top,
            after: Cursor::after(last),
        });
        let blocks = rows.into_iter().filter_map(|row| {
            let Some(request_id) = row.request_id.as_deref() else {
                return Some(Block::new(None, vec![row.clone()]));
            };
            let Entry::Occupied(steps) = steps.entry(request_id) else {
                return None;
            };
            let is_newest = steps.get()[0].action_id == row.action_id;
            let steps = is_newest.then(|| steps.remove())?;
            let steps = steps.into_iter().take(BLOCK_ACTIVITIES_MAX + 1);
            Some(Block::new(row.request_id.clone(), steps.cloned().collect()))
        });
        Self {
            blocks: blocks.collect(),
            next,
        }
    }
}
