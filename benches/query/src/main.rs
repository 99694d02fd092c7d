//! `query [--quick]` measures reading over HTTP on loopback, from a Postgres with a million
//! activities. docs/benchmarks.md explains the figures.

mod client;
mod data;
mod extent;
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
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tracker_bench_support::Figures;
use tracker_tests::postgres::{ExclusiveServer, ServerOptions};

use crate::extent::{FULL, QUICK};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    let is_quick = match &*words {
        [] => false,
        ["--quick"] => true,
        ["--serve", store] => return server::run(store).await,
        _ => bail!("usage: query [--quick | --serve STORE]"),
    };
    let extent = if is_quick { QUICK } else { FULL };
    allow_files()?;
    let postgres = tokio::task::block_in_place(|| {
        ExclusiveServer::new(&ServerOptions {
            settings: vec!["shared_buffers=1GB".to_owned()],
            ..ServerOptions::default()
        })
    });
    data::fill(&postgres.url(), &extent).await?;
    let mut figures = Figures::new();
    requests::measure(&postgres.url(), &extent, &mut figures).await?;
    requests::measure_export(&postgres.url(), &extent, &mut figures).await?;
    projects::measure(&postgres.url(), &extent, &mut figures).await?;
    load::measure(&postgres.url(), &extent, &mut figures).await?;
    streams::measure(&postgres.url(), &extent, &mut figures).await?;

    let name = if is_quick { "query-quick" } else { "query" };
    let file = figures.write(name)?;
    let picture = report::plot(&figures).write(name)?;
    report::print_table(&figures)?;
    projects::print(&figures, &extent)?;
    load::print_table(&figures)?;
    writeln!(
        stdout(),
        "\nAll figures: {}\nThe plot: {}",
        file.display(),
        picture.display()
    )?;
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
