//! Prunes rows older than a given time: first whole partitions, then rows in batches.
//!
//! The IDs of a batch are looked up, and their rows are then deleted. Each statement deletes all of
//! its rows or none. A refused statement is retried with half as many rows, and a row that is
//! refused alone is skipped; after a success the next statement has twice as many rows. One row
//! that can't be deleted thus costs a few statements, and each of many in a series costs one.
//!
//! Rows are looked up in whichever order is the fastest as long as every row can be deleted. After
//! the first row that can't, they are looked up in the order of their IDs, from the beginning, each
//! batch after the last.

mod obstacles;
mod refusal;

use tokio_postgres::types::Type;

use self::refusal::Refusal;
use super::{
    PostgresStore,
    work::{Fault, Task, Work},
};
use crate::store::{
    BoxFuture, Kept, Pruned, Pruning, StoreError,
    postgres::{connections::Purpose, filter::Parameter, transaction},
    pruning::PruneCursor,
};

/// The result of deleting a batch.
#[derive(Default)]
struct Deleted {
    removed: u64,
    kept: Vec<((String, Option<String>), Kept)>,
}

impl Deleted {
    fn keep(&mut self, key: (String, Option<String>), because: String, rows: u64) {
        match self.kept.iter_mut().find(|(other, _)| *other == key) {
            Some((_, kept)) => kept.rows = kept.rows.map(|before| before + rows),
            None => self.kept.push((
                key,
                Kept {
                    because,
                    rows: Some(rows),
                },
            )),
        }
    }
}

impl PostgresStore {
    pub(super) fn prune_batch(
        &self,
        pruning: Pruning,
    ) -> BoxFuture<'_, Result<Pruned, StoreError>> {
        let work = std::sync::Arc::clone(&self.work);
        self.run("pruning", async move {
            let task = work.pruning();
            let pruned = work.prune(task, pruning).await;
            work.explained(task, pruned).await
        })
    }
}

impl Work {
    fn pruning(&self) -> Task {
        Task {
            purpose: Purpose::Write,
            operation: "pruning",
            limit: self.limits.write,
        }
    }

    async fn prune(&self, task: Task, mut pruning: Pruning) -> Result<Pruned, Fault> {
        if pruning.cursor == PruneCursor::Beginning {
            let dropped = self.drop_partition(task, pruning.created_before).await?;
            if dropped > 0 {
                return Ok(Pruned::new(dropped, Some(pruning)));
            }
            if pruning.limit == 0 {
                let mut pruned = Pruned::default();
                pruned
                    .kept
                    .extend(self.held_partitions(task, &pruning).await?);
                return Ok(pruned);
            }
            pruning.cursor = PruneCursor::Anywhere;
        }
        let ids = self.candidates(task, &pruning).await?;
        let is_last = ids.len() < usize::try_from(pruning.limit).unwrap_or(usize::MAX);
        let deleted = self.delete(task, &ids, pruning.created_before).await?;
        let kept = deleted.kept.into_iter().map(|(_, kept)| kept);
        let mut pruned = Pruned::new(deleted.removed, None);
        if is_last {
            pruned.kept.extend(kept);
            pruned.kept.extend(self.hidden(task).await?);
            return Ok(pruned);
        }
        let cursor = match &pruning.cursor {
            PruneCursor::Behind(_) => {
                pruned.kept.extend(kept);
                PruneCursor::Behind(ids.into_iter().next_back())
            }
            // These rows are met again in the order of IDs, and reported then.
            _ if kept.len() > 0 => PruneCursor::Behind(None),
            _ => PruneCursor::Anywhere,
        };
        pruned.next = Some(pruning.at(cursor));
        Ok(pruned)
    }

    /// Returns the IDs of the next rows.
    async fn candidates(&self, task: Task, pruning: &Pruning) -> Result<Vec<String>, Fault> {
        let before = pruning.created_before;
        let limit = i64::from(pruning.limit);
        self.on_lease(task, async |client| {
            let zones = self.reading_on(client).zones_now().await?;
            let zones = zones.unwrap_or_default();
            let excluded = zones.outside(&(i64::MIN..=before.saturating_sub(1)));
            let mut parameters: Vec<Parameter<'_>> =
                vec![(&before, Type::INT8), (&limit, Type::INT8)];
            let statement = match &pruning.cursor {
                PruneCursor::Behind(id) => {
                    parameters.push((id, Type::TEXT));
                    &self.statements.prune.candidates_behind
                }
                _ => &self.statements.prune.candidates,
            };
            parameters.extend(excluded.parameters());
            let rows = client.query_typed(statement, &parameters);
            let rows = transaction::run(client, &self.begin_write, rows).await?;
            rows.iter().map(|row| row.try_get(0)).collect()
        })
        .await
    }

    /// Deletes the rows of these IDs, except those that can't be deleted.
    async fn delete(&self, task: Task, ids: &[String], before: i64) -> Result<Deleted, Fault> {
        let mut deleted = Deleted::default();
        let (mut at, mut length) = (0, ids.len());
        while at < ids.len() {
            let part = &ids[at..ids.len().min(at + length)];
            match self.delete_at_once(task, part, before).await? {
                Ok(removed) => {
                    deleted.removed += removed;
                    if removed < part.len() as u64 {
                        self.note_passed_over(task, part, before, &mut deleted)
                            .await?;
                    }
                    at += part.len();
                    length = (part.len() * 2).min(ids.len());
                }
                Err(refusal) if part.len() == 1 => {
                    self.note_refused(task, refusal, &mut deleted).await?;
                    at += 1;
                }
                Err(_) => length = part.len() / 2,
            }
        }
        Ok(deleted)
    }

    /// Deletes all of these rows or none; returns the number of deleted rows.
    async fn delete_at_once(
        &self,
        task: Task,
        ids: &[String],
        before: i64,
    ) -> Result<Result<u64, Refusal>, Fault> {
        self.on_lease(task, async |client| {
            let parameters: [Parameter<'_>; 2] = [(&ids, Type::TEXT_ARRAY), (&before, Type::INT8)];
            let delete = client.execute_typed(&self.statements.prune.delete, &parameters);
            match transaction::run(client, &self.begin_write, delete).await {
                Ok(removed) => Ok(Ok(removed)),
                // The server has answered every statement, so the connection can be reused.
                Err(error) => match error.as_db_error().and_then(Refusal::of) {
                    Some(refusal) => Ok(Err(refusal)),
                    None => Err(error),
                },
            }
        })
        .await
    }

    /// Notes a row that is refused on its own.
    async fn note_refused(
        &self,
        task: Task,
        refusal: Refusal,
        deleted: &mut Deleted,
    ) -> Result<(), Fault> {
        let Refusal {
            key,
            mut because,
            constraint,
        } = refusal;
        if !deleted.kept.iter().any(|(other, _)| *other == key) {
            because = match constraint {
                Some(constraint) => self.foreign_key(task, &constraint).await?,
                None => match self.keepers(task).await? {
                    keepers if keepers.is_empty() => because,
                    keepers => format!("{keepers}: {because}"),
                },
            };
        }
        deleted.keep(key, because, 1);
        Ok(())
    }

    /// Notes rows that still exist although their deletion was not refused.
    async fn note_passed_over(
        &self,
        task: Task,
        ids: &[String],
        before: i64,
        deleted: &mut Deleted,
    ) -> Result<(), Fault> {
        let left = self.on_lease(task, async |client| {
            let parameters: [Parameter<'_>; 2] = [(&ids, Type::TEXT_ARRAY), (&before, Type::INT8)];
            let count = client.query_typed_one(&self.statements.prune.left, &parameters);
            let row = transaction::run(client, &self.begin_write, count).await?;
            row.try_get::<_, i64>(0)
        });
        let left = u64::try_from(left.await?).unwrap_or(0);
        if left > 0 {
            let keepers = self.keepers(task).await?;
            let because = format!("{keepers}: they were passed over");
            deleted.keep((String::new(), None), because, left);
        }
        Ok(())
    }
}
