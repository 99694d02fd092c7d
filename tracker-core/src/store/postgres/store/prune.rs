//! Removing rows from before a time: whole partitions first, then a batch of rows after the other.
//!
//! A batch is looked up, and then deleted by its IDs. Each statement deletes all of its rows or none: one that is refused is tried again with half as many, and
//! a row that is refused alone is passed over; the next statement has twice as many as the last one that went. So one row that stays costs a few statements, and each
//! of many in a series one.
//!
//! Rows are looked up in whichever order is the fastest, as long as none of them stays. From the first one that does, they are looked up in the order of
//! their IDs, from the beginning, and each batch behind the last one.

use tokio_postgres::{error::DbError, types::Type};

use super::{
    PostgresStore,
    work::{Fault, Task, Work},
};
use crate::store::{
    BoxFuture, Kept, Pruned, Pruning, StoreError,
    postgres::{
        connections::Purpose, engine, error::PostgresError, filter::Parameter,
        identifier::quote_identifier, transaction,
    },
    pruning::PruneCursor,
};

/// Why rows were not deleted.
struct Refusal {
    /// What the same reason has in common, whichever row it is.
    key: (String, Option<String>),
    because: String,
    /// Schema, table and name of a foreign key.
    constraint: Option<[String; 3]>,
}

/// What became of the rows of a batch.
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

    pub(super) fn what_keeps_rows(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        let work = std::sync::Arc::clone(&self.work);
        self.run("pruning", async move {
            let task = work.reading("looking for what keeps rows");
            let obstacles = work.obstacles_to_pruning(task, false).await;
            let obstacles = work.explained(task, obstacles).await?;
            Ok(obstacles.into_iter().map(|(name, _)| name).collect())
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
            // They are met again, and told of then.
            _ if kept.len() > 0 => PruneCursor::Behind(None),
            _ => PruneCursor::Anywhere,
        };
        pruned.next = Some(pruning.at(cursor));
        Ok(pruned)
    }

    /// The IDs of the next rows.
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

    /// Deletes the rows of these IDs, but for those that can't be.
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

    /// Deletes all of these rows, and answers how many were there, or none of them.
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
                // The server has answered to everything, so that the connection can be used again.
                Err(error) => match error.as_db_error().and_then(Refusal::of) {
                    Some(refusal) => Ok(Err(refusal)),
                    None => Err(error),
                },
            }
        })
        .await
    }

    /// Notes a row that is refused by itself.
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

    /// Notes rows that were not deleted, though nothing was refused, and are there still.
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

    /// A foreign key by the name that it was given, and the table that it is of.
    async fn foreign_key(&self, task: Task, constraint: &[String; 3]) -> Result<String, Fault> {
        let [schema, table, name] = constraint;
        let given = self.on_lease(task, async |client| {
            let parameters: [Parameter<'_>; 3] =
                [schema, table, name].map(|text| (text as _, Type::TEXT));
            let sql = include_str!("../sql/prune_constraint.sql");
            let rows = client.query_typed(sql, &parameters);
            let rows = transaction::run(client, &self.begin_read, rows).await?;
            rows.first().map(|row| row.try_get(0)).transpose()
        });
        let given: Option<String> = given.await?;
        let name = given.as_ref().unwrap_or(name);
        Ok(format!(
            "the foreign key {name} of the table {schema}.{table}"
        ))
    }

    /// What may keep rows, in a row; empty where nothing was found.
    async fn keepers(&self, task: Task) -> Result<String, Fault> {
        let obstacles = self.obstacles_to_pruning(task, false).await?;
        let names: Vec<_> = obstacles.into_iter().map(|(name, _)| name).collect();
        Ok(names.join(" or "))
    }

    /// That there may be rows that this role does not get to see.
    async fn hidden(&self, task: Task) -> Result<Option<Kept>, Fault> {
        let obstacles = self.obstacles_to_pruning(task, false).await?;
        let hides = obstacles.iter().any(|(_, hides)| *hides);
        Ok(hides.then(|| Kept {
            because: "row-level security, which hides rows from this role: prune with a policy FOR ALL USING (true), as the table's owner, or with BYPASSRLS"
                .to_owned(),
            rows: None,
        }))
    }

    /// Partitions that could be dropped, but for what keeps their rows.
    async fn held_partitions(&self, task: Task, pruning: &Pruning) -> Result<Option<Kept>, Fault> {
        let before = pruning.created_before;
        let held = self.on_lease(task, async |client| {
            if self.reading_on(client).zones_now().await?.is_none() {
                return Ok::<_, tokio_postgres::Error>(0);
            }
            let parameters: [Parameter<'_>; 1] = [(&before, Type::INT8)];
            let held = client.query_typed_one(&self.statements.partitions.held, &parameters);
            let row = transaction::run(client, &self.begin_read, held).await?;
            row.try_get::<_, i64>(0)
        });
        let held = held.await?;
        if held == 0 {
            return Ok(None);
        }
        let obstacles = self.obstacles_to_pruning(task, true).await?;
        if obstacles.is_empty() {
            // They are in use, and dropped the next time.
            return Ok(None);
        }
        let names: Vec<_> = obstacles.into_iter().map(|(name, _)| name).collect();
        Ok(Some(Kept {
            because: format!(
                "{}: partitions with rows, {held} of them, are not dropped as a whole then, and their rows are to be pruned one by one",
                names.join(" and ")
            ),
            rows: None,
        }))
    }

    /// What may keep rows, and whether that hides them from this role.
    async fn obstacles_to_pruning(
        &self,
        task: Task,
        of_whole_partitions: bool,
    ) -> Result<Vec<(String, bool)>, Fault> {
        let table = format!("{}.project_actions", quote_identifier(&self.schema));
        let found = self.on_lease(task, async |client| {
            let parameters: [Parameter<'_>; 2] =
                [(&table, Type::TEXT), (&of_whole_partitions, Type::BOOL)];
            let rows = client.query_typed(include_str!("../sql/prune_obstacles.sql"), &parameters);
            let rows = match transaction::run(client, &self.begin_read, rows).await {
                Ok(rows) => rows,
                Err(error) => {
                    let error = PostgresError::from(error);
                    // An engine without triggers and policies.
                    return if engine::is_lack(&error) {
                        Ok(Vec::new())
                    } else {
                        Err(error)
                    };
                }
            };
            let read = rows
                .iter()
                .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
            read.collect::<Result<_, tokio_postgres::Error>>()
                .map_err(PostgresError::from)
        });
        found.await
    }
}

impl Refusal {
    /// `None` where it is not a row that is refused, and the next one would fare no better.
    fn of(error: &DbError) -> Option<Self> {
        let sqlstate = error.code().code();
        if !is_of_rows(sqlstate) {
            return None;
        }
        let name = error.constraint().map(str::to_owned);
        let constraint = [error.schema(), error.table(), error.constraint()];
        let constraint = constraint.map(|part| part.map(str::to_owned));
        let constraint = match constraint {
            [Some(schema), Some(table), Some(name)] => Some([schema, table, name]),
            _ => None,
        };
        Some(Self {
            key: (sqlstate.to_owned(), name),
            because: format!("{} (SQLSTATE {sqlstate})", error.message()),
            // A foreign key, or one ON DELETE RESTRICT from version 18 on.
            constraint: constraint.filter(|_| matches!(sqlstate, "23503" | "23001")),
        })
    }
}

/// Whether the server refuses rows, by a constraint or by a trigger, which may have any code of its own: it is not one of a connection, a role, a transaction,
/// a statement that does not fit, or a resource.
fn is_of_rows(sqlstate: &str) -> bool {
    const OTHERS: [&str; 23] = [
        "08", "0A", "0B", "25", "26", "28", "2D", "34", "3B", "3D", "3F", "40", "42", "53", "54",
        "55", "57", "58", "72", "F0", "HV", "XX", "00",
    ];
    sqlstate
        .get(..2)
        .is_some_and(|class| !OTHERS.contains(&class))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_refused_by_constraints_and_triggers_and_not_by_a_servers_state() {
        for sqlstate in [
            "23503", "23001", "23505", "P0001", "P0004", "22000", "TR123", "38000",
        ] {
            assert!(is_of_rows(sqlstate), "{sqlstate}");
        }
        for sqlstate in [
            "42501", "55000", "57014", "40001", "53200", "55P03", "25006", "XX000", "",
        ] {
            assert!(!is_of_rows(sqlstate), "{sqlstate}");
        }
    }
}
