//! Bringing a batch to its end, in parts where it is refused.

use super::{
    alone::Alone,
    attempt::{Delivery, Standing},
    blame::Blame,
    fate::Fate,
};
use crate::store::{Batch, StoreError};

impl Delivery {
    /// Delivers a batch. `settled` is told of each part as soon as its fate is known, in the order
    /// of the rows.
    pub(crate) async fn deliver(&self, batch: Batch, settled: impl FnMut(&Batch, Fate<'_>)) {
        self.deliver_and_tell(batch, &Standing::deferring(), settled)
            .await;
    }

    /// [`deliver`](Self::deliver); `standing` tells meanwhile whether it can be given up.
    ///
    /// Rows that the store refuses are found by writing fewer at a time, half as many after each
    /// refusal and twice as many after each success: a row among good ones costs as many writes as
    /// halving the batch takes, and each of many in a row costs one.
    pub(in crate::pipeline) async fn deliver_and_tell(
        &self,
        batch: Batch,
        standing: &Standing,
        mut settled: impl FnMut(&Batch, Fate<'_>),
    ) {
        let all = batch.len();
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
                // It may be kept for long, and the rest of its batch need not be.
                let part = if is_deferred { part.alone() } else { part };
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
}
