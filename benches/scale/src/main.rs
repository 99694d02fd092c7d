//! `scale [--quick] [CASE]` measures what a large installation is made of; docs/benchmarks.md tells how to read it. Each case is a file of its own.

mod cores;
mod cpu;
mod data;
mod load;
mod partitions;
mod relay;
mod report;

use std::{env, time::Duration};

use anyhow::bail;

use crate::report::Figures;

/// How much is measured.
pub(crate) struct Extent {
    /// Activities of the table whose pages are read, over 24 months, and of the one that is partitioned in use.
    pub(crate) rows: i64,
    pub(crate) converted: i64,
    /// The row of the large project behind which the deep page begins.
    pub(crate) deep: usize,
    /// How often each page is read.
    pub(crate) pages: usize,
    /// Activities that are written each second meanwhile.
    pub(crate) writes_s: u32,
    /// Activities that are relayed, how often, how long their delay is measured, and at how many a second under load.
    pub(crate) relayed: usize,
    pub(crate) rounds: usize,
    pub(crate) latency: Duration,
    pub(crate) loaded_s: u32,
}

const FULL: Extent = Extent {
    rows: 10_000_000,
    converted: 5_000_000,
    deep: 100_000,
    pages: 1_000,
    writes_s: 2_000,
    relayed: 300_000,
    rounds: 3,
    latency: Duration::from_secs(20),
    loaded_s: 5_000,
};

const QUICK: Extent = Extent {
    rows: 48_000,
    converted: 20_000,
    deep: 2_000,
    pages: 20,
    writes_s: 200,
    relayed: 5_000,
    rounds: 1,
    latency: Duration::from_secs(2),
    loaded_s: 500,
};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    let (is_quick, case) = match &*words {
        [] => (false, None),
        // In a process of its own, whose CPU can be told.
        ["--relay", nats, store] => return relay::run(nats, store).await,
        ["--quick"] => (true, None),
        ["--quick", case] => (true, Some(*case)),
        [case] => (false, Some(*case)),
        _ => bail!("usage: scale [--quick] [CASE]"),
    };
    let extent = if is_quick { QUICK } else { FULL };
    let mut figures = Figures::new();
    let is_wanted = |name| case.is_none_or(|case| case == name);
    if is_wanted("partitions") {
        partitions::measure(&extent, &mut figures).await?;
    }
    if is_wanted("relay") {
        relay::measure(&extent, &mut figures).await?;
    }
    if figures.is_empty() {
        bail!("there is no such case: partitions, relay");
    }
    report::write(&figures, is_quick, case)
}
