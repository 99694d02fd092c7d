//! The time that pages take, and the rate of an export.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use serde_json::Value;
use tracker_bench_support::Figures;

use crate::{
    client::Client,
    extent::Extent,
    questions::{FIRST_PAGE, QUESTIONS},
    server::Server,
};

/// Measures the time that each question takes. The questions take turns, so that the machine is the
/// same for all.
pub(crate) async fn measure(
    url: &str,
    extent: &Extent,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let server = Server::start(url).await?;
    let mut client = Client::connect(&server.address).await?;
    let cursor = deep_cursor(&mut client, "", extent.deep).await?;
    let block_cursor = deep_cursor(&mut client, "&group=request", extent.deep).await?;
    let rows = usize::try_from(extent.rows)?;
    let projects = usize::try_from(extent.projects)?;
    let path = |name: &str, number: usize| {
        let large = FIRST_PAGE;
        match name {
            "deep" => format!("{large}&cursor={cursor}"),
            "first_blocks" => format!("{large}&group=request"),
            "deep_blocks" => format!("{large}&group=request&cursor={block_cursor}"),
            "rare_action" => format!("{large}&action_type=project_created"),
            "reference" => {
                // Each request asks for another row of the large project.
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
            let found = page["data"].as_array().or(page["blocks"].as_array());
            let found = found.map_or(0, Vec::len);
            ensure!(found > 0, "nothing is found at {path}");
            // The first tenth warms up.
            if number >= extent.requests / 10 {
                times.entry(name).or_default().push(time);
            }
        }
    }
    for (name, times) in &mut times {
        figures.set_percentiles(name, times);
    }
    for (name, other) in [
        ("deep", "first"),
        ("first_blocks", "first"),
        ("deep_blocks", "deep"),
    ] {
        let [p50, of_other] = [name, other].map(|name| figures.get(&format!("{name}_p50_ms")));
        figures.set(format!("{name}_vs_{other}"), p50 / of_other);
    }
    Ok(())
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
