//! `query [--quick]` measures how long reading takes over HTTP on loopback, from a Postgres with a million activities; docs/benchmarks.md tells how
//! to read it.

mod client;
mod data;
mod plot;
mod server;
mod streams;

use std::{
    collections::BTreeMap,
    env, fs,
    io::{Write as _, stdout},
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::Value;
use tracker_tests::postgres::{ExclusiveServer, ServerOptions};

use crate::{client::Client, plot::QUESTIONS, server::Server};

/// A flat object: the names are those of docs/benchmarks.md.
type Figures = BTreeMap<String, f64>;

const FOLDER: &str = "target/bench";

/// How much is measured.
struct Extent {
    rows: i64,
    projects: i64,
    /// The row of the large project behind which the deep page begins.
    deep: usize,
    /// How often each question is asked.
    requests: usize,
    streams: usize,
}

const FULL: Extent = Extent {
    rows: 1_000_000,
    projects: 1_000,
    deep: 100_000,
    requests: 1_000,
    streams: 1_000,
};

const QUICK: Extent = Extent {
    rows: 20_000,
    projects: 100,
    deep: 2_000,
    requests: 20,
    streams: 50,
};

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
    measure_requests(&postgres.url(), &extent, &mut figures).await?;
    measure_export(&postgres.url(), &extent, &mut figures).await?;
    streams::measure(&postgres.url(), &extent, &mut figures).await?;

    let folder = Path::new(FOLDER);
    fs::create_dir_all(folder)?;
    let name = if is_quick { "query-quick" } else { "query" };
    let file = folder.join(format!("{name}.json"));
    fs::write(&file, serde_json::to_string_pretty(&figures)? + "\n")
        .with_context(|| format!("can't write {}", file.display()))?;
    let picture = folder.join(format!("{name}.svg"));
    fs::write(&picture, plot::bars(&figures))?;
    print_table(&figures)?;
    writeln!(
        stdout(),
        "\nAll figures: {}\nThe plot: {}",
        file.display(),
        picture.display()
    )?;
    Ok(())
}

/// Raises how many files can be open to what the system allows: each stream is one here and one in the server.
fn allow_files() -> anyhow::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    setrlimit(Resource::Nofile, raised).context("can't raise the number of open files")
}

/// How long each question takes; they take turns, so that all meet the same moments.
async fn measure_requests(url: &str, extent: &Extent, figures: &mut Figures) -> anyhow::Result<()> {
    let server = Server::start(url).await?;
    let mut client = Client::connect(&server.address).await?;
    let cursor = deep_cursor(&mut client, extent.deep).await?;
    let rows = usize::try_from(extent.rows)?;
    let projects = usize::try_from(extent.projects)?;
    let path = |name: &str, number: usize| {
        let large = "/api/projects/project_0/activities?limit=50";
        match name {
            "deep" => format!("{large}&cursor={cursor}"),
            "rare_action" => format!("{large}&action_type=project_created"),
            "reference" => {
                // One of the large project's, another each time.
                let row = (number * 7_919 * 5) % rows / 5 * 5;
                format!("{large}&reference=deployment_id:deploy_{}", row.max(5))
            }
            "small" => {
                let project = 1 + number * 31 % (projects - 1);
                format!("/api/projects/project_{project}/activities?limit=50")
            }
            _ => large.to_owned(),
        }
    };
    let mut times: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    for number in 0..extent.requests + extent.requests / 10 {
        for (name, _) in QUESTIONS {
            let path = path(name, number);
            let began = Instant::now();
            let body = client.get(&path).await?;
            let time = began.elapsed();
            let page: Value = serde_json::from_slice(&body)?;
            let found = page["data"].as_array().map_or(0, Vec::len);
            ensure!(found > 0, "nothing is found at {path}");
            // The first tenth warms up.
            if number >= extent.requests / 10 {
                times.entry(name).or_default().push(time);
            }
        }
    }
    for (name, times) in &mut times {
        times.sort_unstable();
        for (suffix, fraction) in [("p50", 0.5), ("p99", 0.99)] {
            figures.insert(format!("{name}_{suffix}_ms"), percentile(times, fraction));
        }
    }
    figures.insert(
        "deep_vs_first".to_owned(),
        figures["deep_p50_ms"] / figures["first_p50_ms"],
    );
    Ok(())
}

/// The cursor of the page behind so many rows of the large project.
async fn deep_cursor(client: &mut Client, rows: usize) -> anyhow::Result<String> {
    const LIMIT: usize = 200;

    let mut cursor = String::new();
    for _ in 0..rows / LIMIT {
        let path = format!("/api/projects/project_0/activities?limit={LIMIT}{cursor}");
        let page: Value = serde_json::from_slice(&client.get(&path).await?)?;
        let next = page["next_cursor"].as_str();
        let next = next.context("the large project has too few rows")?;
        cursor = format!("&cursor={next}");
    }
    Ok(cursor.trim_start_matches("&cursor=").to_owned())
}

/// How fast the large project is downloaded, and what the server has in memory then.
#[expect(clippy::cast_precision_loss, reason = "far fewer rows")]
async fn measure_export(url: &str, extent: &Extent, figures: &mut Figures) -> anyhow::Result<()> {
    let server = Server::start(url).await?;
    let mut client = Client::connect(&server.address).await?;
    let began = Instant::now();
    let path = "/api/projects/project_0/activities/export?format=jsonl";
    let lines = client.count_lines(path).await?;
    let time = began.elapsed();
    ensure!(
        i64::try_from(lines)? >= extent.rows / 5,
        "only {lines} rows"
    );
    let (_, most) = server.memory_mb()?;
    figures.insert(
        "export_rows_s".to_owned(),
        lines as f64 / time.as_secs_f64(),
    );
    figures.insert("export_rss_mb".to_owned(), most);
    Ok(())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a place in a list of a few thousand"
)]
fn percentile(sorted: &[Duration], fraction: f64) -> f64 {
    let place = (sorted.len() as f64 * fraction) as usize;
    let time = sorted.get(place).or(sorted.last());
    time.map_or(f64::NAN, |time| time.as_secs_f64() * 1_000.0)
}

/// Prints the figures as the Markdown of docs/benchmarks.md.
fn print_table(figures: &Figures) -> anyhow::Result<()> {
    let figure = |name: &str| figures.get(name).copied().unwrap_or(f64::NAN);
    let mut out = stdout().lock();
    writeln!(out, "\n| over HTTP | median, ms | 99th percentile, ms |")?;
    writeln!(out, "| --- | ---: | ---: |")?;
    for (name, title) in QUESTIONS {
        let [p50, p99] = ["p50", "p99"].map(|suffix| figure(&format!("{name}_{suffix}_ms")));
        writeln!(out, "| {title} | {p50:.2} | {p99:.2} |")?;
    }
    writeln!(
        out,
        "\nThe deep page takes {:.2} of the first. An export gives {:.0} rows a second, with {:.0} MiB of memory. Streams take {:.0} MiB, and tell an activity after {:.0} ms \
         (median; {:.0} ms at most).",
        figure("deep_vs_first"),
        figure("export_rows_s"),
        figure("export_rss_mb"),
        figure("streams_rss_mb"),
        figure("streams_p50_ms"),
        figure("streams_max_ms"),
    )?;
    Ok(())
}
