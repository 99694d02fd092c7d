//! What to read of a timeline, and what is found: [`Query`] and [`Page`].

use std::{cmp::Reverse, fmt};

use super::{Cursor, Filter};
use crate::Activity;

/// The number of activities on a page unless the query says another.
pub const LIMIT_DEFAULT: u32 = 50;

/// The most activities a page can have; a query for more gets this many.
pub const LIMIT_MAX: u32 = 1_000;

/// The most activities that an offset can pass over; a query for more passes over this many.
pub const OFFSET_MAX: u32 = 10_000;

/// Which end of a timeline comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The newest; rows without a time come last.
    #[default]
    Newest,
    /// The oldest: the same order backwards, so rows without a time come first.
    Oldest,
}

/// Which activities to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    filter: Filter,
    order: Order,
    limit: u32,
    offset: u32,
    after: Option<Cursor>,
}

impl From<Filter> for Query {
    /// The newest [`LIMIT_DEFAULT`] of the activities that the filter lets through.
    fn from(filter: Filter) -> Self {
        Self {
            filter,
            order: Order::default(),
            limit: LIMIT_DEFAULT,
            offset: 0,
            after: None,
        }
    }
}

impl Query {
    /// The newest [`LIMIT_DEFAULT`] activities of a project.
    #[must_use]
    pub fn project(project_id: impl fmt::Display) -> Self {
        Filter::project(project_id).into()
    }

    /// Sets which end comes first: [`Order::Newest`] unless set. A cursor belongs to the order in which its page was read.
    #[must_use]
    pub fn order(mut self, order: Order) -> Self {
        self.order = order;
        self
    }

    /// Sets how many activities a page has at most: 1 to [`LIMIT_MAX`], the nearest of which is
    /// taken for a number outside.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = limit.clamp(1, LIMIT_MAX);
        self
    }

    /// Passes over so many activities, [`OFFSET_MAX`] at most. All of them are read, so this is the slow way; and rows that arrive shift
    /// the next page. [`after`](Self::after) has neither fault.
    #[must_use]
    pub fn offset(mut self, activities: u32) -> Self {
        self.offset = activities.min(OFFSET_MAX);
        self
    }

    /// Continues behind the row that the cursor names.
    #[must_use]
    pub fn after(mut self, cursor: Cursor) -> Self {
        self.after = Some(cursor);
        self
    }

    /// Which activities are read; for a [`Store`](crate::Store) to answer the query.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Which end comes first.
    #[must_use]
    pub fn page_order(&self) -> Order {
        self.order
    }

    /// How many activities the page may have.
    #[must_use]
    pub fn page_limit(&self) -> u32 {
        self.limit
    }

    /// How many activities are passed over.
    #[must_use]
    pub fn page_offset(&self) -> u32 {
        self.offset
    }

    /// The row behind which the page starts.
    #[must_use]
    pub fn cursor(&self) -> Option<&Cursor> {
        self.after.as_ref()
    }

    /// Whether a row of another place than the cursor's is behind it.
    fn is_behind(&self, activity: &Activity) -> bool {
        // `None` is less than any time.
        let place = (activity.created_at, &*activity.action_id);
        self.after.as_ref().is_none_or(|cursor| {
            let cursor = (cursor.created_at(), cursor.action_id());
            match self.order {
                Order::Newest => place < cursor,
                Order::Oldest => place > cursor,
            }
        })
    }
}

/// What a query found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The activities, in the order of the query.
    pub activities: Vec<Activity>,
    /// Where the next page starts; `None` on the last one.
    pub next: Option<Cursor>,
}

impl Page {
    /// The page of `query` from up to one row more than its limit: that row is left out and tells
    /// that there is a next page.
    #[must_use]
    pub fn from_rows(query: &Query, mut rows: Vec<Activity>) -> Self {
        let limit = query.limit as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        Self {
            next: rows.last().filter(|_| more).map(Cursor::behind),
            activities: rows,
        }
    }

    /// The page of `query` from all rows there are, in any order.
    #[must_use]
    pub fn from_all<'a>(query: &Query, rows: impl IntoIterator<Item = &'a Activity>) -> Self {
        let found = rows
            .into_iter()
            .filter(|row| query.filter.matches(row) && query.is_behind(row));
        let mut found: Vec<_> = found.collect();
        let place = |row: &&'a Activity| (row.created_at, &*row.action_id);
        match query.order {
            Order::Newest => found.sort_by_key(|row| Reverse(place(row))),
            Order::Oldest => found.sort_by_key(place),
        }
        let page = found.into_iter().skip(query.offset as usize);
        let rows = page.take(query.limit as usize + 1).cloned().collect();
        Self::from_rows(query, rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_outside_its_bounds_takes_the_nearest() {
        assert_eq!(Query::project("p").limit(0).page_limit(), 1);
        assert_eq!(Query::project("p").limit(u32::MAX).page_limit(), LIMIT_MAX);
        assert_eq!(
            Query::project("p").offset(u32::MAX).page_offset(),
            OFFSET_MAX
        );
    }
}
