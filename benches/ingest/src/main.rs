//! `ingest [--quick]` measures the activities a second that reach Postgres, all on one server with
//! the same table and indexes: by COPY, by the tracker with and without a journal, and by an
//! awaited insert for each. docs/benchmarks.md explains the figures.

mod activities;
mod cases;
mod extent;
mod latency;
mod memory;
mod plot;
mod rates;
mod report;
mod table;

use std::{
    env,
    io::{Write as _, stdout},
};

use anyhow::{Context as _, bail};
use tracker_bench_support::{Figures, postgres};
use tracker_tests::postgres::{ExclusiveServer, ServerOptions};

use crate::{
    cases::Case,
    extent::{FULL, QUICK},
    table::Table,
};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    let is_quick = match &*words {
        [] => false,
        ["--quick"] => true,
        // This runs in a process of its own, which has used no memory before.
        ["--memory", activities] => return memory::print(activities.parse()?).await,
        ["--case", name, rows] => return print_case(name, rows.parse()?).await,
        _ => bail!("usage: ingest [--quick | --case NAME ROWS | --memory ACTIVITIES]"),
    };
    let extent = if is_quick { QUICK } else { FULL };
    let server = server();
    let table = Table::create(&server.url()).await?;
    let mut figures = Figures::new();

    rates::measure(&table, &extent, &mut figures).await?;
    latency::measure(&table, &extent, &mut figures).await?;
    memory::measure(extent.rows.min(100_000), &mut figures)?;
    rates::measure_large_table(&table, &extent, &mut figures).await?;

    let name = if is_quick { "ingest-quick" } else { "ingest" };
    let file = figures.write(name)?;
    let picture = plot::rates(&figures).write(name)?;
    report::print_tables(&figures)?;
    writeln!(
        stdout(),
        "\nAll figures: {}\nThe plot: {}",
        file.display(),
        picture.display()
    )?;
    Ok(())
}

fn server() -> ExclusiveServer {
    tokio::task::block_in_place(|| {
        ExclusiveServer::new(&ServerOptions {
            settings: postgres::production(),
            ..ServerOptions::default()
        })
    })
}

/// Runs one case alone, for a profiler.
async fn print_case(name: &str, rows: usize) -> anyhow::Result<()> {
    let case = Case::ALL.into_iter().find(|case| case.name() == name);
    let case = case.context("no case has that name")?;
    let server = server();
    let table = Table::create(&server.url()).await?;
    let ingested = case.ingest(&table, rows).await?;
    let (rate, cpu) = (ingested.rows_per_second(), ingested.cpu_us_per_row());
    writeln!(stdout(), "{name}: {rate:.0} rows/s, {cpu:.1} µs a row")?;
    Ok(())
}
