//! A store that fails as it is told: [`FaultyStore`].

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tracker_core::{
    MemoryStore, Store, StoreError,
    store::{Batch, BoxFuture},
    timeline::{Page, Query},
};

/// What happens to a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing bad: the rows are written.
    None,
    /// The store can't be reached, and nothing is written.
    Unreachable,
    /// The rows are written, but the answer is lost.
    AnswerLost,
    /// A row is refused, and nothing is written.
    Refused,
    /// The write never ends.
    Hangs,
    /// The store panics.
    Panics,
}

/// Decides over a write.
type Plan = dyn Fn(u64, &Batch) -> Fault + Send + Sync;

/// Writes to memory, unless its plan says otherwise.
#[derive(Clone)]
pub struct FaultyStore {
    memory: MemoryStore,
    writes: Arc<AtomicU64>,
    plan: Arc<Plan>,
}

impl FaultyStore {
    /// A store for which `plan` decides over each write, by its number, from 0, and its batch.
    pub fn new(plan: impl Fn(u64, &Batch) -> Fault + Send + Sync + 'static) -> Self {
        Self {
            memory: MemoryStore::new(),
            writes: Arc::default(),
            plan: Arc::new(plan),
        }
    }

    /// What was written.
    #[must_use]
    pub fn memory(&self) -> &MemoryStore {
        &self.memory
    }

    /// How many writes were attempted.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.writes.load(Ordering::SeqCst)
    }
}

impl Store for FaultyStore {
    fn write(&self, batch: Batch) -> BoxFuture<'_, Result<(), StoreError>> {
        let write = self.writes.fetch_add(1, Ordering::SeqCst);
        let fault = (self.plan)(write, &batch);
        assert!(fault != Fault::Panics, "expected by this test");
        Box::pin(async move {
            let unreachable = || StoreError::Unreachable {
                store: self.describe(),
                source: "expected by this test".into(),
            };
            match fault {
                Fault::Hangs => pending().await,
                Fault::Unreachable => Err(unreachable()),
                Fault::Refused => Err(StoreError::Refused {
                    store: self.describe(),
                    source: "expected by this test".into(),
                }),
                Fault::AnswerLost => {
                    self.memory.write(batch).await?;
                    Err(unreachable())
                }
                Fault::None | Fault::Panics => self.memory.write(batch).await,
            }
        })
    }

    fn timeline(&self, query: Query) -> BoxFuture<'_, Result<Page, StoreError>> {
        self.memory.timeline(query)
    }

    fn migrate(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        self.memory.migrate()
    }

    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.memory.check()
    }

    fn describe(&self) -> String {
        "a faulty store".to_owned()
    }
}
