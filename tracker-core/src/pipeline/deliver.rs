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

use super::{
    alone::Alone,
    blame::Blame,
    deferral::{Deferral, Deferrals},
    outage::Outage,
    retry::RetryPolicy,
};
#[cfg(any(feature = "journal", feature = "nats"))]
use crate::error_chain::ErrorChain;
use crate::{
    quietly::{panic_message, quietly},
    store::{Batch, Store, StoreError},
};

/// Writes to one store.
pub(crate) struct Delivery {
    store: Arc<dyn Store>,
    /// The name by which the store describes itself.
    store_name: String,
    pub(super) retry: RetryPolicy,
    write_timeout: Duration,
    outage: Outage,
    written: AtomicU64,
    pub(super) deferrals: Deferrals,
}

/// The standing of a delivery while it is under way.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// Whether nothing is being written, so that whoever has another place for the rows may put
    /// them there: it pauses before another attempt, or the store itself says that it can't be
    /// written to.
    pub(super) is_paused: AtomicBool,
    /// True if a row that is not taken yet may be deferred; otherwise it is waited for in its
    /// place.
    is_deferring: bool,
}

impl Standing {
    fn deferring() -> Self {
        Self {
            is_deferring: true,
            ..Self::default()
        }
    }

    pub(super) fn is_deferring(&self) -> bool {
        self.is_deferring
    }
}

/// What became of a part of a batch.
pub(crate) enum Fate<'a> {
    Stored,
    /// The store will never take it.
    Undeliverable(&'a StoreError),
    /// One row, which the store does not take yet: it is to be delivered [beside
    /// others](Delivery::deliver_deferred).
    Deferred(Deferral),
}

/// Why the store will never take something, in words, as dead letters keep it.
#[cfg(any(feature = "journal", feature = "nats"))]
pub(crate) fn reason(error: &StoreError) -> String {
    let mut reason = "the store refused it".to_owned();
    // An error of the user's own making may panic when it is told.
    quietly(|| reason = ErrorChain(error).to_string());
    reason
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
    pub(super) fn store_name(&self) -> &str {
        &self.store_name
    }

    /// Delivers a batch. `settled` is told of each part as soon as its fate is known, in the order of the rows.
    pub(crate) async fn deliver(&self, batch: Batch, settled: impl FnMut(&Batch, Fate<'_>)) {
        self.deliver_and_tell(batch, &Standing::deferring(), settled)
            .await;
    }

    /// [`deliver`](Self::deliver); `standing` tells meanwhile whether it can be given up.
    ///
    /// Rows that the store refuses are found by writing fewer at a time, half as many after each refusal and twice as many after each success: a row
    /// among good ones costs as many writes as halving the batch takes, and each of many in a row costs one.
    pub(super) async fn deliver_and_tell(
        &self,
        batch: Batch,
        standing: &Standing,
        mut settled: impl FnMut(&Batch, Fate<'_>),
    ) {
        let all = batch.activities().len();
        let (mut at, mut rows, mut rows_max) = (0, all, all);
        let mut retries_max = self.retry.retries_max;
        let mut alone = Alone::new(self);
        while at < all {
            rows = rows.min(all - at);
            let part = batch.part(at, rows);
            let retries = alone.retries_max(retries_max);
            let Err(error) = self.write(part.clone(), retries, standing).await else {
                settled(&part, Fate::Stored);
                at += rows;
                rows = (rows * 2).min(rows_max);
                alone = Alone::new(self);
                continue;
            };
            let blame = Blame::of(&error);
            if blame.counts() {
                // The batch has had its retries.
                retries_max = 0;
            }
            if matches!(error, StoreError::Timeout { .. }) {
                // So many are too many for it.
                rows_max = (rows / 2).max(1);
            }
            if rows > 1 && blame.is_of_some_rows() {
                rows /= 2;
            } else if let Some(fate) = alone.fate(blame, &error, standing) {
                let is_deferred = matches!(fate, Fate::Deferred(_));
                settled(&part, fate);
                at += rows;
                if is_deferred && blame != Blame::Reference {
                    alone.pause(standing, error).await;
                }
            } else {
                alone.pause(standing, error).await;
            }
        }
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
            super::measures::write(&self.store_name, rows, began.elapsed(), written.is_ok());
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
