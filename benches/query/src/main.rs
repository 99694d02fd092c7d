//! `query [--quick] [PART]` measures reading over HTTP on loopback, from a Postgres with a million
//! activities. A part is `requests`, `export`, `counts`, `projects`, `load`, `streams` or
//! `large_counts`. The quick form asks no server of the build before. docs/benchmarks.md explains
//! the figures.

mod client;
mod counts;
mod data;
mod extent;
mod goals;
mod load;
mod projects;
mod questions;
mod report;
mod requests;
mod server;
mod streams;

use std::{
    env,
    io::{Write as _, stdout},
};

use anyhow::{Context as _, bail};
use mimalloc::MiMalloc;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tracker_bench_support::Figures;
use tracker_tests::postgres::{ExclusiveServer, ServerOptions};

use crate::{
    extent::{Extent, FULL, QUICK},
    goals::GOALS,
};

/// That of the command `tracker`, which serves as this program does.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    let (is_quick, part) = match &*words {
        ["--serve", store] => return server::run(store).await,
        [] => (false, None),
        ["--quick"] => (true, None),
        ["--quick", part] => (true, Some(*part)),
        [part] => (false, Some(*part)),
        _ => bail!("usage: query [--quick] [PART] | --serve STORE"),
    };
    let extent = if is_quick { QUICK } else { FULL };
    allow_files()?;
    let postgres = tokio::task::block_in_place(|| {
        ExclusiveServer::new(&ServerOptions {
            settings: vec!["shared_buffers=1GB".to_owned()],
            ..ServerOptions::default()
        })
    });
    let url = postgres.url();
    data::fill(&url, &extent).await?;
    let before = if is_quick {
        None
    } else {
        Some(data::fill_before(&url, &extent).await?)
    };
    let figures = measure(&url, before.as_deref(), &extent, part).await?;
    report(&figures, &extent, is_quick, part)
}

/// Measures a part, or all.
async fn measure(
    url: &str,
    before: Option<&str>,
    extent: &Extent,
    part: Option<&str>,
) -> anyhow::Result<Figures> {
    let mut figures = Figures::new();
    let is_wanted = |name| part.is_none_or(|part| part == name);
    // The times of counts under load are compared with that of a page.
    if is_wanted("requests") || is_wanted("counts") {
        requests::measure(url, before, extent, &mut figures).await?;
    }
    if is_wanted("export") {
        requests::measure_export(url, extent, &mut figures).await?;
    }
    if is_wanted("counts") {
        counts::measure(url, before, extent, &mut figures).await?;
    }
    if is_wanted("projects") {
        projects::measure(url, extent, &mut figures).await?;
    }
    if is_wanted("load") {
        load::measure(url, before, extent, &mut figures).await?;
    }
    if is_wanted("streams") {
        streams::measure(url, extent, &mut figures).await?;
    }
    if is_wanted("large_counts") {
        counts::measure_large(url, extent, &mut figures).await?;
    }
    if figures.is_empty() {
        bail!(
            "there is no such part: requests, export, counts, projects, load, streams, large_counts"
        );
    }
    figures.set_goals(&GOALS);
    Ok(figures)
}

/// Writes and prints the figures. Those of one part are added to the others' file.
fn report(
    figures: &Figures,
    extent: &Extent,
    is_quick: bool,
    part: Option<&str>,
) -> anyhow::Result<()> {
    let name = if is_quick { "query-quick" } else { "query" };
    let file = if part.is_some() {
        figures.write_into(name)?
    } else {
        let picture = report::plot(figures).write(name)?;
        report::print_table(figures)?;
        projects::print(figures, extent)?;
        load::print_table(figures)?;
        counts::print_table(figures)?;
        writeln!(stdout(), "\nThe plot: {}", picture.display())?;
        figures.write(name)?
    };
    figures.print_goals(&GOALS)?;
    writeln!(stdout(), "\nAll figures: {}", file.display())?;
    Ok(())
}

/// Raises the number of open files to what the system allows. Each stream is one here and one in
/// the server.
fn allow_files() -> anyhow::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    setrlimit(Resource::Nofile, raised).context("can't raise the number of open files")
}
