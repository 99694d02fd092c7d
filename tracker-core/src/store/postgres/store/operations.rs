//! A Postgres database as a store.

use std::{fmt, sync::Arc};

use super::PostgresStore;
use crate::{
    Activity, Store,
    store::{
        Batch, BoxFuture, Pruned, Pruning, StoreError, Watch,
        blocks_by_timeline::blocks_by_timeline,
        postgres::{
            listen::Listening,
            watch::{Listener, News},
        },
    },
    timeline::{
        self, Arrivals, Arrived, BlockPage, BlockQuery, Counting, Counts, Filter, Page,
        ProjectSummary, Query,
    },
};

impl Store for PostgresStore {
    fn write(&self, batch: Batch) -> BoxFuture<'_, Result<(), StoreError>> {
        let work = Arc::clone(&self.work);
        self.run("writing", async move {
            let written = work.write(&batch).await.map(drop);
            work.fold_counts();
            written
        })
    }

    fn write_counted(&self, batch: Batch) -> BoxFuture<'_, Result<Option<u64>, StoreError>> {
        let work = Arc::clone(&self.work);
        self.run("writing", async move {
            let written = work.write(&batch).await.map(Some);
            work.fold_counts();
            written
        })
    }

    fn timeline(&self, query: Query) -> BoxFuture<'_, Result<Page, StoreError>> {
        self.read(move |reading| Box::pin(async move { reading.page(&query).await }))
    }

    fn blocks(&self, query: BlockQuery) -> BoxFuture<'_, Result<BlockPage, StoreError>> {
        if query.filter().project_id().is_none() {
            // No index has the requests of all projects.
            return Box::pin(blocks_by_timeline(|query| self.timeline(query), query));
        }
        self.read(move |reading| Box::pin(async move { reading.blocks(&query).await }))
    }

    fn activity<'a>(
        &'a self,
        project_id: &'a str,
        action_id: &'a str,
    ) -> BoxFuture<'a, Result<Option<Activity>, StoreError>> {
        let (project_id, action_id) = (project_id.to_owned(), action_id.to_owned());
        self.read(move |reading| {
            Box::pin(async move { reading.activity(&project_id, &action_id).await })
        })
    }

    fn project_ids(
        &self,
        after: Option<String>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        self.read(move |reading| {
            Box::pin(async move { reading.project_ids(after.as_deref(), limit).await })
        })
    }

    fn project_summaries(
        &self,
        project_ids: Vec<String>,
        created_after: i64,
    ) -> BoxFuture<'_, Result<Vec<ProjectSummary>, StoreError>> {
        self.read(move |reading| {
            Box::pin(async move { reading.project_summaries(&project_ids, created_after).await })
        })
    }

    fn count(&self, filter: Filter) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.counting_all(filter)
    }

    fn counts(&self, counting: Counting) -> BoxFuture<'_, Result<Vec<Counts>, StoreError>> {
        self.counting_over_time(counting)
    }

    fn watermarks(&self) -> BoxFuture<'_, Result<Arrived, StoreError>> {
        let work = Arc::clone(&self.work);
        self.run("reading", async move { work.watermarks().await })
    }

    fn arrivals(
        &self,
        query: Arrivals,
    ) -> BoxFuture<'_, Result<Vec<(timeline::Place, Activity)>, StoreError>> {
        let work = Arc::clone(&self.work);
        self.run("reading", async move { work.arrivals(query).await })
    }

    fn watch(&self) -> BoxFuture<'_, Result<Box<dyn Watch>, StoreError>> {
        let news = Arc::new(News::default());
        let (work, heard) = (Arc::clone(&self.work), Arc::clone(&news));
        let listening = self.background.start_work(async move {
            let listening = Listening {
                connector: &work.connector,
                connections: &work.connections,
                engine: &work.engine,
                schema: &work.schema,
                context: &work.context,
                limit: work.limits.read,
            };
            heard.end(listening.collect(&heard).await);
        });
        let listener = Listener {
            news,
            _work: listening,
        };
        Box::pin(async move { Ok(Box::new(listener) as Box<dyn Watch>) })
    }

    fn scan(
        &self,
        after: Option<String>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Activity>, StoreError>> {
        self.read(move |reading| {
            Box::pin(async move { reading.scan(after.as_deref(), limit).await })
        })
    }

    fn count_before(&self, created_before: i64) -> BoxFuture<'_, Result<u64, StoreError>> {
        let times = i64::MIN..=created_before.saturating_sub(1);
        self.counting_rows(times, move |reading| {
            Box::pin(async move { reading.count_before(created_before).await })
        })
    }

    fn prune(&self, pruning: Pruning) -> BoxFuture<'_, Result<Pruned, StoreError>> {
        self.prune_batch(pruning)
    }

    fn prune_obstacles(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        self.what_keeps_rows()
    }

    fn migrate(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        let work = Arc::clone(&self.work);
        self.run("migrating", async move { work.migrate().await })
    }

    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        let work = Arc::clone(&self.work);
        self.run("checking", async move { work.check().await })
    }

    fn notes(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        let work = Arc::clone(&self.work);
        self.run("checking", async move { work.notes().await })
    }

    fn describe(&self) -> String {
        self.work.context.store.clone()
    }

    fn schema(&self) -> &str {
        &self.work.schema
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore")
            .field("store", &self.work.context.store)
            .field("schema", &self.work.schema)
            .field("limits", &self.work.limits)
            .finish_non_exhaustive()
    }
}
