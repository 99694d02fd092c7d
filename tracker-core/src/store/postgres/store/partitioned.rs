//! The store's operations on a partitioned table.

use std::{sync::Arc, time::Duration};

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio::time::{sleep, timeout};

use super::{
    super::{
        class::Class,
        connections::Purpose,
        partitions::{
            self, Abandoned, MadePartition, Partition, PartitionError, Partitioned, Partitioning,
            Progress, UnderWay,
        },
        transaction,
    },
    PostgresStore,
    work::{Fault, Task, Work},
};
use crate::store::{BoxFuture, StoreError, background::cut_off};

/// The longest time that a batch waits for the creation of the next partitions.
const ENSURE_LIMIT: Duration = Duration::from_secs(1);

/// The number of attempts to drop a partition whose lock is not granted, and the first pause in
/// between. The pause grows exponentially.
const DROP_ATTEMPTS: usize = 5;
const DROP_PAUSE: Duration = Duration::from_millis(100);

/// Operations on a table in [`partitions`].
impl PostgresStore {
    /// Partitions the table by its rows' time. The migrations must have been applied. `progress` is
    /// called on the store's own thread.
    ///
    /// Readers and writers use the table meanwhile, with their existing grants. Each row is copied,
    /// so there must be room for a second copy of the table.
    ///
    /// The conversion can end at any point, even by a killed process. The table then remains in use
    /// as before, and the next conversion resumes from there, or
    /// [`abandon_partitioning`](Self::abandon_partitioning) undoes it.
    ///
    /// The conversion needs a direct connection, as [`migrate`](crate::Store::migrate) does
    /// (without one it fails with [`StoreError::SharedSession`]), and a role that owns the table or
    /// is a member of its owner.
    ///
    /// A table without rows is converted in a moment. A table that is already partitioned by this
    /// period is left unchanged; only remains of an earlier conversion are removed.
    ///
    /// # Errors
    ///
    /// Returns a [`PartitionError`]; each variant says in which state it leaves the table.
    pub fn partition(
        &self,
        partitioning: Partitioning,
        progress: impl Fn(Progress) + Send + Sync + 'static,
    ) -> BoxFuture<'_, Result<Partitioned, PartitionError>> {
        let work = Arc::clone(&self.work);
        Box::pin(async move {
            let conversion = async move {
                let (connections, context) = (&work.connections, &work.context);
                let schema = &work.schema;
                let outcome =
                    partitions::convert(connections, schema, context, partitioning, &progress)
                        .await;
                work.layout_cache.forget();
                outcome
            };
            match self.background.run(conversion).await {
                Ok(outcome) => outcome,
                Err(ended) => Err(cut_off(&self.work.context.store, "partitioning", ended).into()),
            }
        })
    }

    /// Undoes an unfinished conversion by [`partition`](Self::partition), at whichever step it
    /// stopped. New rows go into this table alone again, and the conversion's copies, triggers and
    /// functions are removed. The table keeps every row, and is in use meanwhile.
    ///
    /// The operation can be stopped, and run again. It waits for a running conversion, and has the
    /// same requirements as a conversion.
    ///
    /// # Errors
    ///
    /// Returns [`PartitionError::Finished`] if the table is partitioned already; it is left
    /// unchanged. Otherwise any error of a conversion.
    #[must_use]
    pub fn abandon_partitioning(&self) -> BoxFuture<'_, Result<Abandoned, PartitionError>> {
        let work = Arc::clone(&self.work);
        Box::pin(async move {
            let taking_back = async move {
                let outcome =
                    partitions::abandon(&work.connections, &work.schema, &work.context).await;
                work.layout_cache.forget();
                outcome
            };
            match self.background.run(taking_back).await {
                Ok(outcome) => outcome,
                Err(ended) => {
                    Err(cut_off(&self.work.context.store, "taking a conversion back", ended).into())
                }
            }
        })
    }

    /// Creates the missing partitions of the current period and of the next two, and returns them.
    /// A table that is not partitioned is left unchanged.
    ///
    /// A store that writes does this by itself, before its first batch and then every 10 minutes,
    /// which delays a batch by at most a second. Call it for a table that only programs without
    /// this crate write to. It needs INSERT on the table. A row that is written before its
    /// partition exists is stored in the default partition, and moved when the partition is
    /// created.
    ///
    /// # Errors
    ///
    /// Returns any [`StoreError`]. An error about a lock may not recur on a later attempt.
    pub async fn ensure_partitions(&self) -> Result<Vec<MadePartition>, StoreError> {
        let work = Arc::clone(&self.work);
        self.run("making partitions", async move {
            let task = Task {
                purpose: Purpose::Write,
                operation: "making partitions",
                limit: work.limits.write,
            };
            let made = work.ensure_partitions(task, &work.begin_write).await;
            work.explained(task, made).await
        })
        .await
    }

    /// Returns the unfinished conversion, or `None` if there is none.
    ///
    /// Any role may ask that may connect.
    ///
    /// # Errors
    ///
    /// Returns any [`StoreError`].
    pub async fn partitioning_under_way(&self) -> Result<Option<UnderWay>, StoreError> {
        let work = Arc::clone(&self.work);
        self.run("checking", async move {
            let task = work.reading("checking");
            let asked = work
                .on_lease(task, async |client| {
                    partitions::under_way(client, &work.begin_read, &work.schema).await
                })
                .await;
            asked.map_err(|fault| work.store_error(task, fault))
        })
        .await
    }

    /// Returns the partitions in the order of their IDs, the default one last. Empty if
    /// the table is not partitioned.
    ///
    /// # Errors
    ///
    /// Returns any [`StoreError`].
    pub async fn partitions(&self) -> Result<Vec<Partition>, StoreError> {
        self.read(|reading| Box::pin(async move { reading.partitions().await }))
            .await
    }
}

impl Work {
    /// Drops whole partitions of rows older than the time, up to the first that had rows; returns
    /// its number of rows. A partition that can't be locked soon is left for the next time.
    pub(super) async fn drop_partition(
        &self,
        task: Task,
        created_before: i64,
    ) -> Result<u64, Fault> {
        let mut pauses = ExponentialBuilder::default()
            .with_min_delay(DROP_PAUSE)
            .with_jitter()
            .with_max_times(DROP_ATTEMPTS - 1)
            .build();
        loop {
            let dropped = self
                .on_lease(task, async |client| {
                    if self.reading_on(client).zones_now().await?.is_none() {
                        return Ok(None);
                    }
                    let statements = &self.statements.partitions;
                    partitions::prune(client, &self.begin_write, statements, created_before).await
                })
                .await;
            match dropped {
                Ok(None) => return Ok(0),
                // The partition was empty, or all its rows had been pruned one by one.
                Ok(Some(0)) => {}
                Ok(Some(rows)) => return Ok(rows),
                Err(Fault::Postgres(error)) if error.class() == Class::Locked => {
                    let Some(pause) = pauses.next() else {
                        tracing::debug!(%error, "a partition that is in use can't be dropped yet");
                        return Ok(0);
                    };
                    sleep(pause).await;
                }
                Err(fault) => return Err(fault),
            }
        }
    }

    async fn ensure_partitions(
        &self,
        task: Task,
        begin: &str,
    ) -> Result<Vec<MadePartition>, Fault> {
        self.on_lease(task, async |client| {
            if self.reading_on(client).is_partitioned().await? {
                partitions::ensure(client, begin, &self.statements.partitions).await
            } else {
                Ok(Vec::new())
            }
        })
        .await
    }

    /// Creates the next partitions when it is time. A failure does not prevent writing, because
    /// rows without a partition are stored in the default one.
    pub(super) async fn keep_partitions_ahead(&self) {
        if !self.layout_cache.is_ensuring_due() {
            return;
        }
        let task = Task {
            purpose: Purpose::Write,
            operation: "making partitions",
            limit: ENSURE_LIMIT,
        };
        let begin = transaction::begin("", ENSURE_LIMIT);
        let ensured = timeout(ENSURE_LIMIT, self.ensure_partitions(task, &begin)).await;
        let failed = match ensured {
            Ok(Ok(made)) => {
                for partition in made {
                    match partition {
                        MadePartition::Made { name } => tracing::info!(name, "made a partition"),
                        MadePartition::Crowded => tracing::warn!(
                            "a partition is missing whose rows are in the default one, too many to be moved"
                        ),
                    }
                }
                return;
            }
            Ok(Err(fault)) => self.store_error(task, fault).to_string(),
            Err(_) => "it took too long".to_owned(),
        };
        self.layout_cache.ensuring_failed();
        tracing::debug!(failed, "the next partitions could not be made yet");
    }
}
