//! A worker that does one job: `job_worker STORE`, with the job as JSON on its input.

use std::{env, io, time::Duration};

use anyhow::{Context as _, ensure};
use tracker_core::{Tracker, tracked};
use tracker_tests::job::Job;

#[tracked(action = "deployment", details = "deployed {image}")]
async fn deploy(image: &str) -> Result<(), io::Error> {
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let store = env::args().nth(1).context("no store is given")?;
    let job: Job = serde_json::from_reader(io::stdin().lock())?;
    let store = tracker_core::store::open(&store)?;
    store.migrate().await?;
    let tracker = Tracker::builder().store(store).build()?.install()?;
    job.context.scope(deploy(&job.image)).await?;
    let stats = tracker.shutdown(Duration::from_secs(30)).await;
    ensure!(stats.stored == 1, "not stored: {stats:?}");
    Ok(())
}
