//! A store that does not answer: [`HeldStore`].

use std::{
    future::ready,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::watch;
use tracker_core::{
    Store, StoreError,
    store::{Batch, BoxFuture},
    timeline::{Page, Query},
};

/// A store whose writes end when it is released. A tracker's writer that waits for it does nothing.
#[derive(Clone, Debug)]
pub(crate) struct HeldStore {
    is_held: watch::Sender<bool>,
    /// The writes that have begun.
    begun: Arc<AtomicU64>,
}

impl HeldStore {
    pub(crate) fn new() -> Self {
        Self {
            is_held: watch::Sender::new(false),
            begun: Arc::default(),
        }
    }

    pub(crate) fn hold(&self) {
        self.is_held.send_replace(true);
    }

    pub(crate) fn release(&self) {
        self.is_held.send_replace(false);
    }

    pub(crate) fn begun(&self) -> u64 {
        self.begun.load(Ordering::Acquire)
    }
}

impl Store for HeldStore {
    fn write(&self, _: Batch) -> BoxFuture<'_, Result<(), StoreError>> {
        self.begun.fetch_add(1, Ordering::AcqRel);
        let mut is_held = self.is_held.subscribe();
        Box::pin(async move {
            // The sender lives as long as the store.
            let _ = is_held.wait_for(|is_held| !is_held).await;
            Ok(())
        })
    }

    fn timeline(&self, query: Query) -> BoxFuture<'_, Result<Page, StoreError>> {
        Box::pin(ready(Ok(Page::from_rows(&query, Vec::new()))))
    }

    fn migrate(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        Box::pin(ready(Ok(Vec::new())))
    }

    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(ready(Ok(())))
    }

    fn describe(&self) -> String {
        "nowhere yet".to_owned()
    }
}
