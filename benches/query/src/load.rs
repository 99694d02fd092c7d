//! Pages that many connections ask for at the same time.

use std::{
    io::{Write as _, stdout},
    time::{Duration, Instant},
};

use tokio::task::JoinSet;
use tracker_bench_support::Figures;

use crate::{client::Client, extent::Extent, questions::FIRST_PAGE, server::Server};

const CONNECTIONS: usize = 64;

/// Each kind of page, by the name of its figures, its title for people, and its path.
const PAGES: [(&str, &str, &str); 3] = [
    ("load_first", "the first page", FIRST_PAGE),
    (
        "load_first_blocks",
        "the first page of blocks",
        "/api/projects/project_0/activities?limit=50&group=request",
    ),
    (
        "load_projects",
        "a page of the list of projects",
        "/api/projects?limit=50&cursor=project_5",
    ),
];

/// Asks for each kind of page on all connections, for the time of the extent. An answer other than
/// a 200 fails the benchmark.
pub(crate) async fn measure(
    url: &str,
    extent: &Extent,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let server = Server::start(url).await?;
    for (name, _, path) in PAGES {
        let mut clients = Vec::new();
        for _ in 0..CONNECTIONS {
            clients.push(Client::connect(&server.address).await?);
        }
        let began = Instant::now();
        let mut connections = JoinSet::new();
        for client in clients {
            connections.spawn(ask(client, path, began + extent.load));
        }
        let mut times = Vec::new();
        while let Some(asked) = connections.join_next().await {
            times.extend(asked??);
        }
        #[expect(clippy::cast_precision_loss, reason = "far fewer pages")]
        let pages = times.len() as f64;
        figures.set(format!("{name}_s"), pages / began.elapsed().as_secs_f64());
        figures.set_percentiles(name, &mut times);
        let [p50, p99] = figures.percentiles(name);
        figures.set(format!("{name}_p99_vs_p50"), p99 / p50);
    }
    Ok(())
}

/// Asks for a page again and again, and returns the time of each answer.
async fn ask(
    mut client: Client,
    path: &'static str,
    until: Instant,
) -> anyhow::Result<Vec<Duration>> {
    let mut times = Vec::new();
    while Instant::now() < until {
        let began = Instant::now();
        client.get(path).await?;
        times.push(began.elapsed());
    }
    Ok(times)
}

/// Prints the figures as the Markdown of docs/benchmarks.md.
pub(crate) fn print_table(figures: &Figures) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    writeln!(
        out,
        "\n| {CONNECTIONS} connections | pages a second | median, ms | 99th percentile, ms | ratio |"
    )?;
    writeln!(out, "| --- | ---: | ---: | ---: | ---: |")?;
    for (name, title, _) in PAGES {
        let [rate, ratio] =
            ["s", "p99_vs_p50"].map(|suffix| figures.get(&format!("{name}_{suffix}")));
        let [p50, p99] = figures.percentiles(name);
        writeln!(
            out,
            "| {title} | {rate:.0} | {p50:.1} | {p99:.1} | {ratio:.1} |"
        )?;
    }
    Ok(())
}
