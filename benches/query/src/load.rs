//! Pages that many connections ask for at the same time.

use std::{
    io::{Write as _, stdout},
    time::{Duration, Instant},
};

use tokio::task::JoinSet;
use tracker_bench_support::{Figures, before};

use crate::{client::Client, extent::Extent, questions::FIRST_PAGE, server::Server};

const CONNECTIONS: usize = 64;

/// The times that both builds ask for the first page, in turns.
const TURNS: usize = 2;

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

/// The row of the first page of the build before.
const BEFORE: (&str, &str) = ("load_first_before", "the first page, before");

/// Asks for each kind of page on all connections, for the time of the extent, and for the first
/// page of the build before.
pub(crate) async fn measure(
    url: &str,
    url_before: Option<&str>,
    extent: &Extent,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let today = Server::start(url).await?;
    for (name, _, path) in PAGES {
        let mut asked = Asked::default();
        ask_on_all(&today.address, path, extent.load, &mut asked).await?;
        asked.set(name, figures);
    }
    let Some(url) = url_before else {
        return Ok(());
    };
    let before = Server::start_program(&before::program("query"), url).await?;
    let (mut of_today, mut of_before) = (Asked::default(), Asked::default());
    for _ in 0..TURNS {
        for (server, asked) in [(&today, &mut of_today), (&before, &mut of_before)] {
            ask_on_all(&server.address, FIRST_PAGE, extent.load, asked).await?;
        }
    }
    of_today.set("load_first", figures);
    of_before.set(BEFORE.0, figures);
    let ratio = figures.get("load_first_s") / figures.get("load_first_before_s");
    figures.set("load_first_vs_before", ratio);
    Ok(())
}

/// The answers to one kind of page.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// The time of each page that came.
    times: Vec<Duration>,
    /// The number of answers that are no page.
    errors: u32,
    /// The time for which pages were asked for.
    time: Duration,
}

impl Asked {
    /// Sets the figures of the pages.
    pub(crate) fn set(mut self, name: &str, figures: &mut Figures) {
        #[expect(clippy::cast_precision_loss, reason = "far fewer pages")]
        let pages = self.times.len() as f64;
        figures.set(format!("{name}_s"), pages / self.time.as_secs_f64());
        figures.set(format!("{name}_errors"), self.errors.into());
        figures.set_percentiles(name, &mut self.times);
        let [p50, p99] = figures.percentiles(name);
        figures.set(format!("{name}_p99_vs_p50"), p99 / p50);
    }
}

/// Asks for a page on all connections for some time, and adds the answers.
pub(crate) async fn ask_on_all(
    address: &str,
    path: &str,
    time: Duration,
    asked: &mut Asked,
) -> anyhow::Result<()> {
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(Client::connect(address).await?);
    }
    let began = Instant::now();
    let mut connections = JoinSet::new();
    for client in clients {
        let (address, path) = (address.to_owned(), path.to_owned());
        connections.spawn(ask(client, address, path, began + time));
    }
    while let Some(answers) = connections.join_next().await {
        let (times, errors) = answers??;
        asked.times.extend(times);
        asked.errors += errors;
    }
    asked.time += began.elapsed();
    Ok(())
}

/// Asks for a page again and again. Returns the time of each page, and the number of other answers,
/// after each of which it connects anew.
async fn ask(
    mut client: Client,
    address: String,
    path: String,
    until: Instant,
) -> anyhow::Result<(Vec<Duration>, u32)> {
    let (mut times, mut errors) = (Vec::new(), 0);
    while Instant::now() < until {
        let began = Instant::now();
        if client.get(&path).await.is_ok() {
            times.push(began.elapsed());
        } else {
            errors += 1;
            client = Client::connect(&address).await?;
        }
    }
    Ok((times, errors))
}

/// Prints the figures as the Markdown of docs/benchmarks.md.
pub(crate) fn print_table(figures: &Figures) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    writeln!(
        out,
        "\n| {CONNECTIONS} connections | pages a second | median, ms | 99th percentile, ms | ratio | errors |"
    )?;
    writeln!(out, "| --- | ---: | ---: | ---: | ---: | ---: |")?;
    let pages = PAGES.into_iter().map(|(name, title, _)| (name, title));
    for (name, title) in pages.chain([BEFORE]) {
        let figure = |suffix| figures.measured(&format!("{name}_{suffix}"));
        let (Some(rate), Some(ratio), Some(errors)) =
            (figure("s"), figure("p99_vs_p50"), figure("errors"))
        else {
            continue;
        };
        let [p50, p99] = figures.percentiles(name);
        writeln!(
            out,
            "| {title} | {rate:.0} | {p50:.1} | {p99:.1} | {ratio:.1} | {errors:.0} |"
        )?;
    }
    Ok(())
}
