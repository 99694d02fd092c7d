//! Checks a role's access to the table, before its use or to explain an error.

use super::work::{Fault, Read, Task, Work};
use crate::store::{
    StoreError,
    postgres::{
        class::Class,
        error::PostgresError,
        notes,
        read::Answer,
        row_security::RowSecurity,
        table_check::{self, Table},
    },
};

impl Work {
    pub(super) async fn check(&self) -> Result<(), StoreError> {
        let task = self.reading("checking");
        // `self.table` would reuse the connection; here a failed check drops it, since the cause
        // may be the connection itself.
        let checked = self
            .on_lease(task, async |client| {
                let (begin, schema) = (&self.begin_read, &self.schema);
                let table = Table::read(client, begin, schema).await?;
                table_check::writable(table.as_ref(), &self.context).map_err(Fault::Store)?;
                let row_security = RowSecurity::read(client, begin, schema).await?;
                self.unless(row_security.obstacle_to_writing(schema))
                    .map_err(Fault::Store)
            })
            .await;
        checked.map_err(|fault| self.store_error(task, fault))
    }

    pub(super) async fn notes(&self) -> Result<Vec<String>, StoreError> {
        let task = self.reading("checking");
        let noted = self
            .on_lease(task, async |client| {
                notes::read(client, &self.begin_read, &self.schema).await
            })
            .await;
        noted.map_err(|fault| self.store_error(task, fault))
    }

    /// Does the same as [`read`](Self::read), but returns an error for an empty answer if row-level
    /// security hides every row from this role. The result that it hides none is
    /// [remembered](crate::store::postgres::row_security::KnownOpen) for a while.
    pub(super) async fn read_some<T: Answer + Default>(
        &self,
        read: impl Read<T>,
    ) -> Result<T, StoreError> {
        let task = self.reading("reading");
        let answer = match self.read_any_text(task, read).await {
            Err(Fault::Unanswerable(_)) => T::default(),
            outcome => self.explained(task, outcome).await?,
        };
        if answer.is_nothing() && !self.known_open.is_known() {
            let row_security = self.row_security().await?;
            self.unless(row_security.obstacle_to_reading(&self.schema))?;
            self.known_open.found();
        }
        Ok(answer)
    }

    fn unless(&self, obstacle: Option<String>) -> Result<(), StoreError> {
        obstacle.map_or(Ok(()), |obstacle| Err(self.context.denied(obstacle)))
    }

    async fn row_security(&self) -> Result<RowSecurity, StoreError> {
        let task = self.reading("checking");
        let asked = self
            .on_lease(task, async |client| {
                RowSecurity::read(client, &self.begin_read, &self.schema).await
            })
            .await;
        asked.map_err(|fault| self.store_error(task, fault))
    }

    /// Explains an error by the state of the table, if that is its cause.
    pub(super) async fn explained<T>(
        &self,
        task: Task,
        outcome: Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let fault = match outcome {
            Ok(value) => return Ok(value),
            Err(fault) => fault,
        };
        let Fault::Postgres(error) = fault else {
            return Err(self.store_error(task, fault));
        };
        match error.class() {
            Class::Shape | Class::Refused | Class::Broken => {
                if let Ok(Some(table)) = self.table(task).await
                    && let Some(difference) = table.difference()
                {
                    return Err(self.context.shape(difference));
                }
            }
            Class::Denied if task.operation == "writing" => {
                return Err(self.denied(task, error).await);
            }
            _ => {}
        }
        Err(self.store_error(task, Fault::Postgres(error)))
    }

    /// Distinguishes a missing grant from a row that a policy refuses; both have the same code.
    async fn denied(&self, task: Task, error: PostgresError) -> StoreError {
        let has_grants =
            matches!(self.table(task).await, Ok(Some(table)) if !table.lacks_a_grant());
        if has_grants && let Ok(row_security) = self.row_security().await {
            if let Err(denied) = self.unless(row_security.obstacle_to_writing(&self.schema)) {
                return denied;
            }
            if row_security.decides_by_row() {
                return self.context.refused(error);
            }
        }
        self.store_error(task, Fault::Postgres(error))
    }
}
