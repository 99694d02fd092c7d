//! Bringing a batch to the store, whatever that takes: [`Delivery`].
//!
//! A batch ends in the store, or its rows are found to be what the store will never take. Everything else is waited for: a store
//! that can't be reached is not sent the batch again and again, but asked now and then whether it can take rows.

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::FutureExt;
#[cfg(feature = "metrics")]
use tokio::time::Instant;
use tokio::time::{sleep, timeout};

use super::{outage::Outage, retry::RetryPolicy};
#[cfg(any(feature = "journal", feature = "nats"))]
use crate::error_chain::ErrorChain;
use crate::{
    quietly::{panic_message, quietly},
    store::{Batch, Store, StoreError},
};

/// Writes to one store.
pub(crate) struct Delivery {
    store: Arc<dyn Store>,
    /// What the store calls itself.
    store_name: String,
    retry: RetryPolicy,
    write_timeout: Duration,
    outage: Outage,
}

/// What became of a part of a batch.
pub(crate) enum Fate<'a> {
    Stored,
    /// The store will never take it.
    Undeliverable(&'a StoreError),
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
        }
    }

    /// What the store calls itself.
    #[cfg(feature = "metrics")]
    pub(super) fn store_name(&self) -> &str {
        &self.store_name
    }

    /// Delivers a batch. `settled` is told of each part as soon as its fate is known, in the order of the rows.
    pub(crate) async fn deliver(&self, batch: Batch, settled: impl FnMut(&Batch, Fate<'_>)) {
        self.deliver_and_tell(batch, &AtomicBool::new(false), settled)
            .await;
    }

    /// [`deliver`](Self::deliver); `is_unreachable` tells meanwhile whether the store itself says that it can't be written to, so that
    /// nothing is lost with an attempt that is given up.
    ///
    /// Rows that the store refuses are found by writing fewer at a time, half as many after each refusal and twice as many after each success: a row
    /// among good ones costs as many writes as halving the batch takes, and each of many in a row costs one.
    pub(super) async fn deliver_and_tell(
        &self,
        batch: Batch,
        is_unreachable: &AtomicBool,
        mut settled: impl FnMut(&Batch, Fate<'_>),
    ) {
        let all = batch.activities().len();
        let (mut at, mut rows, mut rows_max) = (0, all, all);
        let mut retries_max = self.retry.retries_max;
        let mut is_waited_for = false;
        while at < all {
            rows = rows.min(all - at);
            let part = batch.part(at, rows);
            let retries = if is_waited_for {
                usize::MAX
            } else {
                retries_max
            };
            let Err(error) = self.write(part.clone(), retries, is_unreachable).await else {
                settled(&part, Fate::Stored);
                at += rows;
                rows = (rows * 2).min(rows_max);
                is_waited_for = false;
                continue;
            };
            if matches!(
                error,
                StoreError::Failed { .. } | StoreError::Timeout { .. }
            ) {
                // The batch has had its retries.
                retries_max = 0;
            }
            match error {
                // So many are too many for it. Where it is too slow for one row, it is waited for.
                StoreError::Timeout { .. } => {
                    is_waited_for = rows == 1;
                    rows_max = (rows / 2).max(1);
                    rows = rows_max;
                }
                StoreError::Refused { .. } | StoreError::Failed { .. } if rows > 1 => rows /= 2,
                _ => {
                    settled(&part, Fate::Undeliverable(&error));
                    at += rows;
                    is_waited_for = false;
                }
            }
        }
    }

    /// Writes a batch; an error says that no further attempt would do better, or not with so many rows.
    async fn write(
        &self,
        mut batch: Batch,
        retries_max: usize,
        is_unreachable: &AtomicBool,
    ) -> Result<(), StoreError> {
        let mut delays = self.retry.delays();
        let mut has_failed = false;
        // The attempts of which the store said no more than that they failed.
        let mut failures = 0;
        loop {
            let Err(error) = self.attempt(batch.clone()).await else {
                self.outage.wrote(has_failed);
                return Ok(());
            };
            if !error.is_transient() {
                // The idempotent way of writing gets one chance with a batch that was refused.
                if batch.is_retry() {
                    return Err(error);
                }
                batch = batch.retry();
                continue;
            }
            batch = batch.retry();
            if matches!(
                error,
                StoreError::Failed { .. } | StoreError::Timeout { .. }
            ) {
                failures += 1;
                if failures > retries_max {
                    if has_failed {
                        self.outage.gave_up();
                    }
                    return Err(error);
                }
            }
            has_failed = true;
            if self
                .wait_reachable(&mut delays, is_unreachable, error)
                .await
            {
                // It did not answer, so the batch is not to blame for anything.
                failures = 0;
            }
        }
    }

    /// Returns when the store says that it takes rows, at the earliest after a pause; tells whether it was away meanwhile.
    async fn wait_reachable(
        &self,
        delays: &mut impl Iterator<Item = Duration>,
        is_unreachable: &AtomicBool,
        error: StoreError,
    ) -> bool {
        let mut error = error;
        let mut was_away = false;
        loop {
            let delay = delays.next().unwrap_or(self.retry.delay_max);
            self.outage.failed(&error, delay, was_away);
            sleep(delay).await;
            let check = async { self.store.check().await };
            match self.answer("checking", check).await {
                Ok(()) => {
                    is_unreachable.store(false, Ordering::Relaxed);
                    return was_away;
                }
                Err(still) => {
                    is_unreachable.store(true, Ordering::Relaxed);
                    was_away = true;
                    error = still;
                }
            }
        }
    }

    /// Writes a batch once.
    async fn attempt(&self, batch: Batch) -> Result<(), StoreError> {
        #[cfg(feature = "metrics")]
        let (rows, began) = (batch.rows(), Instant::now());
        let write = async { self.store.write(batch).await };
        let written = self.answer("writing a batch", write).await;
        #[cfg(feature = "metrics")]
        quietly(|| {
            super::measures::write(&self.store_name, rows, began.elapsed(), written.is_ok());
        });
        written
    }

    /// What the store answers in time. A store that panics has failed like any other.
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
