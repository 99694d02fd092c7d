//! Reading what has texts that are no UTF-8.

use super::work::{Fault, Read, Task, Work};
use crate::store::postgres::{characters, foreign_text::is_cause_of, read::Reading};

impl Work {
    /// Reads, and does it once more with texts as bytes where the server can't tell them as UTF-8.
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
                    // What is lacking all the same is so in the question.
                    Err(Fault::Postgres(still)) if characters::is_lacking(&still) => {
                        Err(Fault::Unanswerable(still))
                    }
                    // A server that has no such function, say.
                    Err(_) => Err(Fault::Postgres(error)),
                }
            }
            outcome => outcome,
        }
    }

    async fn read_bytes<T>(&self, task: Task, read: impl Read<T>) -> Result<T, Fault> {
        self.on_lease(task, async |client| {
            let reading = Reading {
                statements: &self.foreign_text.statements,
                ..self.reading_on(client)
            };
            read(reading).await
        })
        .await
    }
}
