//! Does three deployments, and publishes an activity of each to the stream.

use std::{env, io, time::Duration};

use anyhow::Context as _;
use tracker_core::{Context, JetStreamStore, Tracker, tracked};

#[tracked(action = "deployment", details = "deployed {image}")]
async fn deploy(project_id: &str, image: &str) -> io::Result<()> {
    println!("deploying {image} for {project_id}");
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let nats_url = env::var("NATS_URL").context("NATS_URL names no NATS server")?;
    let worker = env::args().nth(1).context("name this worker")?;

    // All else is as it is with Postgres: a stream is a store.
    let tracker = Tracker::builder()
        .store(JetStreamStore::new(&nats_url)?)
        .environment("production")
        .build()?
        .install()?;

    let context = Context::new().with_user_id(&worker);
    context
        .scope(async {
            for version in 1..=3 {
                deploy("project_7", &format!("api:{version}")).await?;
            }
            io::Result::Ok(())
        })
        .await?;

    // An activity counts as stored once the stream has acknowledged it.
    let stats = tracker.shutdown(Duration::from_secs(30)).await;
    println!("published {} activities", stats.stored);
    Ok(())
}
