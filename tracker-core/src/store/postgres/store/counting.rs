//! Counting by the kept counts, or by rows, over many partitions one count at a time.
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
    timeline::{Counting, Counts, Filter},
};

const WAITING: &str = "waiting for another count of all partitions";

impl PostgresStore {
    /// Counts rows within these times.
    pub(super) fn counting_rows<T: Answer + Default + Send + 'static>(
        &self,
        times: RangeInclusive<i64>,
        count: impl Read<T>,
    ) -> BoxFuture<'_, Result<T, StoreError>> {
        let work = Arc::clone(&self.work);
        self.run(
            "counting",
            async move { work.count_rows(&times, count).await },
        )
    }

    /// Counts by the kept counts, or else the rows within these times.
    fn counting<T: Answer + Default + Send + 'static>(
        &self,
        times: RangeInclusive<i64>,
        kept: impl Read<Option<T>>,
        by_rows: impl Read<T>,
    ) -> BoxFuture<'_, Result<T, StoreError>> {
        let work = Arc::clone(&self.work);
        self.run("counting", async move {
            work.fold_counts();
            match work.read(kept).await? {
                Some(counted) => Ok(counted),
                None => work.count_rows(&times, by_rows).await,
            }
        })
    }

    /// Counts what a filter selects.
    pub(super) fn counting_all(&self, filter: Filter) -> BoxFuture<'_, Result<u64, StoreError>> {
        let kept = filter.clone();
        self.counting(
            times(&filter),
            move |reading| Box::pin(async move { reading.count_kept(&kept).await }),
            move |reading| Box::pin(async move { reading.count(&filter).await }),
        )
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
            let kept = counting.clone();
            let counted = self.counting(
                times(&counting.filter),
                move |reading| Box::pin(async move { reading.counts_kept(&kept).await }),
                move |reading| Box::pin(async move { reading.counts(&counting).await }),
            );
            counted.await
        })
    }
}

impl Work {
    async fn count_rows<T: Answer + Default>(
        &self,
        times: &RangeInclusive<i64>,
        count: impl Read<T>,
    ) -> Result<T, StoreError> {
        let mut turn = None;
        if self.takes_several_looks(times).await? {
            let limit = self.limits.read;
            let waited = timeout(limit, self.counts.acquire()).await;
            turn = Some(waited.map_err(|_| StoreError::Timeout {
                operation: WAITING,
                after: limit,
            })?);
        }
        let counted = self.read_some(count).await;
        drop(turn);
        counted
    }

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
