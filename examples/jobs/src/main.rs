//! A queue of jobs in Postgres: each carries its context, is retried, and leaves its failures.

mod check;
mod queue;

use std::{env, io, time::Duration};

use anyhow::Context as _;
use tracker_core::{Context, PostgresStore, Store, Tracker};

use self::{
    check::check,
    queue::{Job, Queue},
};

/// Adds jobs within the context of a request, as a request handler does.
async fn request_checks(queue: &Queue, addresses: &[String]) -> anyhow::Result<()> {
    let request = Context::new()
        .with_user_id("user_ada")
        .with_request_id("req_1");
    request
        .scope(async {
            for address in addresses {
                queue.push(address).await?;
            }
            Ok(())
        })
        .await
}

/// Runs each job until none is left, as a worker does.
async fn work(queue: &Queue) -> anyhow::Result<()> {
    while let Some(job) = queue.take().await? {
        run(queue, &job).await?;
    }
    Ok(())
}

/// Runs a job within the context that it carries.
async fn run(queue: &Queue, job: &Job) -> anyhow::Result<()> {
    // Each activity of the job refers to it.
    let context = job.context.clone().with_reference("job_id", job.id);
    let checked = context.scope(check(&job.address, job.attempt)).await;
    match checked {
        Ok(()) => {
            println!("{}: reached", job.address);
            queue.done(job).await
        }
        Err(error) => {
            let is_tried_again = queue.failed(job).await?;
            let next = if is_tried_again {
                "later again"
            } else {
                "given up"
            };
            println!("{}: {error}, {next}", job.address);
            Ok(())
        }
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // Without a subscriber nobody would see what the tracker reports.
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let database_url = env::var("DATABASE_URL").context("DATABASE_URL names no Postgres")?;
    let store = PostgresStore::new(&database_url)?;
    store.migrate().await?;
    let tracker = Tracker::builder()
        .store(store)
        .environment("production")
        .build()?
        .install()?;

    let queue = Queue::open(&database_url).await?;
    let addresses: Vec<String> = env::args().skip(1).collect();
    request_checks(&queue, &addresses).await?;
    work(&queue).await?;

    // This delivers what is still queued.
    tracker.shutdown(Duration::from_secs(5)).await;
    Ok(())
}
