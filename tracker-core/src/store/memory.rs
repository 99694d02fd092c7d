//! Activities in memory, for tests to look into: [`MemoryStore`].

use std::{
    cmp::Reverse,
    collections::HashSet,
    future::ready,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{Batch, BoxFuture, Store, StoreError};
use crate::{
    Activity,
    timeline::{Page, Query},
};

/// Keeps activities in memory; a clone is a handle to the same rows.
///
/// It holds at most [`ROWS_MAX`](Self::ROWS_MAX) rows and refuses more.
///
/// ```
/// use std::time::Duration;
/// use tracker_core::{ActionType, Activity, MemoryStore, Tracker};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = MemoryStore::new();
/// let tracker = Tracker::builder().store(store.clone()).build()?;
/// tracker.record(Activity::new(ActionType::Deployment));
/// tracker.flush().await;
///
/// assert_eq!(store.activities().len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    rows: Arc<Mutex<Rows>>,
}

#[derive(Debug, Default)]
struct Rows {
    in_order: Vec<Activity>,
    ids: HashSet<String>,
}

impl MemoryStore {
    /// The most rows it holds: a test that fills more is better served by a file.
    pub const ROWS_MAX: usize = 1_000_000;

    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// All that was written, in that order.
    #[must_use]
    pub fn activities(&self) -> Vec<Activity> {
        self.rows().in_order.clone()
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        // No code that can panic runs under the lock.
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn insert(&self, batch: &Batch) -> Result<(), StoreError> {
        let mut rows = self.rows();
        for activity in batch.activities() {
            if rows.ids.contains(&activity.action_id) {
                continue;
            }
            if rows.in_order.len() >= Self::ROWS_MAX {
                return Err(StoreError::Full {
                    store: self.describe(),
                    rows: Self::ROWS_MAX,
                });
            }
            rows.ids.insert(activity.action_id.clone());
            rows.in_order.push(activity.clone());
        }
        Ok(())
    }

    fn page(&self, query: &Query) -> Page {
        let rows = self.rows();
        // `None` is less than any time, so rows without one come last.
        let position = |activity: &Activity| (activity.created_at, activity.action_id.clone());
        let mut found: Vec<_> = rows
            .in_order
            .iter()
            .filter(|activity| activity.project_id.as_deref() == Some(query.project_id()))
            .filter(|activity| {
                query.cursor().is_none_or(|cursor| {
                    (activity.created_at, &*activity.action_id)
                        < (cursor.created_at(), cursor.action_id())
                })
            })
            .collect();
        found.sort_by_key(|activity| Reverse(position(activity)));
        let rows = found
            .into_iter()
            .take(query.page_limit() as usize + 1)
            .cloned()
            .collect();
        Page::from_rows(query, rows)
    }
}

impl Store for MemoryStore {
    fn write(&self, batch: Batch) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move { self.insert(&batch) })
    }

    fn timeline(&self, query: Query) -> BoxFuture<'_, Result<Page, StoreError>> {
        Box::pin(async move { Ok(self.page(&query)) })
    }

    fn migrate(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        Box::pin(ready(Ok(Vec::new())))
    }

    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(ready(Ok(())))
    }

    fn describe(&self) -> String {
        "memory".to_owned()
    }
}
