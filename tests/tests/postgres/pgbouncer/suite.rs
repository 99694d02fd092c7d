//! The shared suite, on a store behind the pooler. It is migrated directly, like by an operator,
//! because a migration needs a session of its own.

use tracker_core::{
    Activity, PostgresStore, Store, StoreError,
    store::{Batch, BoxFuture, Pruned, Pruning, Watch},
    timeline::{
        Arrivals, Arrived, BlockPage, BlockQuery, Counting, Counts, Filter, Page, Place,
        ProjectSummary, Query,
    },
};
use tracker_tests::{pgbouncer::PgBouncer, postgres::TestDatabase, store_suite};

use super::SERVER_CONNECTIONS;

store_suite!(pooled, || async {
    let database = TestDatabase::create().await;
    let bouncer = PgBouncer::before(database.url(), SERVER_CONNECTIONS);
    let store = Pooled {
        pooled: PostgresStore::new(bouncer.url(database.url())).expect("a store"),
        direct: PostgresStore::new(database.url()).expect("a store"),
    };
    ((bouncer, database), store)
});

/// A store behind the pooler that is migrated directly.
struct Pooled {
    pooled: PostgresStore,
    direct: PostgresStore,
}

impl Store for Pooled {
    fn write(&self, batch: Batch) -> BoxFuture<'_, Result<(), StoreError>> {
        self.pooled.write(batch)
    }

    fn timeline(&self, query: Query) -> BoxFuture<'_, Result<Page, StoreError>> {
        self.pooled.timeline(query)
    }

    fn blocks(&self, query: BlockQuery) -> BoxFuture<'_, Result<BlockPage, StoreError>> {
        self.pooled.blocks(query)
    }

    fn activity<'a>(
        &'a self,
        project_id: &'a str,
        action_id: &'a str,
    ) -> BoxFuture<'a, Result<Option<Activity>, StoreError>> {
        self.pooled.activity(project_id, action_id)
    }

    fn project_ids(
        &self,
        after: Option<String>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        self.pooled.project_ids(after, limit)
    }

    fn project_summaries(
        &self,
        project_ids: Vec<String>,
        created_after: i64,
    ) -> BoxFuture<'_, Result<Vec<ProjectSummary>, StoreError>> {
        self.pooled.project_summaries(project_ids, created_after)
    }

    fn count(&self, filter: Filter) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.pooled.count(filter)
    }

    fn counts(&self, counting: Counting) -> BoxFuture<'_, Result<Vec<Counts>, StoreError>> {
        self.pooled.counts(counting)
    }

    fn watermarks(&self) -> BoxFuture<'_, Result<Arrived, StoreError>> {
        self.pooled.watermarks()
    }

    fn arrivals(
        &self,
        query: Arrivals,
    ) -> BoxFuture<'_, Result<Vec<(Place, Activity)>, StoreError>> {
        self.pooled.arrivals(query)
    }

    fn watch(&self) -> BoxFuture<'_, Result<Box<dyn Watch>, StoreError>> {
        self.pooled.watch()
    }

    fn scan(
        &self,
        after: Option<String>,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Activity>, StoreError>> {
        self.pooled.scan(after, limit)
    }

    fn count_before(&self, created_before: i64) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.pooled.count_before(created_before)
    }

    fn prune(&self, pruning: Pruning) -> BoxFuture<'_, Result<Pruned, StoreError>> {
        self.pooled.prune(pruning)
    }

    fn migrate(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        self.direct.migrate()
    }

    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.pooled.check()
    }

    fn describe(&self) -> String {
        self.pooled.describe()
    }

    fn schema(&self) -> &str {
        self.pooled.schema()
    }
}
