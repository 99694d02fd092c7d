//! Queries for a page of a timeline, and their results: [`Query`] and [`Page`].

use std::{cmp::Reverse, fmt};

use super::{Cursor, Filter, cursor::position};
use crate::Activity;

/// The number of activities on a page unless the query sets another.
pub const LIMIT_DEFAULT: u32 = 50;

/// The most activities that a page can have; a query for more gets this many.
pub const LIMIT_MAX: u32 = 1_000;

/// The most activities that an offset can skip; a query for more skips this many.
pub const OFFSET_MAX: u32 = 10_000;

/// The end of a timeline that comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The newest first; rows without a time come last.
    #[default]
    Newest,
    /// The oldest first, the exact reverse: rows without a time come first.
    Oldest,
}

/// A query for a page of a project's activities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    filter: Filter,
    order: Order,
    limit: u32,
    offset: u32,
    after: Option<Cursor>,
}

impl From<Filter> for Query {
    /// Queries for the newest [`LIMIT_DEFAULT`] activities that match the filter.
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
    /// Queries for the newest [`LIMIT_DEFAULT`] activities of a project.
    #[must_use]
    pub fn project(project_id: impl fmt::Display) -> Self {
        Filter::project(project_id).into()
    }

    /// Sets the order, [`Order::Newest`] by default. A cursor belongs to the order in which its
    /// page was read.
    #[must_use]
    pub fn order(mut self, order: Order) -> Self {
        self.order = order;
        self
    }

    /// Sets the most activities on a page. A value outside the range from 1 to [`LIMIT_MAX`]
    /// becomes the nearest bound.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = limit.clamp(1, LIMIT_MAX);
        self
    }

    /// Skips this many activities, [`OFFSET_MAX`] at most. The skipped rows are read, so a large
    /// offset is slow, and rows that arrive between two pages shift the second one.
    /// [`after`](Self::after) has neither fault.
    #[must_use]
    pub fn offset(mut self, activities: u32) -> Self {
        self.offset = activities.min(OFFSET_MAX);
        self
    }

    /// Continues after the row that the cursor names.
    #[must_use]
    pub fn after(mut self, cursor: Cursor) -> Self {
        self.after = Some(cursor);
        self
    }

    /// Returns the filter; for a [`Store`](crate::Store) to answer the query.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Returns the order.
    #[must_use]
    pub fn page_order(&self) -> Order {
        self.order
    }

    /// Returns the most activities that the page may have.
    #[must_use]
    pub fn page_limit(&self) -> u32 {
        self.limit
    }

    /// Returns the number of activities to skip.
    #[must_use]
    pub fn page_offset(&self) -> u32 {
        self.offset
    }

    /// Returns the cursor after whose row the page starts.
    #[must_use]
    pub fn cursor(&self) -> Option<&Cursor> {
        self.after.as_ref()
    }

    /// Returns the same query of another filter.
    #[cfg(feature = "postgres")]
    pub(crate) fn with_filter(&self, filter: Filter) -> Self {
        Self {
            filter,
            ..self.clone()
        }
    }

    /// Returns whether a row comes after the cursor, or true if there is none. The cursor's own row
    /// does not come after it.
    pub(super) fn is_behind(&self, activity: &Activity) -> bool {
        let after = self.after.as_ref();
        after.is_none_or(|cursor| match self.order {
            Order::Newest => position(activity) < cursor.position(),
            Order::Oldest => position(activity) > cursor.position(),
        })
    }
}

/// The result of a query.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The activities, in the order of the query.
    pub activities: Vec<Activity>,
    /// The start of the next page; `None` on the last one.
    pub next: Option<Cursor>,
}

impl Page {
    /// Makes the page of `query` from up to one row more than its limit. That extra row is left
    /// out, and indicates that there is a next page.
    #[must_use]
    pub fn from_rows(query: &Query, mut rows: Vec<Activity>) -> Self {
        let limit = query.limit as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        Self {
            next: rows.last().filter(|_| more).map(Cursor::after),
            activities: rows,
        }
    }

    /// Makes the page of `query` from all rows, in any order.
    #[must_use]
    pub fn from_all<'a>(query: &Query, rows: impl IntoIterator<Item = &'a Activity>) -> Self {
        let found = rows
            .into_iter()
            .filter(|row| query.filter.matches(row) && query.is_behind(row));
        let mut found: Vec<_> = found.collect();
        match query.order {
            Order::Newest => found.sort_by_key(|row| Reverse(position(row))),
            Order::Oldest => found.sort_by_key(|row| position(row)),
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
