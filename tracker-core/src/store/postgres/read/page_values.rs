//! The values of a page's statement, beside those of its filter: [`PageValues`].

use std::borrow::Cow;

use tokio_postgres::types::Type;

use crate::{
    store::postgres::filter::Parameter,
    timeline::{Cursor, Order, Query},
};

/// The extent of a page and its place, as `timeline_newest.sql` and `timeline_oldest.sql` take
/// them.
pub(super) struct PageValues<'a> {
    /// One row more than requested, which shows that there is a next page.
    pub(super) limit: i64,
    offset: i64,
    pub(super) timed: bool,
    behind_time: Option<i64>,
    timed_id: Option<Cow<'a, str>>,
    pub(super) untimed: bool,
    untimed_id: Option<Cow<'a, str>>,
}

impl<'a> PageValues<'a> {
    pub(super) fn new(query: &'a Query) -> Self {
        let cursor = query.cursor();
        let behind_id = cursor.map(|cursor| stored(cursor.action_id(), query.page_order()));
        // Rows without a time are at one end, so a cursor among the others includes all of them, or
        // none.
        let is_behind_timed = cursor.map(|cursor| cursor.created_at().is_some());
        let (timed, untimed) = match query.page_order() {
            Order::Newest => (is_behind_timed != Some(false), true),
            Order::Oldest => (true, is_behind_timed != Some(true)),
        };
        let (timed_id, untimed_id) = match is_behind_timed {
            Some(true) => (behind_id, None),
            Some(false) => (None, behind_id),
            None => (None, None),
        };
        Self {
            limit: i64::from(query.page_limit()) + 1,
            offset: i64::from(query.page_offset()),
            timed,
            behind_time: cursor.and_then(Cursor::created_at),
            timed_id,
            untimed,
            untimed_id,
        }
    }

    pub(super) fn parameters(&self) -> [Parameter<'_>; 7] {
        [
            (&self.limit, Type::INT8),
            (&self.offset, Type::INT8),
            (&self.timed, Type::BOOL),
            (&self.behind_time, Type::INT8),
            (&self.timed_id, Type::TEXT),
            (&self.untimed, Type::BOOL),
            (&self.untimed_id, Type::TEXT),
        ]
    }
}

/// Returns an ID that has the same rows behind it and no NUL, which Postgres stores in no text.
pub(super) fn stored(id: &str, order: Order) -> Cow<'_, str> {
    match (id.split_once('\0'), order) {
        (None, _) => id.into(),
        // The least character that there is includes the row whose ID ends there.
        (Some((before, _)), Order::Newest) => format!("{before}\u{1}").into(),
        (Some((before, _)), Order::Oldest) => before.into(),
    }
}
