//! What the store does with a table in partitions.

use std::{sync::Arc, time::Duration};

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio::time::{sleep, timeout};

use super::{
    super::{
        class::Class,
        connections::Purpose,
        partitions::{
            self, Abandoned, MadePartition, Partition, PartitionError, Partitioned, Partitioning,
            Progress,
        },
        transaction,
    },
    PostgresStore,
    work::{Fault, Task, Work},
};
use crate::store::{BoxFuture, StoreError, background::cut_off};

/// How long a batch may wait until the next partitions are made.
const ENSURE_LIMIT: Duration = Duration::from_secs(1);

/// How often dropping a partition is tried whose lock is not to be had, and the first pause in between, which doubles.
const DROP_ATTEMPTS: usize = 5;
const DROP_PAUSE: Duration = Duration::from_millis(100);

/// A table in [`partitions`].
impl PostgresStore {
    /// Partitions the table by its rows' time, and tells `progress` how far that is, from the store's own thread; the migrations must have been applied.
    ///
    /// It is in use meanwhile, by readers and writers with the grants that they have. Each row is copied, so there must be room for the table once more. Whatever ends it, even a killed
    /// process: the table is in use as before, and the next conversion goes on from there, or [`abandon_partitioning`](Self::abandon_partitioning) takes it back. It needs a direct connection, as
    /// [`migrate`](crate::Store::migrate) does ([`StoreError::SharedSession`] without one), and a role that owns the table or is a member of its owner.
    ///
    /// A table without rows is converted in a moment. One that is partitioned so already is left as it is, but for
    /// what a former conversion did not get to remove.
    ///
    /// # Errors
    ///
    /// A [`PartitionError`], each of which says in which state it leaves the table.
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

    /// Takes back a conversion that [`partition`](Self::partition) has begun and not ended, at whichever step it was stopped: rows come into this table alone again,
    /// and the copies, triggers and functions that were made are removed. The table keeps every row, and is in use meanwhile.
    ///
    /// It can be stopped, and run again. It waits for a conversion that is at work, and needs what that needs.
    ///
    /// # Errors
    ///
    /// [`PartitionError::Finished`] where the table is in partitions already, which is left as it is; else whatever can happen to a conversion.
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

    /// Makes the partitions of this period and of the next two, and tells which were missing. A table that is not partitioned is left as it is.
    ///
    /// Whoever writes does so by itself, before its first batch and then every 10 minutes, which holds a batch up by a second at most; this is for
    /// a table that only programs without this crate write to. INSERT on the table is enough. What is written before its partition is made lies
    /// in the default partition, and is moved when it is made.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`]; a lock that was not to be had is one that may succeed later.
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

    /// Which partitions there are, in the order of their IDs, the default one last; none where the table is not partitioned.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn partitions(&self) -> Result<Vec<Partition>, StoreError> {
        self.read(|reading| Box::pin(async move { reading.partitions().await }))
            .await
    }
}

impl Work {
    /// Drops whole partitions of rows from before the time, up to one that had rows; returns how many it had. One that can't be locked soon is
    /// left for the next time.
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
                // An empty one, or one of which all was pruned row by row.
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

    /// Makes the next partitions now and then. What is written without one lies in the default partition, so a failure is no reason not to write.
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
