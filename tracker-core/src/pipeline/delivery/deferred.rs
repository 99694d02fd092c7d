//! Delivery of [deferred](Deferred) rows, concurrent with all others.

use futures_util::{Stream, StreamExt, stream::unfold};
use tokio::{
    sync::mpsc::UnboundedReceiver,
    time::{Instant, sleep},
};

use super::{
    attempt::{Delivery, Standing},
    blame::Blame,
};
use crate::{
    pipeline::deferral::{DEFERRED_MAX, Deferred},
    store::{Batch, StoreError},
};

/// The factor by which the deferral limit is extended for a row that fails alone for a reason that
/// may pass. A table that is locked most of the time lets other rows through as well, so a few
/// failures prove nothing.
const PATIENCE: u32 = 10;

impl Delivery {
    /// Delivers the rows received from `rows` and yields each outcome as soon as it is known.
    /// The stream ends when the channel is closed and all its rows have an outcome.
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

    /// Retries a row with growing back-off. Returns an error if the store will not accept the row:
    /// it is refused, its reference has not appeared within the limit, or it has failed for
    /// [longer](PATIENCE) than that while other rows succeeded between its attempts.
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
            // The semaphore is never closed.
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
                // Other rows succeed.
                _ if written > before => {
                    passed_by += 1;
                    if passed_by > self.retry.retries_max && Instant::now() >= patient_until {
                        return Err(error);
                    }
                }
                // No row succeeds, so the turn is kept and no other deferred row is tried.
                _ => {
                    self.wait_reachable(&mut delays, &Standing::default(), error)
                        .await;
                }
            }
        }
    }
}
