//! Obstacles that prevent rows from being pruned.

use std::sync::Arc;

use tokio_postgres::types::Type;

use crate::store::{
    BoxFuture, Kept, Pruning, StoreError,
    postgres::{
        PostgresStore, engine,
        error::PostgresError,
        filter::Parameter,
        identifier::quote_identifier,
        store::work::{Fault, Task, Work},
        transaction,
    },
};

impl PostgresStore {
    pub(in crate::store::postgres::store) fn what_keeps_rows(
        &self,
    ) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        let work = Arc::clone(&self.work);
        self.run("pruning", async move {
            let task = work.reading("looking for what keeps rows");
            let obstacles = work.obstacles_to_pruning(task, false).await;
            let obstacles = work.explained(task, obstacles).await?;
            Ok(obstacles.into_iter().map(|(name, _)| name).collect())
        })
    }
}

impl Work {
    /// Describes a foreign key by its given name and its table.
    pub(super) async fn foreign_key(
        &self,
        task: Task,
        constraint: &[String; 3],
    ) -> Result<String, Fault> {
        let [schema, table, name] = constraint;
        let given = self.on_lease(task, async |client| {
            let parameters: [Parameter<'_>; 3] =
                [schema, table, name].map(|text| (text as _, Type::TEXT));
            let sql = include_str!("../../sql/prune_constraint.sql");
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

    /// Returns the names of everything that may keep rows from deletion, joined by "or"; empty if
    /// nothing was found.
    pub(super) async fn keepers(&self, task: Task) -> Result<String, Fault> {
        let obstacles = self.obstacles_to_pruning(task, false).await?;
        let names: Vec<_> = obstacles.into_iter().map(|(name, _)| name).collect();
        Ok(names.join(" or "))
    }

    /// Reports that row-level security may hide rows from this role, if so.
    pub(super) async fn hidden(&self, task: Task) -> Result<Option<Kept>, Fault> {
        let obstacles = self.obstacles_to_pruning(task, false).await?;
        let hides = obstacles.iter().any(|(_, hides)| *hides);
        Ok(hides.then(|| Kept {
            because: "row-level security, which hides rows from this role: prune with a policy FOR ALL USING (true), as the table's owner, or with BYPASSRLS"
                .to_owned(),
            rows: None,
        }))
    }

    /// Reports partitions that are old enough to drop, but whose rows may be kept from deletion.
    pub(super) async fn held_partitions(
        &self,
        task: Task,
        pruning: &Pruning,
    ) -> Result<Option<Kept>, Fault> {
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
            // These partitions are in use, and are dropped the next time.
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

    /// Returns everything that may keep rows from deletion, each with a flag that is true if it
    /// hides rows from this role.
    async fn obstacles_to_pruning(
        &self,
        task: Task,
        of_whole_partitions: bool,
    ) -> Result<Vec<(String, bool)>, Fault> {
        let table = format!("{}.project_actions", quote_identifier(&self.schema));
        let found = self.on_lease(task, async |client| {
            let parameters: [Parameter<'_>; 2] =
                [(&table, Type::TEXT), (&of_whole_partitions, Type::BOOL)];
            let rows =
                client.query_typed(include_str!("../../sql/prune_obstacles.sql"), &parameters);
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
