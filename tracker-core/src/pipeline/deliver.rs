//! Bringing a batch to the store, whatever that takes: [`Delivery`].
//!
//! A batch ends in the store, or its rows are found to be what the store will never take. Everything else is waited for: a store
//! that can't be reached is not sent the batch again and again, but asked now and then whether it can take rows.

use std::{cell::Cell, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;
use tokio::time::{Instant, sleep, timeout};

use super::retry::RetryPolicy;
use crate::{
    error_chain::ErrorChain,
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
}

/// What became of a part of a batch.
pub(super) enum Fate<'a> {
    Stored,
    /// The store will never take it.
    Undeliverable(&'a StoreError),
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
        }
    }

    /// What the store calls itself.
    #[cfg(feature = "metrics")]
    pub(super) fn store_name(&self) -> &str {
        &self.store_name
    }

    /// Delivers a batch. `settled` is told of each part as soon as its fate is known, in the order of the rows; a batch with a row that the store
    /// refuses is halved until the row is found.
    pub(super) async fn deliver(&self, batch: Batch, settled: impl FnMut(&Batch, Fate<'_>)) {
        self.deliver_and_tell(batch, &Cell::new(false), settled)
            .await;
    }

    /// [`deliver`](Self::deliver); `is_unreachable` tells meanwhile whether the store itself says that it can't be written to, so that
    /// nothing is lost with an attempt that is given up.
    pub(super) async fn deliver_and_tell(
        &self,
        batch: Batch,
        is_unreachable: &Cell<bool>,
        mut settled: impl FnMut(&Batch, Fate<'_>),
    ) {
        let mut left = vec![(batch, self.retry.retries_max)];
        while let Some((batch, retries_max)) = left.pop() {
            let written = self.write(batch.clone(), retries_max, is_unreachable);
            let Err(error) = written.await else {
                settled(&batch, Fate::Stored);
                continue;
            };
            let retries_max = match error {
                StoreError::Refused { .. } => retries_max,
                // The batch has had its retries.
                StoreError::Failed { .. } | StoreError::Timeout { .. } => 0,
                _ => {
                    settled(&batch, Fate::Undeliverable(&error));
                    continue;
                }
            };
            match batch.halves() {
                // The last is taken first.
                Some((first, second)) => {
                    left.extend([(second, retries_max), (first, retries_max)]);
                }
                // A store that is too slow for one row is waited for.
                None if matches!(error, StoreError::Timeout { .. }) => {
                    left.push((batch.retry(), usize::MAX));
                }
                None => settled(&batch, Fate::Undeliverable(&error)),
            }
        }
    }

    /// Writes a batch; an error says that no further attempt would do better, or not with so many rows.
    async fn write(
        &self,
        mut batch: Batch,
        retries_max: usize,
        is_unreachable: &Cell<bool>,
    ) -> Result<(), StoreError> {
        let mut outage = Outage::default();
        let mut delays = self.retry.delays();
        loop {
            let Err(error) = self.attempt(batch.clone()).await else {
                outage.ended();
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
                outage.failures += 1;
                if outage.failures > retries_max {
                    return Err(error);
                }
            }
            self.wait_reachable(&mut delays, &mut outage, is_unreachable, error)
                .await;
        }
    }

    /// Returns when the store says that it takes rows, at the earliest after a pause.
    async fn wait_reachable(
        &self,
        delays: &mut impl Iterator<Item = Duration>,
        outage: &mut Outage,
        is_unreachable: &Cell<bool>,
        error: StoreError,
    ) {
        let mut error = error;
        loop {
            let delay = delays.next().unwrap_or(self.retry.delay_max);
            outage.warn(&error, delay);
            sleep(delay).await;
            let check = async { self.store.check().await };
            match self.answer("checking", check).await {
                Ok(()) => {
                    is_unreachable.set(false);
                    return;
                }
                Err(still) => {
                    is_unreachable.set(true);
                    // It has not answered, so the batch is not to blame for anything.
                    outage.failures = 0;
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

/// The failed attempts since the last successful one.
#[derive(Default)]
struct Outage {
    began: Option<Instant>,
    attempts: u64,
    /// Those of which the store said no more than that it failed.
    failures: usize,
}

impl Outage {
    /// Says that the store could not be written to, each time there were twice as many attempts: an hour is ten lines.
    fn warn(&mut self, error: &StoreError, retry_in: Duration) {
        self.began.get_or_insert_with(Instant::now);
        self.attempts += 1;
        if self.attempts.is_power_of_two() {
            quietly(|| {
                tracing::warn!(
                    error = %ErrorChain(error),
                    attempts = self.attempts,
                    ?retry_in,
                    "activities could not be written yet"
                );
            });
        }
    }

    fn ended(&self) {
        if let Some(began) = self.began {
            quietly(|| tracing::info!(after = ?began.elapsed(), "activities are written again"));
        }
    }
}
