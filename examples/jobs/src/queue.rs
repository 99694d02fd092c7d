//! A queue of jobs in a table of Postgres: [`Queue`].

use std::time::Duration;

use anyhow::Context as _;
use tokio_postgres::{Client, NoTls, types::Json};
use tracker_core::Context;

/// The number of attempts after which a job is given up.
const ATTEMPTS_MAX: i32 = 3;

/// A job that a worker has taken.
pub(crate) struct Job {
    pub(crate) id: i64,
    /// The address of the service to check.
    pub(crate) address: String,
    /// The user and the request that the job came from.
    pub(crate) context: Context,
    /// The number of this attempt, from 1.
    pub(crate) attempt: i32,
}

/// The queue. Any number of workers share it, each with a connection of its own.
pub(crate) struct Queue(Client);

impl Queue {
    /// Connects, and creates the table unless it is there.
    pub(crate) async fn open(database_url: &str) -> anyhow::Result<Self> {
        let (client, connection) = tokio_postgres::connect(database_url, NoTls)
            .await
            .context("can't connect to the queue")?;
        tokio::spawn(connection);
        client.batch_execute(include_str!("sql/create.sql")).await?;
        Ok(Self(client))
    }

    /// Adds a job for whoever the current context names.
    pub(crate) async fn push(&self, address: &str) -> anyhow::Result<()> {
        let context = Json(Context::current());
        self.0
            .execute(include_str!("sql/push.sql"), &[&address, &context])
            .await?;
        Ok(())
    }

    /// Takes the next job that is due, or waits until one is. `None` if no job is left.
    pub(crate) async fn take(&self) -> anyhow::Result<Option<Job>> {
        loop {
            let taken = self.0.query_opt(include_str!("sql/take.sql"), &[]).await?;
            if let Some(row) = taken {
                let Json(context) = row.try_get("context")?;
                return Ok(Some(Job {
                    id: row.try_get("id")?,
                    address: row.try_get("address")?,
                    context,
                    attempt: row.try_get("attempts")?,
                }));
            }
            let next = self.0.query_one(include_str!("sql/wait.sql"), &[]).await?;
            let Some(ms) = next.try_get::<_, Option<f64>>(0)? else {
                return Ok(None);
            };
            tokio::time::sleep(Duration::from_secs_f64(ms.max(0.0) / 1_000.0)).await;
        }
    }

    /// Removes a job that is done.
    pub(crate) async fn done(&self, job: &Job) -> anyhow::Result<()> {
        self.0
            .execute(include_str!("sql/remove.sql"), &[&job.id])
            .await?;
        Ok(())
    }

    /// Has a job tried again later, or gives it up. Returns true if it is tried again.
    pub(crate) async fn failed(&self, job: &Job) -> anyhow::Result<bool> {
        if job.attempt >= ATTEMPTS_MAX {
            self.done(job).await?;
            return Ok(false);
        }
        self.0
            .execute(include_str!("sql/postpone.sql"), &[&job.id])
            .await?;
        Ok(true)
    }
}
