//! A store that counts the activities that were there before they were written: [`Counting`].

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tracker_core::{
    Store, StoreError,
    store::{Batch, BoxFuture},
    timeline::{Page, Query},
};

/// A store, and the number of written activities that it had already. A clone counts on.
#[derive(Clone)]
pub(super) struct Counting {
    store: Arc<dyn Store>,
    were_there: Arc<AtomicU64>,
}

impl Counting {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            were_there: Arc::default(),
        }
    }

    /// Returns the number of activities that the store had, as far as it tells. One of a batch
    /// that was written in part and then again is among them.
    pub(super) fn were_there(&self) -> u64 {
        self.were_there.load(Ordering::Relaxed)
    }
}

impl Store for Counting {
    fn write(&self, batch: Batch) -> BoxFuture<'_, Result<(), StoreError>> {
        let rows = batch.activities().len() as u64;
        Box::pin(async move {
            if let Some(new) = self.store.write_counted(batch).await? {
                let were_there = rows.saturating_sub(new);
                self.were_there.fetch_add(were_there, Ordering::Relaxed);
            }
            Ok(())
        })
    }

    fn timeline(&self, query: Query) -> BoxFuture<'_, Result<Page, StoreError>> {
        self.store.timeline(query)
    }

    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.store.check()
    }

    fn describe(&self) -> String {
        self.store.describe()
    }

    fn schema(&self) -> &str {
        self.store.schema()
    }
}
