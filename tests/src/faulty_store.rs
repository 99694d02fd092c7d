//! A store that fails on demand: [`FaultyStore`].

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use tracker_core::{
    MemoryStore, Store, StoreError,
    store::{Batch, BoxFuture},
    timeline::{Page, Query},
};

/// The outcome of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The rows are written.
    None,
    /// The store can't be reached, and nothing is written.
    Unreachable,
    /// The rows are written, but the answer is lost.
    AnswerLost,
    /// The write fails for a reason that the store does not know, and nothing is written.
    Failed,
    /// A row is refused, and nothing is written.
    Refused,
    /// A row refers to a missing record, and nothing is written.
    MissingReference,
    /// Something else prevents the write, and nothing is written.
    Busy,
    /// The write never ends.
    Hangs,
    /// The store panics.
    Panics,
}

/// Decides the outcome of a write.
type Plan = dyn Fn(u64, &Batch) -> Fault + Send + Sync;

/// A store in memory whose plan decides over writes.
#[derive(Clone)]
pub struct FaultyStore {
    memory: MemoryStore,
    writes: Arc<AtomicU64>,
    checks: Arc<AtomicU64>,
    away: Arc<AtomicBool>,
    plan: Arc<Plan>,
}

impl FaultyStore {
    /// Creates a store. `plan` decides over each write by its number, from 0, and its batch.
    pub fn new(plan: impl Fn(u64, &Batch) -> Fault + Send + Sync + 'static) -> Self {
        Self {
            memory: MemoryStore::new(),
            writes: Arc::default(),
            checks: Arc::default(),
            away: Arc::default(),
            plan: Arc::new(plan),
        }
    }

    fn unreachable(&self) -> StoreError {
        StoreError::Unreachable {
            store: self.describe(),
            source: "expected by this test".into(),
        }
    }

    /// Returns the written activities.
    #[must_use]
    pub fn memory(&self) -> &MemoryStore {
        &self.memory
    }

    /// Disconnects the store, whatever the plan says.
    pub fn go_away(&self) {
        self.away.store(true, Ordering::SeqCst);
    }

    /// Reconnects the store, which follows the plan again.
    pub fn come_back(&self) {
        self.away.store(false, Ordering::SeqCst);
    }

    /// Returns the number of checks for writing.
    #[must_use]
    pub fn checks(&self) -> u64 {
        self.checks.load(Ordering::SeqCst)
    }

    /// Returns the number of attempted writes.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.writes.load(Ordering::SeqCst)
    }
}

impl Store for FaultyStore {
    fn write(&self, batch: Batch) -> BoxFuture<'_, Result<(), StoreError>> {
        let write = self.writes.fetch_add(1, Ordering::SeqCst);
        let fault = if self.away.load(Ordering::SeqCst) {
            Fault::Unreachable
        } else {
            (self.plan)(write, &batch)
        };
        assert!(fault != Fault::Panics, "expected by this test");
        Box::pin(async move {
            match fault {
                Fault::Hangs => pending().await,
                Fault::Unreachable => Err(self.unreachable()),
                Fault::Failed => Err(StoreError::Failed {
                    operation: "writing",
                    store: self.describe(),
                    source: "expected by this test".into(),
                }),
                Fault::Refused => Err(StoreError::Refused {
                    store: self.describe(),
                    source: "expected by this test".into(),
                }),
                Fault::MissingReference => Err(StoreError::MissingReference {
                    store: self.describe(),
                    source: "expected by this test".into(),
                }),
                Fault::Busy => Err(StoreError::Busy {
                    store: self.describe(),
                    source: "expected by this test".into(),
                }),
                Fault::AnswerLost => {
                    self.memory.write(batch).await?;
                    Err(self.unreachable())
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
        self.checks.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            if self.away.load(Ordering::SeqCst) {
                return Err(self.unreachable());
            }
            self.memory.check().await
        })
    }

    fn describe(&self) -> String {
        "a faulty store".to_owned()
    }
}
