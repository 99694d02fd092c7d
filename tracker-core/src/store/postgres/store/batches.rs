//! Writes a batch, by the fastest way that the server and the batch allow.

use super::work::{Fault, Task, Work};
use crate::store::{
    Batch, StoreError,
    postgres::{
        characters,
        class::Class,
        connections::Purpose,
        engine::{self, Feature},
        error::PostgresError,
        insert_values,
        recognise::recognise_pooler,
        watch, write,
    },
};

/// The form of an insert's rows.
#[derive(Clone, Copy)]
enum How {
    Arrays,
    Values,
}

impl Work {
    /// Writes the rows that are not there yet, and returns how many they were.
    pub(super) async fn write(&self, batch: &Batch) -> Result<u64, StoreError> {
        if batch.is_empty() {
            return Ok(0);
        }
        let task = Task {
            purpose: Purpose::Write,
            operation: "writing",
            limit: self.limits.write,
        };
        self.keep_partitions_ahead().await;
        let mut no_copy = None;
        if !batch.is_retry() && self.may_copy(task).await? {
            match self.copy(task, batch).await {
                // A row is stored already: it is twice in the batch, or someone else wrote it.
                Err(Fault::Postgres(error))
                    if error.class() == Class::Duplicate || error.may_be_of_a_new_partition() => {}
                // The server has no COPY, or the table does not allow it because of row-level
                // security. If the insert fails with the same error, the cause is not COPY.
                Err(Fault::Postgres(error)) if engine::is_lack(&error) => no_copy = Some(error),
                outcome => {
                    self.explained(task, outcome).await?;
                    return Ok(batch.rows());
                }
            }
        }
        let inserted = match self.insert(task, batch).await {
            Err(Fault::Postgres(error)) if batch.len() == 1 && characters::is_lacking(&error) => {
                self.insert_within_encoding(task, batch, error).await
            }
            inserted => inserted,
        };
        let inserted = self.explained(task, inserted).await?;
        if let Some(error) = no_copy {
            let because = error.to_string();
            self.engine.found_lacking(Feature::BinaryCopy, &because);
        }
        if inserted < batch.rows() {
            self.only_repetitions_were_passed_over(task).await?;
        }
        Ok(inserted)
    }

    /// Returns whether to try a COPY; recognises poolers first, which may not support it.
    async fn may_copy(&self, task: Task) -> Result<bool, StoreError> {
        if !self.engine.is_pooler_recognised() {
            let recognised = self
                .on_lease(task, async |client| {
                    recognise_pooler(client, &self.engine).await
                })
                .await;
            recognised.map_err(|fault| self.store_error(task, fault))?;
        }
        Ok(!self.engine.lacks(Feature::BinaryCopy))
    }

    async fn copy(&self, task: Task, batch: &Batch) -> Result<(), Fault> {
        let (begin, statement) = (&self.begin_write, &self.statements.copy);
        self.on_lease(task, async |client| {
            write::copy(client, begin, statement, batch).await?;
            watch::tell(client, &self.engine, &self.schema, batch).await;
            Ok::<_, tokio_postgres::Error>(())
        })
        .await
    }

    /// Inserts the rows that are not stored yet; returns their number.
    async fn insert(&self, task: Task, batch: &Batch) -> Result<u64, Fault> {
        if !self.engine.lacks(Feature::ArraysAsRows) {
            match self.insert_by(task, How::Arrays, batch).await {
                Err(Fault::Postgres(error)) if engine::is_lack(&error) => {
                    let inserted = self.insert_by(task, How::Values, batch).await?;
                    let because = error.to_string();
                    self.engine.found_lacking(Feature::ArraysAsRows, &because);
                    return Ok(inserted);
                }
                outcome => return outcome,
            }
        }
        self.insert_by(task, How::Values, batch).await
    }

    /// Inserts a batch of one activity, which was refused because the database's encoding lacks
    /// some of its characters, with a question mark for each of them.
    async fn insert_within_encoding(
        &self,
        task: Task,
        batch: &Batch,
        refused: PostgresError,
    ) -> Result<u64, Fault> {
        let insertable: Batch = self
            .on_lease(task, async |client| {
                let mut insertable = Vec::with_capacity(batch.len());
                for activity in batch.activities() {
                    let within = characters::insertable(client, &self.begin_read, activity).await?;
                    insertable.push(within);
                }
                Ok::<_, tokio_postgres::Error>(insertable.into())
            })
            .await?;
        let inserted = self.insert(task, &insertable).await?;
        let because = refused.to_string();
        self.engine.found_lacking(Feature::Characters, &because);
        Ok(inserted)
    }

    async fn insert_by(&self, task: Task, how: How, batch: &Batch) -> Result<u64, Fault> {
        let (begin, statements) = (&self.begin_write, &self.statements);
        let inserted = self
            .on_lease(task, async |client| {
                let insert = async || {
                    let inserted = match how {
                        How::Arrays => {
                            write::insert(client, begin, &statements.insert_batch, batch).await
                        }
                        How::Values => {
                            let statement = &statements.insert_values;
                            insert_values::insert(client, begin, statement, batch).await
                        }
                    };
                    inserted.map_err(PostgresError::from)
                };
                let inserted = match insert().await {
                    Err(error) if error.may_be_of_a_new_partition() => insert().await,
                    outcome => outcome,
                };
                match inserted {
                    // The server has answered every statement, so the connection can be reused. A
                    // new connection for each of many refused rows would cost more than the rows.
                    Err(error) if error.is_refusal_by_server() => Ok(Err(error)),
                    Err(error) => Err(error),
                    Ok(inserted) => {
                        watch::tell(client, &self.engine, &self.schema, batch).await;
                        Ok(Ok(inserted))
                    }
                }
            })
            .await;
        inserted.and_then(|inserted| Ok(inserted?))
    }
}
