//! `scale [--quick] [CASE]` measures the parts of a large installation, one case in each file. The
//! quick form runs no program of the build before. docs/benchmarks.md explains the figures.

mod cores;
mod cpu;
mod data;
mod extent;
mod goals;
mod load;
mod partitions;
mod publish;
mod relay;

use std::{
    env,
    io::{Write as _, stdout},
};

use anyhow::bail;
use tracker_bench_support::Figures;

use crate::{
    extent::{FULL, QUICK},
    goals::GOALS,
};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    let (is_quick, case) = match &*words {
        [] => (false, None),
        // This runs in a process of its own, so that its processor time can be told.
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
    if is_wanted("publish") {
        publish::measure(&extent, !is_quick, &mut figures).await?;
    }
    if figures.is_empty() {
        bail!("there is no such case: partitions, relay, publish");
    }
    figures.set_goals(&GOALS);
    let name = if is_quick { "scale-quick" } else { "scale" };
    let file = match case {
        Some(_) => figures.write_into(name)?,
        None => figures.write(name)?,
    };
    figures.print_goals(&GOALS)?;
    writeln!(stdout(), "\nAll figures: {}", file.display())?;
    Ok(())
}
