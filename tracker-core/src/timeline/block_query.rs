//! Queries for a page of blocks: [`BlockQuery`].

use std::fmt;

use super::{BlockCursor, Filter, LIMIT_DEFAULT, LIMIT_MAX, Order, Query};

/// A query for a page of a project's activities in [blocks](super::Block).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockQuery {
    filter: Filter,
    order: Order,
    limit: u32,
    after: Option<BlockCursor>,
}

impl From<Filter> for BlockQuery {
    /// Queries for the blocks among the newest [`LIMIT_DEFAULT`] activities that match the filter.
    fn from(filter: Filter) -> Self {
        Self {
            filter,
            order: Order::default(),
            limit: LIMIT_DEFAULT,
            after: None,
        }
    }
}

impl BlockQuery {
    /// Queries for the blocks among the newest [`LIMIT_DEFAULT`] activities of a project.
    #[must_use]
    pub fn project(project_id: impl fmt::Display) -> Self {
        Filter::project(project_id).into()
    }

    /// Sets the order of the blocks by their newest activity, [`Order::Newest`] by default. A
    /// cursor belongs to the order in which its page was read.
    #[must_use]
    pub fn order(mut self, order: Order) -> Self {
        self.order = order;
        self
    }

    /// Sets the most activities that the page walks, one after the other along the timeline. Each
    /// one that is the newest of its request gives a block, so a page can have few blocks, or none,
    /// and still lead to another one. A value outside the range from 1 to [`LIMIT_MAX`] becomes the
    /// nearest bound.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = limit.clamp(1, LIMIT_MAX);
        self
    }

    /// Continues where the page before has ended.
    #[must_use]
    pub fn after(mut self, cursor: BlockCursor) -> Self {
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

    /// Returns the most activities that the page walks.
    #[must_use]
    pub fn page_limit(&self) -> u32 {
        self.limit
    }

    /// Returns the cursor where the page starts.
    #[must_use]
    pub fn cursor(&self) -> Option<&BlockCursor> {
        self.after.as_ref()
    }

    /// Returns the query for the activities that the page walks.
    #[must_use]
    pub fn rows(&self) -> Query {
        let rows = Query::from(self.filter.clone())
            .order(self.order)
            .limit(self.limit);
        match &self.after {
            Some(cursor) => rows.after(cursor.after.clone()),
            None => rows,
        }
    }
}
