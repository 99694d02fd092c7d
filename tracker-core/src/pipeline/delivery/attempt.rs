//! Writing a batch as often as may help, and waiting for a store that is away: [`Delivery`].

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::FutureExt;
#[cfg(feature = "metrics")]
use tokio::time::Instant;
use tokio::time::{sleep, timeout};

use super::{blame::Blame, outage::Outage};
use crate::{
    panics::{panic_message, quietly},
    pipeline::{deferral::Deferrals, retry::RetryPolicy},
    store::{Batch, Store, StoreError},
};

/// Writes to one store.
pub(crate) struct Delivery {
    store: Arc<dyn Store>,
    /// The name by which the store describes itself.
    store_name: String,
    pub(in crate::pipeline) retry: RetryPolicy,
    write_timeout: Duration,
    outage: Outage,
    written: AtomicU64,
    pub(super) deferrals: Deferrals,
}

/// The standing of a delivery while it is under way.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    /// True if nothing is being written, so that whoever has another place for the rows may put
    /// them there: it pauses before another attempt, or the store itself says that it can't be
    /// written to.
    pub(in crate::pipeline) is_paused: AtomicBool,
    /// True if a row that is not taken yet may be deferred; otherwise it is waited for in its
    /// place.
    is_deferring: bool,
}

impl Standing {
    pub(super) fn deferring() -> Self {
        Self {
            is_deferring: true,
            ..Self::default()
        }
    }

    pub(super) fn is_deferring(&self) -> bool {
        self.is_deferring
    }
}

impl Delivery {
    pub(crate) fn new(store: Arc<dyn Store>, retry: RetryPolicy, write_timeout: Duration) -> Self {
        let mut store_name = "the store".to_owned();
        // Asked for once, since it may panic.
        quietly(|| store_name = store.describe());
        Self {
            store,
            store_name,
            retry,
            write_timeout,
            outage: Outage::default(),
            written: AtomicU64::new(0),
            deferrals: Deferrals::new(),
        }
    }

    /// The name by which the store describes itself.
    #[cfg(feature = "metrics")]
    pub(in crate::pipeline) fn store_name(&self) -> &str {
        &self.store_name
    }

    /// Writes a batch; an error says that no further attempt would do better, or not with so many
    /// rows.
    pub(super) async fn write(
        &self,
        mut batch: Batch,
        retries_max: usize,
        standing: &Standing,
    ) -> Result<(), StoreError> {
        let mut delays = self.retry.delays();
        let mut has_failed = false;
        // The attempts that the batch may be to blame for.
        let mut failures = 0;
        loop {
            let Err(error) = self.attempt(batch.clone()).await else {
                self.outage.wrote(has_failed);
                return Ok(());
            };
            let blame = Blame::of(&error);
            if matches!(blame, Blame::Row | Blame::Reference | Blame::Nobody) {
                // The idempotent way of writing gets one chance with a batch that was refused.
                if batch.is_retry() {
                    return Err(error);
                }
                batch = batch.retry();
                continue;
            }
            batch = batch.retry();
            if blame.counts() {
                failures += 1;
                if failures > retries_max {
                    if has_failed {
                        self.outage.gave_up();
                    }
                    return Err(error);
                }
            }
            has_failed = true;
            if self.wait_reachable(&mut delays, standing, error).await {
                // It did not answer, so the batch is not to blame for anything.
                failures = 0;
            }
        }
    }

    /// Returns when the store says that it takes rows, at the earliest after a pause; tells whether
    /// it was away meanwhile.
    pub(super) async fn wait_reachable(
        &self,
        delays: &mut impl Iterator<Item = Duration>,
        standing: &Standing,
        error: StoreError,
    ) -> bool {
        let mut error = error;
        let mut was_away = false;
        loop {
            let delay = delays.next().unwrap_or(self.retry.delay_max);
            self.outage.failed(&error, delay, was_away);
            standing.is_paused.store(true, Ordering::Relaxed);
            sleep(delay).await;
            let check = async { self.store.check().await };
            match self.answer("checking", check).await {
                Ok(()) => {
                    standing.is_paused.store(false, Ordering::Relaxed);
                    return was_away;
                }
                Err(still) => {
                    was_away = true;
                    error = still;
                }
            }
        }
    }

    /// The number of writes that the store has taken, of all batches together.
    pub(super) fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Writes a batch once.
    async fn attempt(&self, batch: Batch) -> Result<(), StoreError> {
        #[cfg(feature = "metrics")]
        let (rows, began) = (batch.rows(), Instant::now());
        let write = async { self.store.write(batch).await };
        let written = self.answer("writing a batch", write).await;
        if written.is_ok() {
            self.written.fetch_add(1, Ordering::Relaxed);
        }
        #[cfg(feature = "metrics")]
        quietly(|| {
            crate::pipeline::metrics::write(
                &self.store_name,
                rows,
                began.elapsed(),
                written.is_ok(),
            );
        });
        written
    }

    /// The answer of the store, if it comes in time. A store that panics has failed like any other.
    async fn answer(
        &self,
        operation: &'static str,
        answer: impl Future<Output = Result<(), StoreError>>,
    ) -> Result<(), StoreError> {
        match timeout(self.write_timeout, AssertUnwindSafe(answer).catch_unwind()).await {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => {
                let source = format!("the store panicked: {}", panic_message(panic));
                Err(StoreError::Failed {
                    operation,
                    store: self.store_name.clone(),
                    source: source.into(),
                })
            }
            Err(_) => Err(StoreError::Timeout {
                operation,
                after: self.write_timeout,
            }),
        }
    }
}
