//! A store in memory, whose rows tests can inspect: [`MemoryStore`].

use std::{
    collections::{BTreeMap, HashSet},
    future::ready,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use super::{Batch, BoxFuture, Pruned, Pruning, Store, StoreError, Watch};
use crate::{
    Activity,
    timeline::{
        Arrivals, Arrived, BY_ROWS, BlockPage, BlockQuery, Counting, Counts, Filter, Page, Place,
        ProjectIds, ProjectSummary, Query, Tallies,
    },
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
    /// The rows by number, in the order in which they were written.
    in_order: BTreeMap<u64, Activity>,
    /// The number of the next row.
    written: u64,
    ids: HashSet<String>,
    /// Notifies watches of the current value of `written`.
    news: watch::Sender<u64>,
}

impl MemoryStore {
    /// The most rows that the store holds. A test that needs more is better served by a file.
    pub const ROWS_MAX: usize = 1_000_000;

    /// Makes an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns all rows, in the order in which they were written.
    #[must_use]
    pub fn activities(&self) -> Vec<Activity> {
        self.rows().in_order.values().cloned().collect()
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        // No code that can panic runs under the lock.
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the rows that are not there yet, and returns how many they were.
    fn insert(&self, batch: &Batch) -> Result<u64, StoreError> {
        let mut rows = self.rows();
        let before = rows.written;
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
            let number = rows.written;
            rows.in_order.insert(number, activity.clone());
            rows.written += 1;
        }
        rows.news.send_replace(rows.written);
        Ok(rows.written - before)
    }

    /// Returns the number of rows that match a filter.
    fn count(&self, filter: &Filter) -> u64 {
        let rows = self.rows();
        rows.in_order
            .values()
            .filter(|row| filter.matches(row))
            .count() as u64
    }

    fn counts(&self, counting: &Counting) -> Result<Vec<Counts>, StoreError> {
        let rows = self.rows();
        let place = counting.place.as_ref();
        if place.is_some_and(|place| !rows.has(place)) {
            return Err(StoreError::UnknownPlace {
                store: self.describe(),
            });
        }
        let end = place.map_or(u64::MAX, Place::next_number);
        let mut tallies = Tallies::new();
        for (number, row) in &rows.in_order {
            if !counting.filter.matches(row) {
                continue;
            }
            let bucket = row.created_at.map(|at| counting.bucket_of(at));
            let action_type = row.action_type.as_deref().map(str::to_owned);
            let (all, before) = tallies.entry((bucket, action_type)).or_default();
            all.add(row);
            if *number < end || bucket.is_none() {
                before.add(row);
            }
        }
        Ok(Counts::of(tallies))
    }

    fn arrivals(&self, query: &Arrivals) -> Result<Vec<(Place, Activity)>, StoreError> {
        let rows = self.rows();
        if !rows.has(&query.after) || query.until.numbering != BY_ROWS {
            return Err(StoreError::UnknownPlace {
                store: self.describe(),
            });
        }
        let begin = query.after.next_number();
        let end = query.until.next_number().max(begin);
        let arrived = rows.in_order.range(begin..end).filter(|(_, row)| {
            row.created_at.is_some_and(|at| at >= query.created_after)
                && row
                    .project_id
                    .as_ref()
                    .is_some_and(|id| query.projects.contains(id))
        });
        let arrived = arrived.take(query.limit as usize);
        Ok(arrived
            .map(|(number, row)| (place(*number, row), row.clone()))
            .collect())
    }

    fn scan(&self, after: Option<&str>, limit: u32) -> Vec<Activity> {
        let mut rows = self.activities();
        rows.sort_by(|a, b| a.action_id.cmp(&b.action_id));
        let rows = rows
            .into_iter()
            .filter(|row| after.is_none_or(|id| &*row.action_id > id));
        rows.take(limit as usize).collect()
    }

    fn prune(&self, created_before: i64, limit: u32) -> u64 {
        let mut rows = self.rows();
        let Rows { in_order, ids, .. } = &mut *rows;
        let mut pruned = 0;
        in_order.retain(|_, row| {
            let is_pruned = pruned < u64::from(limit) && is_before(row, created_before);
            if is_pruned {
                ids.remove(&row.action_id);
                pruned += 1;
            }
            !is_pruned
        });
        pruned
    }
}

impl Rows {
    /// Returns the place after the last row.
    fn end(&self) -> Place {
        let last = self.in_order.last_key_value();
        last.map_or(Place::before(BY_ROWS, 0), |(number, row)| {
            place(*number, row)
        })
    }

    /// Returns whether the place belongs to these rows.
    fn has(&self, place: &Place) -> bool {
        let found = || self.in_order.get(&place.transaction);
        let is_there = match &place.row {
            None => place.transaction == 0,
            Some(_) => found().is_some_and(|row| place.is_after_id(row.action_id.as_bytes())),
        };
        is_there && place.numbering == BY_ROWS
    }
}

/// Returns the place after the row of this number. Each row counts as a transaction.
fn place(number: u64, row: &Activity) -> Place {
    Place::after_number(BY_ROWS, number, row.action_id.as_bytes())
}

fn is_before(row: &Activity, time: i64) -> bool {
    row.created_at.is_some_and(|at| at < time)
}

/// Watches the number of rows that were written.
struct Written(watch::Receiver<u64>);

impl Watch for Written {
    fn changed(&mut self) -> BoxFuture<'_, Result<Option<i64>, StoreError>> {
        Box::pin(async {
            if self.0.changed().await.is_err() {
                // The store is gone, and no row can follow.
                std::future::pending::<()>().await;
            }
            Ok(Some(i64::MIN))
        })
    }

    fn finds_any_age(&self) -> bool {
        true
    }
}

impl Store for MemoryStore {
    fn write(&self, batch: Batch) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move { self.insert(&batch).map(drop) })
    }

    fn write_counted(&self, batch: Batch) -> BoxFuture<'_, Result<Option<u64>, StoreError>> {
        Box::pin(async move { self.insert(&batch).map(Some) })
    }

    fn timeline(&self, query: Query) -> BoxFuture<'_, Result<Page, StoreError>> {
        Box::pin(async move { Ok(Page::from_all(&query, self.rows().in_order.values())) })
    }

    fn blocks(&self, query: BlockQuery) -> BoxFuture<'_, Result<BlockPage, StoreError>> {
        Box::pin(async move { Ok(BlockPage::from_all(&query, self.rows().in_order.values())) })
    }

    fn activity<'a>(
        &'a self,
        project_id: &'a str,
        action_id: &'a str,
    ) -> BoxFuture<'a, Result<Option<Activity>, StoreError>> {
        let rows = self.rows();
        let found = rows.in_order.values().find(|row| {
            row.action_id == action_id && row.project_id.as_deref() == Some(project_id)
        });
        Box::pin(ready(Ok(found.cloned())))
    }

    fn project_ids(
        &self,
        after: Option<String>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        let rows = self.rows();
        let ids = ProjectIds::of_all(rows.in_order.values(), after.as_deref(), limit);
        Box::pin(ready(Ok(ids)))
    }

    fn project_summaries(
        &self,
        project_ids: Vec<String>,
        created_after: i64,
    ) -> BoxFuture<'_, Result<Vec<ProjectSummary>, StoreError>> {
        let rows = self.rows();
        let rows = rows.in_order.values();
        let summaries = ProjectSummary::of_all(rows, &project_ids, created_after);
        Box::pin(ready(Ok(summaries)))
    }

    fn count(&self, filter: Filter) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async move { Ok(self.count(&filter)) })
    }

    fn counts(&self, counting: Counting) -> BoxFuture<'_, Result<Vec<Counts>, StoreError>> {
        Box::pin(async move { self.counts(&counting) })
    }

    fn watermarks(&self) -> BoxFuture<'_, Result<Arrived, StoreError>> {
        let arrived = self.rows().end();
        Box::pin(ready(Ok(Arrived::at(arrived))))
    }

    fn arrivals(
        &self,
        query: Arrivals,
    ) -> BoxFuture<'_, Result<Vec<(Place, Activity)>, StoreError>> {
        Box::pin(async move { self.arrivals(&query) })
    }

    fn watch(&self) -> BoxFuture<'_, Result<Box<dyn Watch>, StoreError>> {
        let watch: Box<dyn Watch> = Box::new(Written(self.rows().news.subscribe()));
        Box::pin(ready(Ok(watch)))
    }

    fn scan(
        &self,
        after: Option<String>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Activity>, StoreError>> {
        Box::pin(async move { Ok(self.scan(after.as_deref(), limit)) })
    }

    fn count_before(&self, created_before: i64) -> BoxFuture<'_, Result<u64, StoreError>> {
        let rows = self.rows();
        let before = rows
            .in_order
            .values()
            .filter(|row| is_before(row, created_before));
        Box::pin(ready(Ok(before.count() as u64)))
    }

    fn prune(&self, pruning: Pruning) -> BoxFuture<'_, Result<Pruned, StoreError>> {
        Box::pin(async move {
            let removed = self.prune(pruning.created_before, pruning.limit);
            let next = (removed > 0).then_some(pruning);
            Ok(Pruned::new(removed, next))
        })
    }

    fn describe(&self) -> String {
        "memory".to_owned()
    }
}
