//! `ingest [--quick] [PART]` measures the activities a second that reach Postgres, all on one
//! server with the same table and indexes: by COPY, by the tracker with and without a journal, and
//! by an awaited insert for each. A part is `rates`, `indexes`, `latency`, `memory` or
//! `large_table`. The quick form has nothing of the build before. docs/benchmarks.md explains the
//! figures.

mod activities;
mod cases;
mod extent;
mod goals;
mod indexes;
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
    goals::GOALS,
    table::Table,
};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    let (is_quick, part) = match &*words {
        // This runs in a process of its own, which has used no memory before.
        ["--memory", activities] => return memory::print(activities.parse()?).await,
        ["--case", name, rows] => return print_case(name, rows.parse()?).await,
        [] => (false, None),
        ["--quick"] => (true, None),
        ["--quick", part] => (true, Some(*part)),
        [part] => (false, Some(*part)),
        _ => bail!("usage: ingest [--quick] [PART] | --case NAME ROWS | --memory ACTIVITIES"),
    };
    let extent = if is_quick { QUICK } else { FULL };
    let server = server();
    let table = Table::create(&server.url()).await?;
    let mut figures = Figures::new();
    let is_wanted = |name| part.is_none_or(|part| part == name);

    if is_wanted("rates") {
        rates::measure(&table, &extent, &mut figures).await?;
    }
    if is_wanted("indexes") && !is_quick {
        indexes::measure(&table, &extent, &mut figures).await?;
    }
    if is_wanted("latency") {
        latency::measure(&table, &extent, &mut figures).await?;
    }
    if is_wanted("memory") {
        memory::measure(extent.rows.min(100_000), &mut figures)?;
    }
    if is_wanted("large_table") {
        rates::measure_large_table(&table, &extent, &mut figures).await?;
    }
    if figures.is_empty() {
        bail!("there is no such part: rates, indexes, latency, memory, large_table");
    }
    figures.set_goals(&GOALS);
    report(&figures, is_quick, part)
}

/// Writes and prints the figures. Those of one part are added to the others' file.
fn report(figures: &Figures, is_quick: bool, part: Option<&str>) -> anyhow::Result<()> {
    let name = if is_quick { "ingest-quick" } else { "ingest" };
    let file = if part.is_some() {
        figures.write_into(name)?
    } else {
        let picture = plot::rates(figures).write(name)?;
        report::print_tables(figures)?;
        writeln!(stdout(), "\nThe plot: {}", picture.display())?;
        figures.write(name)?
    };
    figures.print_goals(&GOALS)?;
    writeln!(stdout(), "\nAll figures: {}", file.display())?;
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
