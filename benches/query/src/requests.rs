//! The time that pages take, and the rate of an export.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use serde_json::Value;
use tracker_bench_support::{Figures, before};

use crate::{
    client::Client,
    extent::Extent,
    questions::{COMPARED, FIRST_PAGE, QUESTIONS},
    server::Server,
};

/// Measures the time that each question takes. The questions take turns, and so do today's build
/// and the one before, so that the machine is the same for all.
pub(crate) async fn measure(
    url: &str,
    url_before: Option<&str>,
    extent: &Extent,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let server = Server::start(url).await?;
    let mut asker = Asker::new(&server, extent, true).await?;
    let server_before = match url_before {
        Some(url) => Some(Server::start_program(&before::program("query"), url).await?),
        None => None,
    };
    let mut asker_before = match &server_before {
        Some(server) => Some(Asker::new(server, extent, false).await?),
        None => None,
    };
    let mut times: BTreeMap<String, Vec<Duration>> = BTreeMap::new();
    // The first tenth warms up.
    let warm_up = extent.requests / 10;
    for number in 0..extent.requests + warm_up {
        for (name, _) in QUESTIONS {
            let time = asker.ask(name, number).await?;
            let mut keep = |name: String, time| {
                if number >= warm_up {
                    times.entry(name).or_default().push(time);
                }
            };
            keep(name.to_owned(), time);
            if let Some(before) = asker_before.as_mut().filter(|_| COMPARED.contains(&name)) {
                let time = before.ask(name, number).await?;
                keep(format!("{name}_before"), time);
            }
        }
    }
    for (name, times) in &mut times {
        figures.set_percentiles(name, times);
    }
    let mut ratio = |name: &str, other: &str, ratio: String| {
        let [[p50, _], [of_other, _]] = [name, other].map(|name| figures.percentiles(name));
        figures.set(ratio, p50 / of_other);
    };
    for (name, other) in [
        ("deep", "first"),
        ("first_blocks", "first"),
        ("deep_blocks", "deep"),
    ] {
        ratio(name, other, format!("{name}_vs_{other}"));
    }
    if asker_before.is_some() {
        for name in COMPARED {
            ratio(name, &format!("{name}_before"), format!("{name}_vs_before"));
        }
    }
    Ok(())
}

/// A connection to a server, and the parameters of its questions.
struct Asker {
    client: Client,
    rows: usize,
    projects: usize,
    cursor: String,
    block_cursor: String,
}

impl Asker {
    async fn new(server: &Server, extent: &Extent, has_blocks: bool) -> anyhow::Result<Self> {
        let mut client = Client::connect(&server.address).await?;
        let cursor = deep_cursor(&mut client, "", extent.deep).await?;
        let block_cursor = if has_blocks {
            deep_cursor(&mut client, "&group=request", extent.deep).await?
        } else {
            String::new()
        };
        Ok(Self {
            client,
            rows: usize::try_from(extent.rows)?,
            projects: usize::try_from(extent.projects)?,
            cursor,
            block_cursor,
        })
    }

    /// Asks a question for the nth time, and returns the time of the answer, which has to find
    /// something.
    async fn ask(&mut self, name: &str, number: usize) -> anyhow::Result<Duration> {
        let path = self.path(name, number);
        let began = Instant::now();
        let body = self.client.get(&path).await?;
        let time = began.elapsed();
        let page: Value = serde_json::from_slice(&body)?;
        let found = page["data"].as_array().or(page["blocks"].as_array());
        let found = found.map_or(0, Vec::len);
        ensure!(found > 0, "nothing is found at {path}");
        Ok(time)
    }

    fn path(&self, name: &str, number: usize) -> String {
        let large = FIRST_PAGE;
        match name {
            "deep" => format!("{large}&cursor={}", self.cursor),
            "first_blocks" => format!("{large}&group=request"),
            "deep_blocks" => format!("{large}&group=request&cursor={}", self.block_cursor),
            "rare_action" => format!("{large}&action_type=project_created"),
            "reference" => {
                // Each request asks for another row of the large project.
                let row = (number * 7_919 * 5) % self.rows / 5 * 5;
                format!("{large}&reference=deployment_id:deploy_{}", row.max(5))
            }
            "small" => {
                let project = 1 + number * 31 % (self.projects - 1);
                format!("/api/projects/project_{project}/activities?limit=50")
            }
            _ => large.to_owned(),
        }
    }
}

/// Returns the cursor of the page after so many rows of the large project, with more parameters.
async fn deep_cursor(client: &mut Client, more: &str, rows: usize) -> anyhow::Result<String> {
    const LIMIT: usize = 200;

    let mut cursor = String::new();
    for _ in 0..rows / LIMIT {
        let path = format!("/api/projects/project_0/activities?limit={LIMIT}{more}{cursor}");
        let page: Value = serde_json::from_slice(&client.get(&path).await?)?;
        let next = page["next_cursor"].as_str();
        let next = next.context("the large project has too few rows")?;
        cursor = format!("&cursor={next}");
    }
    Ok(cursor.trim_start_matches("&cursor=").to_owned())
}

/// Measures the rate at which the large project is downloaded, and the memory of the server then.
#[expect(clippy::cast_precision_loss, reason = "far fewer rows")]
pub(crate) async fn measure_export(
    url: &str,
    extent: &Extent,
    figures: &mut Figures,
) -> anyhow::Result<()> {
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
    figures.set("export_rows_s", lines as f64 / time.as_secs_f64());
    figures.set("export_rss_mb", most);
    Ok(())
}
