//! A timeline, page after page: [`Pages`].

use tracker_core::{
    Activity, Store, StoreError,
    timeline::{LIMIT_MAX, Query},
};

/// What a query finds, read as it is needed, however much it is.
pub(crate) struct Pages<'a> {
    store: &'a dyn Store,
    next: Option<Query>,
    /// How many activities are still wanted.
    wanted: u64,
    /// Whether there are more behind the last page that was read.
    pub(crate) has_more: bool,
}

impl<'a> Pages<'a> {
    /// The first `wanted` activities of a query.
    pub(crate) fn new(store: &'a dyn Store, query: Query, wanted: u64) -> Self {
        Self {
            store,
            next: (wanted > 0).then_some(query),
            wanted,
            has_more: false,
        }
    }

    /// The next page; `None` behind the last one that is wanted.
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
