//! `ingest [--quick]` measures how many activities a second reach Postgres, all against one server with the same table and
//! indexes: raw COPY, the tracker without and with a journal, and an awaited insert for each. docs/benchmarks.md tells how to read it.

mod cases;
mod latency;
mod memory;
mod plot;
mod table;

use std::{
    collections::BTreeMap,
    env, fs,
    io::{Write as _, stdout},
    path::Path,
};

use anyhow::{Context as _, bail};
use tracker_tests::postgres::{ExclusiveServer, ServerOptions};

use crate::{
    cases::{Case, Ingested},
    table::Table,
};

/// A flat object: the names are those of docs/benchmarks.md.
type Figures = BTreeMap<String, f64>;

const FOLDER: &str = "target/bench";

/// The tests' servers sync nothing; this one does what a server in production does.
const SETTINGS: [&str; 6] = [
    "fsync=on",
    "full_page_writes=on",
    "autovacuum=on",
    "shared_buffers=1GB",
    "max_wal_size=8GB",
    "checkpoint_timeout=30min",
];

/// How much is measured.
struct Extent {
    /// Activities of one measurement.
    rows: usize,
    /// Activities that are awaited one by one.
    awaited: usize,
    /// How often everything is measured.
    rounds: usize,
    /// With how many rows the small and the large table begin.
    small: usize,
    large: usize,
}

const FULL: Extent = Extent {
    rows: 300_000,
    awaited: 6_000,
    rounds: 5,
    small: 100_000,
    large: 10_000_000,
};

const QUICK: Extent = Extent {
    rows: 5_000,
    awaited: 200,
    rounds: 1,
    small: 1_000,
    large: 10_000,
};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    let is_quick = match &*words {
        [] => false,
        ["--quick"] => true,
        // In a process of its own, which has used no memory before.
        ["--memory", activities] => return memory::print(activities.parse()?).await,
        ["--case", name, rows] => return print_case(name, rows.parse()?).await,
        _ => bail!("usage: ingest [--quick | --case NAME ROWS | --memory ACTIVITIES]"),
    };
    let extent = if is_quick { QUICK } else { FULL };
    let server = server();
    let table = Table::create(&server.url()).await?;
    let mut figures = Figures::new();

    measure_rates(&table, &extent, &mut figures).await?;
    latency::measure(&table, &extent, &mut figures).await?;
    memory::measure(extent.rows.min(100_000), &mut figures)?;
    measure_large_table(&table, &extent, &mut figures).await?;

    let folder = Path::new(FOLDER);
    fs::create_dir_all(folder)?;
    let name = if is_quick { "ingest-quick" } else { "ingest" };
    let file = folder.join(format!("{name}.json"));
    fs::write(&file, serde_json::to_string_pretty(&figures)? + "\n")
        .with_context(|| format!("can't write {}", file.display()))?;
    let picture = folder.join(format!("{name}.svg"));
    fs::write(&picture, plot::bars(&figures))?;
    print_tables(&figures)?;
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
            settings: SETTINGS.map(str::to_owned).into(),
            ..ServerOptions::default()
        })
    })
}

/// One case alone, for a profiler.
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

/// The rate of each case, as the median of the rounds, in which the cases take turns.
async fn measure_rates(
    table: &Table,
    extent: &Extent,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let mut measured: BTreeMap<&str, Vec<Ingested>> = BTreeMap::new();
    for _ in 0..extent.rounds {
        for case in Case::ALL {
            let rows = match case {
                Case::Insert => extent.awaited,
                _ => extent.rows,
            };
            table.empty().await?;
            let ingested = case.ingest(table, rows).await?;
            measured.entry(case.name()).or_default().push(ingested);
        }
    }
    for (name, ingested) in &measured {
        let rates = ingested.iter().map(Ingested::rows_per_second);
        figures.insert(format!("{name}_rows_s"), median(rates));
        let cpu = ingested.iter().map(Ingested::cpu_us_per_row);
        figures.insert(format!("{name}_cpu_us"), median(cpu));
    }
    let of_round = |name: &str, round: usize| measured[name][round].rows_per_second();
    for (name, base) in [
        ("memory", "copy"),
        ("process", "copy"),
        ("power", "copy"),
        ("memory", "insert"),
    ] {
        // Within a round, where the machine was the same for both.
        let ratios = (0..extent.rounds).map(|round| of_round(name, round) / of_round(base, round));
        let ratios: Vec<_> = ratios.collect();
        let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
        figures.insert(format!("{name}_vs_{base}"), median(ratios));
        figures.insert(format!("{name}_vs_{base}_min"), least);
    }
    Ok(())
}

/// The tracker's rate into a table that is large already, beside that into a small one.
async fn measure_large_table(
    table: &Table,
    extent: &Extent,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let mut rates = [Vec::new(), Vec::new()];
    for (rates, rows) in rates.iter_mut().zip([extent.small, extent.large]) {
        table.empty().await?;
        table.fill(rows).await?;
        for _ in 0..extent.rounds {
            let ingested = Case::Memory.ingest(table, extent.rows).await?;
            rates.push(ingested.rows_per_second());
        }
    }
    let [small, large] = rates.map(median);
    figures.insert("rows_s_at_100k".to_owned(), small);
    figures.insert("rows_s_at_10m".to_owned(), large);
    figures.insert("rate_10m_vs_100k".to_owned(), large / small);
    Ok(())
}

fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Prints the figures as the Markdown of docs/benchmarks.md.
fn print_tables(figures: &Figures) -> anyhow::Result<()> {
    let figure = |name: &str| figures.get(name).copied().unwrap_or(f64::NAN);
    let mut out = stdout().lock();
    writeln!(
        out,
        "\n| into Postgres | activities a second | of COPY | CPU of the process, µs an activity |"
    )?;
    writeln!(out, "| --- | ---: | ---: | ---: |")?;
    for case in Case::ALL {
        let name = case.name();
        let rate = figure(&format!("{name}_rows_s"));
        let ratio = rate / figure("copy_rows_s");
        let cpu = figure(&format!("{name}_cpu_us"));
        writeln!(
            out,
            "| {} | {rate:.0} | {ratio:.2} | {cpu:.1} |",
            case.title()
        )?;
    }
    writeln!(
        out,
        "\nmemory is {:.0} times the awaited inserts; at ten million rows the rate is {:.2} of that at a hundred thousand.",
        figure("memory_vs_insert"),
        figure("rate_10m_vs_100k"),
    )?;
    writeln!(
        out,
        "\n| a tracked call, ns | store up | store down | down / up |"
    )?;
    writeln!(out, "| --- | ---: | ---: | ---: |")?;
    for percentile in latency::PERCENTILES {
        let [up, down] = ["up", "down"].map(|store| figure(&format!("{percentile}_{store}_ns")));
        writeln!(
            out,
            "| {percentile} | {up:.0} | {down:.0} | {:.2} |",
            down / up
        )?;
    }
    writeln!(
        out,
        "\nA queued activity takes {:.0} bytes.",
        figure("bytes_per_queued")
    )?;
    Ok(())
}
