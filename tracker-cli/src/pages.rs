//! A timeline, page by page: [`Pages`].

use tracker_core::{
    Activity, Store, StoreError,
    timeline::{LIMIT_MAX, Query},
};

/// The results of a query, read as they are needed, however many they are.
pub(crate) struct Pages<'a> {
    store: &'a dyn Store,
    next: Option<Query>,
    /// The number of activities that are still wanted.
    wanted: u64,
    /// True if there are more after the last page that was read.
    pub(crate) has_more: bool,
}

impl<'a> Pages<'a> {
    /// Returns the first `wanted` activities of a query.
    pub(crate) fn new(store: &'a dyn Store, query: Query, wanted: u64) -> Self {
        Self {
            store,
            next: (wanted > 0).then_some(query),
            wanted,
            has_more: false,
        }
    }

    /// Returns the next page, or `None` after the last one that is wanted.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<Activity>>, StoreError> {
        let Some(query) = self.next.take() else {
            return Ok(None);
        };
        let limit = u32::try_from(self.wanted).unwrap_or(LIMIT_MAX);
        let page = self.store.timeline(query.clone().limit(limit)).await?;
        self.wanted = self.wanted.saturating_sub(page.activities.len() as u64);
        self.has_more = page.next.is_some();
        if self.wanted > 0 {
            self.next = page.next.map(|cursor| query.after(cursor));
        }
        Ok(Some(page.activities))
    }
}
