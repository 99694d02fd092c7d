//! Counting, over many partitions one count at a time.
//!
//! Over many partitions, a count reads the whole table, and each of its statements locks dozens of
//! partitions with their indexes. Several counts at once would be no faster, and would take the
//! connections and the server's locks from all other work.

use std::{ops::RangeInclusive, sync::Arc};

use tokio::time::timeout;

use super::{
    super::{
        partitions::Layout,
        read::{Answer, SLICE_PARTITIONS},
    },
    PostgresStore,
    work::{Read, Work},
};
use crate::{
    store::{BoxFuture, StoreError, postgres::filter::times},
    timeline::{Counting, Counts},
};

const WAITING: &str = "waiting for another count of all partitions";

impl PostgresStore {
    /// Counts rows within these times.
    pub(super) fn counting<T: Answer + Default + Send + 'static>(
        &self,
        times: RangeInclusive<i64>,
        count: impl Read<T>,
    ) -> BoxFuture<'_, Result<T, StoreError>> {
        let work = Arc::clone(&self.work);
        self.run("counting", async move {
            let mut turn = None;
            if work.takes_several_looks(&times).await? {
                let limit = work.limits.read;
                let waited = timeout(limit, work.counts.acquire()).await;
                turn = Some(waited.map_err(|_| StoreError::Timeout {
                    operation: WAITING,
                    after: limit,
                })?);
            }
            let counted = work.read_some(count).await;
            drop(turn);
            counted
        })
    }

    /// Counts over time.
    pub(super) fn counting_over_time(
        &self,
        counting: Counting,
    ) -> BoxFuture<'_, Result<Vec<Counts>, StoreError>> {
        Box::pin(async move {
            if let Some(place) = counting.place.clone() {
                let work = Arc::clone(&self.work);
                let known = self.run("counting", async move { work.make_sure_of(place).await });
                known.await?;
            }
            let counted = self.counting(times(&counting.filter), move |reading| {
                Box::pin(async move { reading.counts(&counting).await })
            });
            counted.await
        })
    }
}

impl Work {
    async fn takes_several_looks(&self, times: &RangeInclusive<i64>) -> Result<bool, StoreError> {
        let zones = match self.layout_cache.layout() {
            Layout::Partitioned(zones) => Some(zones),
            Layout::Plain => None,
            Layout::Unknown => {
                self.read(|reading| Box::pin(async move { reading.zones().await }))
                    .await?
            }
        };
        Ok(zones.is_some_and(|zones| zones.slices(times, SLICE_PARTITIONS).len() > 1))
    }
}
