//! An SQLite file as a store.

use std::{fmt, future::ready};

use super::{
    arrivals, blocks, connections::Purpose, counts, handle::SqliteStore, migrate, notes, projects,
    prune, table_check, timeline, watch, write,
};
use crate::{
    Activity,
    store::{Batch, BoxFuture, Pruned, Pruning, Store, StoreError, Watch},
    timeline::{
        self as timelines, Arrivals, Arrived, BlockPage, BlockQuery, Counting, Counts, Filter,
        Page, ProjectSummary, Query,
    },
};

impl Store for SqliteStore {
    fn write(&self, batch: Batch) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move { self.write_counted(batch).await.map(drop) })
    }

    fn write_counted(&self, batch: Batch) -> BoxFuture<'_, Result<Option<u64>, StoreError>> {
        const OPERATION: &str = "writing a batch";
        Box::pin(
            self.on(Purpose::Write, OPERATION, move |connection, shared| {
                let inserted = write::write(connection, shared.synchronous, &batch)
                    .map_err(|error| shared.context.explain(connection, OPERATION, error))?;
                shared.connections.wrote(batch.len());
                Ok(Some(inserted))
            }),
        )
    }

    fn timeline(&self, query: Query) -> BoxFuture<'_, Result<Page, StoreError>> {
        Box::pin(self.reading(move |connection| timeline::page(connection, &query)))
    }

    fn blocks(&self, query: BlockQuery) -> BoxFuture<'_, Result<BlockPage, StoreError>> {
        Box::pin(self.reading(move |connection| blocks::blocks(connection, &query)))
    }

    fn activity<'a>(
        &'a self,
        project_id: &'a str,
        action_id: &'a str,
    ) -> BoxFuture<'a, Result<Option<Activity>, StoreError>> {
        let (project_id, action_id) = (project_id.to_owned(), action_id.to_owned());
        Box::pin(
            self.reading(move |connection| timeline::activity(connection, &project_id, &action_id)),
        )
    }

    fn project_ids(
        &self,
        after: Option<String>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        Box::pin(self.reading(move |connection| projects::ids(connection, after.as_deref(), limit)))
    }

    fn project_summaries(
        &self,
        project_ids: Vec<String>,
        created_after: i64,
    ) -> BoxFuture<'_, Result<Vec<ProjectSummary>, StoreError>> {
        Box::pin(self.reading(move |connection| {
            projects::summaries(connection, &project_ids, created_after)
        }))
    }

    fn count(&self, filter: Filter) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(self.reading(move |connection| timeline::count(connection, &filter)))
    }

    fn counts(&self, counting: Counting) -> BoxFuture<'_, Result<Vec<Counts>, StoreError>> {
        Box::pin(self.at_place(move |connection, numbering| {
            counts::counts(connection, numbering, &counting)
        }))
    }

    fn watermarks(&self) -> BoxFuture<'_, Result<Arrived, StoreError>> {
        Box::pin(self.following(arrivals::watermarks))
    }

    fn arrivals(
        &self,
        query: Arrivals,
    ) -> BoxFuture<'_, Result<Vec<(timelines::Place, Activity)>, StoreError>> {
        Box::pin(self.at_place(move |connection, numbering| {
            arrivals::arrivals(connection, numbering, &query)
        }))
    }

    fn watch(&self) -> BoxFuture<'_, Result<Box<dyn Watch>, StoreError>> {
        let polling = watch::Polling {
            store: self.clone(),
            seen: None,
        };
        Box::pin(ready(Ok(Box::new(polling) as Box<dyn Watch>)))
    }

    fn scan(
        &self,
        after: Option<String>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Activity>, StoreError>> {
        Box::pin(
            self.reading(move |connection| timeline::scan(connection, after.as_deref(), limit)),
        )
    }

    fn count_before(&self, created_before: i64) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(self.reading(move |connection| timeline::count_before(connection, created_before)))
    }

    fn prune(&self, pruning: Pruning) -> BoxFuture<'_, Result<Pruned, StoreError>> {
        const OPERATION: &str = "pruning";
        Box::pin(
            self.on(Purpose::Write, OPERATION, move |connection, shared| {
                prune::prune(connection, pruning.clone())
                    .map_err(|error| shared.context.explain(connection, OPERATION, error))
            }),
        )
    }

    fn prune_obstacles(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        Box::pin(self.reading(prune::obstacles))
    }

    fn migrate(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        Box::pin(self.on(
            Purpose::Migrate,
            migrate::OPERATION,
            |connection, shared| migrate::run(connection, &shared.context),
        ))
    }

    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.on(
            Purpose::Read,
            table_check::OPERATION,
            |connection, shared| table_check::check(connection, &shared.context),
        ))
    }

    fn notes(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        Box::pin(self.on(
            Purpose::Read,
            table_check::OPERATION,
            |connection, shared| {
                let noted = notes::read(connection);
                noted.map_err(|error| shared.context.classify(table_check::OPERATION, error))
            },
        ))
    }

    fn describe(&self) -> String {
        self.shared.context.store.clone()
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore")
            .field("store", &self.shared.context.store)
            .field("busy_timeout", &self.shared.context.busy_timeout)
            .field("synchronous", &self.shared.synchronous)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::{ActionType, Activity};

    #[tokio::test]
    async fn reads_that_last_delay_no_write() {
        let directory = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(directory.path().join("tracker.db")).unwrap();
        store.migrate().await.unwrap();

        let _read = store.shared.connections.lease(Purpose::Read).await;
        let mut waiting: Vec<_> = (0..8)
            .map(|_| store.timeline(Query::project("p")))
            .collect();
        for read in &mut waiting {
            assert!(read.now_or_never().is_none());
        }
        let activity = Activity::new(ActionType::Deployment);
        store.write(vec![activity].into()).await.unwrap();
    }
}
