//! Reads rows with texts that are not UTF-8.

use super::work::{Fault, Read, Task, Work};
use crate::store::postgres::{characters, foreign_text::is_cause_of, read::Reading};

impl Work {
    /// Reads, and repeats the read with texts as bytes if the server can't convert them to UTF-8.
    pub(super) async fn read_any_text<T>(
        &self,
        task: Task,
        read: impl Read<T>,
    ) -> Result<T, Fault> {
        let foreign = &self.foreign_text;
        if foreign.is_usual() {
            return self.read_bytes(task, read).await;
        }
        let first = read.clone();
        let outcome = self
            .on_lease(task, async |client| first(self.reading_on(client)).await)
            .await;
        match outcome {
            Err(Fault::Postgres(error)) if is_cause_of(&error) => {
                match self.read_bytes(task, read).await {
                    Ok(bytes) => {
                        foreign.found(&self.context.store, &error);
                        Ok(bytes)
                    }
                    // A character that is still missing is in the query's parameters.
                    Err(Fault::Postgres(still)) if characters::is_lacking(&still) => {
                        Err(Fault::Unanswerable(still))
                    }
                    // The server lacks the conversion function, for instance.
                    Err(_) => Err(Fault::Postgres(error)),
                }
            }
            outcome => outcome,
        }
    }

    async fn read_bytes<T>(&self, task: Task, read: impl Read<T>) -> Result<T, Fault> {
        self.on_lease(task, async |client| {
            let foreign = &self.foreign_text;
            let statements =
                self.known_by_engine(&foreign.statements, &foreign.statements_of_columns);
            let reading = Reading {
                statements,
                statements_of_columns: &foreign.statements_of_columns,
                ..self.reading_on(client)
            };
            read(reading).await
        })
        .await
    }
}
