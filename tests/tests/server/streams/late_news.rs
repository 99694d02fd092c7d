//! Rows of any age whose news comes late, or not at all.

use std::{future::pending, sync::Arc};

use tracker_core::{
    Activity, MemoryStore, SqliteStore, Store, StoreError,
    store::{Batch, BoxFuture, Watch},
    timeline::{Arrivals, Arrived, Page, Place, Query},
};
use tracker_tests::api::Api;

use super::{Events, PATH, row, write};

const YEAR_MS: i64 = 366 * 24 * 3_600_000;

/// Opens the first stream, so that the server begins to follow the store only then, and writes a
/// row of the year before.
async fn an_old_row_is_told(api: &Api, store: &dyn Store) {
    let mut events = Events::open(api, PATH, None).await;
    write(store, vec![row("old", YEAR_MS)]).await;
    write(store, vec![row("new", 0)]).await;
    for id in ["old", "new"] {
        assert_eq!(events.activity().await.as_deref(), Some(id));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_of_any_age_is_told_that_arrives_while_the_stream_begins() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path().join("tracker.db")).unwrap();
    store.migrate().await.unwrap();
    an_old_row_is_told(&Api::open(store.clone()), &store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_of_any_age_is_told_without_news_where_rows_are_found_by_their_place() {
    let store = Arc::new(Silent(MemoryStore::new()));
    an_old_row_is_told(&Api::open(Arc::clone(&store)), &store).await;
}

/// A store whose news never comes.
struct Silent(MemoryStore);

struct NoNews(Box<dyn Watch>);

impl Watch for NoNews {
    fn changed(&mut self) -> BoxFuture<'_, Result<Option<i64>, StoreError>> {
        Box::pin(pending())
    }

    fn finds_any_age(&self) -> bool {
        self.0.finds_any_age()
    }
}

impl Store for Silent {
    fn write(&self, batch: Batch) -> BoxFuture<'_, Result<(), StoreError>> {
        self.0.write(batch)
    }

    fn timeline(&self, query: Query) -> BoxFuture<'_, Result<Page, StoreError>> {
        self.0.timeline(query)
    }

    fn watermarks(&self) -> BoxFuture<'_, Result<Arrived, StoreError>> {
        self.0.watermarks()
    }

    fn arrivals(
        &self,
        query: Arrivals,
    ) -> BoxFuture<'_, Result<Vec<(Place, Activity)>, StoreError>> {
        self.0.arrivals(query)
    }

    fn watch(&self) -> BoxFuture<'_, Result<Box<dyn Watch>, StoreError>> {
        Box::pin(async {
            let news = self.0.watch().await?;
            Ok(Box::new(NoNews(news)) as Box<dyn Watch>)
        })
    }

    fn describe(&self) -> String {
        self.0.describe()
    }
}
