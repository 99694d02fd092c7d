//! The activities a second that a worker publishes to a stream on three servers, in today's build
//! and in the one [`before`], in turns.
//!
//! The servers are of a release that takes batches.

use std::{
    env,
    io::{Write as _, stdout},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, ensure};
use async_nats::jetstream;
use futures_util::TryStreamExt as _;
use tokio::process::Command;
use tracker_bench_support::{
    Figures, before,
    statistics::{Spread, median},
};
use tracker_tests::nats::{NatsCluster, NatsOptions, NatsRelease};

use crate::extent::Extent;

/// The number of servers, each with a replica.
const SERVERS: usize = 3;

pub(crate) async fn measure(
    extent: &Extent,
    is_compared: bool,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let nats = tokio::task::block_in_place(|| {
        NatsCluster::new(&NatsOptions {
            nodes: SERVERS,
            settings: "jetstream { store_dir: jetstream, max_mem: 64MB, max_file: 16GB }"
                .to_owned(),
            release: NatsRelease::V2_15,
            ..NatsOptions::default()
        })
    });
    let (today, before) = (program()?, before::program("publish"));
    let (mut rates, mut rates_before) = (Vec::new(), Vec::new());
    for _ in 0..extent.rounds {
        rates.push(publish(&nats, &today, extent.relayed).await?);
        if is_compared {
            rates_before.push(publish(&nats, &before, extent.relayed).await?);
        }
    }
    // Ratios are taken within a round, where the machine was the same for both.
    let ratios = rates.iter().zip(&rates_before);
    let ratios = Spread::of(ratios.map(|(today, before)| today / before));
    let rate = median(rates);
    figures.set("three_replicas_batches_s", rate);
    writeln!(
        stdout(),
        "\nA worker publishes {rate:.0} a second to three replicas."
    )?;
    if is_compared {
        figures.set("three_replicas_batches_before_s", median(rates_before));
        figures.set("three_replicas_batches_vs_before", ratios.median);
        figures.set("three_replicas_batches_vs_before_min", ratios.least);
    }
    Ok(())
}

/// Returns the path of today's publisher, which is built beside this program.
fn program() -> anyhow::Result<PathBuf> {
    Ok(env::current_exe()?.with_file_name("publish"))
}

/// Publishes to a new stream, and returns the activities a second.
async fn publish(nats: &NatsCluster, program: &Path, rows: usize) -> anyhow::Result<f64> {
    remove_streams(nats).await?;
    let output = Command::new(program)
        .args([nats.url(), SERVERS.to_string(), rows.to_string()])
        .output()
        .await
        .with_context(|| format!("can't start {}", program.display()))?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "{} failed: {error}",
        program.display()
    );
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

async fn remove_streams(nats: &NatsCluster) -> anyhow::Result<()> {
    let context = jetstream::new(async_nats::connect(nats.urls()).await?);
    let names: Vec<_> = context.stream_names().try_collect().await?;
    for name in names {
        context.delete_stream(name).await?;
    }
    Ok(())
}
