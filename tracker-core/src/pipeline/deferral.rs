//! Rows that the store does not take yet, tried again beside all others: [`Deferred`].
//!
//! A row whose foreign key refers to what an open transaction has made is refused until that is
//! committed. One that a trigger lets wait for a lock of its own fails while all others go through.
//! Neither may hold up the rest of its batch or the next ones, so delivery goes on without it, and
//! its owner has it delivered beside them.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use futures_util::{Stream, StreamExt, stream::unfold};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc::UnboundedReceiver},
    time::{Instant, sleep},
};

use super::{
    blame::Blame,
    delivery::{Delivery, Standing},
    log_throttle::is_worth_a_line,
};
use crate::{
    error_chain::ErrorChain,
    panics::quietly,
    store::{Batch, StoreError},
};

/// How many rows can be deferred at a time: they are in memory. Of more, those that lack what they
/// refer to are refused at once, and others are waited for in their place.
const DEFERRED_MAX: usize = 1_000;

/// How many times as long a row is tried that fails alone for a reason that may pass. A table that
/// is locked most of the time lets others through as well, so a few failures prove nothing.
const PATIENCE: u32 = 10;

/// Which rows are deferred, and whose turn it is.
pub(super) struct Deferrals {
    room: Arc<Semaphore>,
    /// One of them is written at a time, so that they take one of the store's connections at most.
    turn: Semaphore,
    /// How many there have been.
    count: AtomicU64,
}

impl Deferrals {
    pub(super) fn new() -> Self {
        Self {
            room: Arc::new(Semaphore::new(DEFERRED_MAX)),
            turn: Semaphore::new(1),
            count: AtomicU64::new(0),
        }
    }

    /// Room for one more, if there is some. It is said each time there were twice as many.
    pub(super) fn add(&self, because: &StoreError) -> Option<Deferral> {
        let room = Arc::clone(&self.room).try_acquire_owned().ok()?;
        let count = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        if is_worth_a_line(count, 1) {
            quietly(|| {
                tracing::warn!(
                    error = %ErrorChain(because),
                    set_aside = count,
                    "an activity can't be written yet: it is tried again beside the others"
                );
            });
        }
        Some(Deferral(room))
    }
}

/// The room that a deferred row takes, until this is dropped.
#[derive(Debug)]
pub(crate) struct Deferral(#[expect(dead_code, reason = "held")] OwnedSemaphorePermit);

/// A row that is deferred, and what its owner knows it by.
#[derive(Debug)]
pub(crate) struct Deferred<K> {
    pub(crate) row: Batch,
    #[expect(dead_code, reason = "it holds the room until it is dropped")]
    pub(crate) deferral: Deferral,
    pub(crate) key: K,
}

impl Delivery {
    /// What becomes of the rows that come by this channel, each as soon as it is known. It ends
    /// when no more can come.
    pub(crate) fn deliver_deferred<K>(
        &self,
        rows: UnboundedReceiver<Deferred<K>>,
    ) -> impl Stream<Item = (Deferred<K>, Result<(), StoreError>)> {
        let rows = unfold(rows, |mut rows| async move {
            let row = rows.recv().await?;
            Some((row, rows))
        });
        rows.map(move |row| async move {
            let outcome = self.deliver_later(&row.row).await;
            (row, outcome)
        })
        .buffer_unordered(DEFERRED_MAX)
    }

    /// Writes a row again and again, at growing pauses. An error says that the store will not take
    /// it: what it refers to has not come within the limit, or it has failed for [longer](PATIENCE)
    /// than that while others have gone through between its attempts.
    async fn deliver_later(&self, row: &Batch) -> Result<(), StoreError> {
        let row = row.retry();
        let until = Instant::now() + self.retry.deferral_max;
        let patient_until = Instant::now() + self.retry.deferral_max * PATIENCE;
        let mut pauses = self.retry.delays();
        let mut delays = self.retry.delays();
        let mut written = self.written();
        let mut passed_by = 0;
        loop {
            let pause = pauses.next().unwrap_or(self.retry.delay_max);
            let left = until.saturating_duration_since(Instant::now());
            sleep(if left.is_zero() {
                pause
            } else {
                pause.min(left)
            })
            .await;
            // It is never closed.
            let _turn = self.deferrals.turn.acquire().await;
            let is_over = Instant::now() >= until;
            let before = std::mem::replace(&mut written, self.written());
            let Err(error) = self.write(row.clone(), 0, &Standing::default()).await else {
                return Ok(());
            };
            match Blame::of(&error) {
                Blame::Row | Blame::Nobody => return Err(error),
                Blame::Reference if is_over => return Err(error),
                Blame::Reference => {}
                // Others go through.
                _ if written > before => {
                    passed_by += 1;
                    if passed_by > self.retry.retries_max && Instant::now() >= patient_until {
                        return Err(error);
                    }
                }
                // None does, so none of those that are deferred is tried meanwhile.
                _ => {
                    self.wait_reachable(&mut delays, &Standing::default(), error)
                        .await;
                }
            }
        }
    }
}
