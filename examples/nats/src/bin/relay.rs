//! Brings the activities of all workers from the stream to Postgres, until Ctrl-C.

use std::{env, io};

use anyhow::Context as _;
use tokio::signal;
use tracker_core::{
    JetStreamStore, PostgresStore, Store,
    nats::{NatsOptions, Relay, StreamSettings},
};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let nats_url = env::var("NATS_URL").context("NATS_URL names no NATS server")?;
    let database_url = env::var("DATABASE_URL").context("DATABASE_URL names no Postgres")?;

    // Both change nothing where the table and the stream are as they should be.
    let postgres = PostgresStore::new(&database_url)?;
    postgres.migrate().await?;
    let stream = JetStreamStore::new(&nats_url)?;
    stream.set_up(&on_one_server()).await?;
    println!("the stream is ready");

    let relay = Relay::builder(NatsOptions::parse(&nats_url)?, postgres).build();
    relay
        .run(async {
            if let Err(error) = signal::ctrl_c().await {
                eprintln!("can't wait for Ctrl-C, so the relay ends: {error}");
            }
        })
        .await?;
    println!("stored {} activities", relay.stats().stored);
    Ok(())
}

/// Returns the settings of a stream on a single server with little room. The defaults are those of
/// a cluster of three.
fn on_one_server() -> StreamSettings {
    StreamSettings::default()
        .replicas(1)
        .bytes_max(256 << 20)
        .dead_letter_bytes_max(64 << 20)
}
