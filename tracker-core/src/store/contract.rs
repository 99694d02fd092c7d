//! The trait of all stores: [`Store`].

use std::{future::ready, sync::Arc};

use super::{
    batch::Batch,
    blocks_by_timeline::blocks_by_timeline,
    boxed::BoxFuture,
    error::StoreError,
    projects_by_ids::projects_by_ids,
    pruning::{Pruned, Pruning},
    watch::Watch,
};
use crate::{
    Activity,
    timeline::{
        Arrivals, Arrived, BlockPage, BlockQuery, Counting, Counts, Filter, Page, Place,
        ProjectIds, ProjectSummary, ProjectsQuery, Query,
    },
};

/// Stores activities and reads them back.
///
/// Methods can be called concurrently, and from any executor, also from outside tokio. A future
/// that is dropped before it completes leaves the store usable.
pub trait Store: Send + Sync + 'static {
    /// Writes the rows of a batch.
    ///
    /// Rows whose `action_id` the store already has are left unchanged, and count as written. On an
    /// error, any part of the batch may have been written. The same batch can then be written
    /// again, as a [retry](Batch::retry).
    fn write(&self, batch: Batch) -> BoxFuture<'_, Result<(), StoreError>>;

    /// [Writes](Self::write) the rows of a batch, and counts those that the store did not have.
    ///
    /// By default the number is unknown, and the answer is `None`.
    fn write_counted(&self, batch: Batch) -> BoxFuture<'_, Result<Option<u64>, StoreError>> {
        let written = self.write(batch);
        Box::pin(async move { written.await.map(|()| None) })
    }

    /// Reads a page of a project's activities.
    fn timeline(&self, query: Query) -> BoxFuture<'_, Result<Page, StoreError>>;

    /// Reads a page of a project's activities in blocks, one for each request.
    ///
    /// By default the rows of each request are read by [`timeline`](Self::timeline), one request
    /// after the other.
    fn blocks(&self, query: BlockQuery) -> BoxFuture<'_, Result<BlockPage, StoreError>> {
        Box::pin(blocks_by_timeline(|query| self.timeline(query), query))
    }

    /// Reads one activity; `None` if the project has none of this ID.
    fn activity<'a>(
        &'a self,
        project_id: &'a str,
        action_id: &'a str,
    ) -> BoxFuture<'a, Result<Option<Activity>, StoreError>> {
        let _ = (project_id, action_id);
        unsupported(self, "reading an activity")
    }

    /// Reads a page of the IDs of projects that have an activity.
    ///
    /// By default the page is made of [`project_ids`](Self::project_ids).
    fn projects(&self, query: ProjectsQuery) -> BoxFuture<'_, Result<ProjectIds, StoreError>> {
        let ids = |after, limit| self.project_ids(after, limit);
        Box::pin(projects_by_ids(ids, query))
    }

    /// Reads at most `limit` IDs of projects that have an activity, in the order in which the store
    /// sorts them, from after the ID `after`, or from the first one. An empty ID is left out.
    fn project_ids(
        &self,
        after: Option<String>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        let _ = (after, limit);
        unsupported(self, "listing projects")
    }

    /// Summarizes each of these projects that has an activity, in the order of the IDs, with counts
    /// since a time in milliseconds since the Unix epoch.
    ///
    /// The work is bounded by the number of IDs, however many activities there are.
    fn project_summaries(
        &self,
        project_ids: Vec<String>,
        created_after: i64,
    ) -> BoxFuture<'_, Result<Vec<ProjectSummary>, StoreError>> {
        let _ = (project_ids, created_after);
        unsupported(self, "listing projects")
    }

    /// Counts the activities that match a filter. This reads all of them.
    fn count(&self, filter: Filter) -> BoxFuture<'_, Result<u64, StoreError>> {
        let _ = filter;
        unsupported(self, "counting")
    }

    /// Counts activities by bucket and action type, in this order. Those without a time come first.
    /// This reads all that match, and returns 100,000 counts at most.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::UnknownPlace`] if the [place](Counting::arrived_before) does not
    /// belong to the store as it is now.
    fn counts(&self, counting: Counting) -> BoxFuture<'_, Result<Vec<Counts>, StoreError>> {
        let _ = counting;
        unsupported(self, "counting over time")
    }

    /// Returns the progress of arrivals: the place before which everything is visible, and the
    /// place after everything that is visible or being written.
    fn watermarks(&self) -> BoxFuture<'_, Result<Arrived, StoreError>> {
        unsupported(self, "following what arrives")
    }

    /// Reads arrivals in their order, each row with its place. Rows without a time are left out.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::UnknownPlace`] if reading can't continue after the place, so that rows
    /// may have been missed. The place belongs to another store, or the store is no longer the same
    /// one, for instance because a backup was restored.
    fn arrivals(
        &self,
        query: Arrivals,
    ) -> BoxFuture<'_, Result<Vec<(Place, Activity)>, StoreError>> {
        let _ = query;
        unsupported(self, "following what arrives")
    }

    /// Starts to watch for arrivals.
    fn watch(&self) -> BoxFuture<'_, Result<Box<dyn Watch>, StoreError>> {
        unsupported(self, "following what arrives")
    }

    /// Reads at most `limit` rows of any project in the order of their IDs, from after the ID
    /// `after`, or from the first row.
    fn scan(
        &self,
        after: Option<String>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Activity>, StoreError>> {
        let _ = (after, limit);
        unsupported(self, "reading all rows")
    }

    /// Counts the rows of any project that were recorded before a time, in milliseconds since the
    /// Unix epoch.
    fn count_before(&self, created_before: i64) -> BoxFuture<'_, Result<u64, StoreError>> {
        let _ = created_before;
        unsupported(self, "counting what is to be pruned")
    }

    /// Removes a batch of the rows that were recorded before a time, and returns the start of the
    /// next batch.
    ///
    /// A store with partitions may instead drop a partition whose rows are all from before the
    /// time, regardless of the batch's limit. A row that can't be removed, for instance because
    /// another table refers to it, is skipped and reported; the other rows are removed. On an
    /// error, any part of the batch may have been removed.
    fn prune(&self, pruning: Pruning) -> BoxFuture<'_, Result<Pruned, StoreError>> {
        let _ = pruning;
        unsupported(self, "pruning")
    }

    /// Returns a description of each foreign key, trigger and row-level security policy that may
    /// keep rows from being pruned. Pruning shows which of them does.
    ///
    /// Empty by default.
    fn prune_obstacles(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        Box::pin(ready(Ok(Vec::new())))
    }

    /// Migrates the store's table to the shape that this version of the crate writes. Every row is
    /// kept.
    ///
    /// Any number of processes may do so at once, and again. Returns the names of the migrations
    /// that this call applied: none if the table was up to date. A migration whose index somebody
    /// has dropped since may be applied again.
    ///
    /// Does nothing by default.
    fn migrate(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        Box::pin(ready(Ok(Vec::new())))
    }

    /// Checks that rows can be written now: the store can be reached, and its table exists and has
    /// the right shape.
    ///
    /// Succeeds by default. A batch whose write failed is then retried after each of the
    /// [delays](crate::TrackerBuilder::retry_delays), instead of when the check succeeds.
    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(ready(Ok(())))
    }

    /// Returns the causes that may refuse, hide or slow down some activities, though
    /// [`check`](Self::check) finds nothing wrong: a sentence each, for people.
    ///
    /// Empty by default.
    fn notes(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        Box::pin(ready(Ok(Vec::new())))
    }

    /// Returns the kind and the location of the store, for logs and people. Contains no secret.
    fn describe(&self) -> String;

    /// Returns the Postgres schema in which [`record_in`](crate::Tracker::record_in) looks for the
    /// table when it is given a Postgres client. The default is [`DEFAULT_SCHEMA`].
    fn schema(&self) -> &str {
        DEFAULT_SCHEMA
    }
}

/// The Postgres schema of the table, unless another is set.
pub const DEFAULT_SCHEMA: &str = "turbobackend";

/// Returns the error of an operation that a store does not have.
pub(crate) fn unsupported<'a, T: Send + 'a>(
    store: &(impl Store + ?Sized),
    operation: &'static str,
) -> BoxFuture<'a, Result<T, StoreError>> {
    let store = store.describe();
    Box::pin(ready(Err(StoreError::Unsupported { operation, store })))
}

impl<S: Store + ?Sized> Store for Arc<S> {
    fn write(&self, batch: Batch) -> BoxFuture<'_, Result<(), StoreError>> {
        (**self).write(batch)
    }

    fn write_counted(&self, batch: Batch) -> BoxFuture<'_, Result<Option<u64>, StoreError>> {
        (**self).write_counted(batch)
    }

    fn timeline(&self, query: Query) -> BoxFuture<'_, Result<Page, StoreError>> {
        (**self).timeline(query)
    }

    fn blocks(&self, query: BlockQuery) -> BoxFuture<'_, Result<BlockPage, StoreError>> {
        (**self).blocks(query)
    }

    fn activity<'a>(
        &'a self,
        project_id: &'a str,
        action_id: &'a str,
    ) -> BoxFuture<'a, Result<Option<Activity>, StoreError>> {
        (**self).activity(project_id, action_id)
    }

    fn projects(&self, query: ProjectsQuery) -> BoxFuture<'_, Result<ProjectIds, StoreError>> {
        (**self).projects(query)
    }

    fn project_ids(
        &self,
        after: Option<String>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        (**self).project_ids(after, limit)
    }

    fn project_summaries(
        &self,
        project_ids: Vec<String>,
        created_after: i64,
    ) -> BoxFuture<'_, Result<Vec<ProjectSummary>, StoreError>> {
        (**self).project_summaries(project_ids, created_after)
    }

    fn count(&self, filter: Filter) -> BoxFuture<'_, Result<u64, StoreError>> {
        (**self).count(filter)
    }

    fn counts(&self, counting: Counting) -> BoxFuture<'_, Result<Vec<Counts>, StoreError>> {
        (**self).counts(counting)
    }

    fn watermarks(&self) -> BoxFuture<'_, Result<Arrived, StoreError>> {
        (**self).watermarks()
    }

    fn arrivals(
        &self,
        query: Arrivals,
    ) -> BoxFuture<'_, Result<Vec<(Place, Activity)>, StoreError>> {
        (**self).arrivals(query)
    }

    fn watch(&self) -> BoxFuture<'_, Result<Box<dyn Watch>, StoreError>> {
        (**self).watch()
    }

    fn scan(
        &self,
        after: Option<String>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Activity>, StoreError>> {
        (**self).scan(after, limit)
    }

    fn count_before(&self, created_before: i64) -> BoxFuture<'_, Result<u64, StoreError>> {
        (**self).count_before(created_before)
    }

    fn prune(&self, pruning: Pruning) -> BoxFuture<'_, Result<Pruned, StoreError>> {
        (**self).prune(pruning)
    }

    fn prune_obstacles(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        (**self).prune_obstacles()
    }

    fn migrate(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        (**self).migrate()
    }

    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        (**self).check()
    }

    fn notes(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        (**self).notes()
    }

    fn describe(&self) -> String {
        (**self).describe()
    }

    fn schema(&self) -> &str {
        (**self).schema()
    }
}
