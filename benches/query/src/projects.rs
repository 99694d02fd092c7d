//! The time that a page of the list of projects takes beside the first page of a timeline, and the
//! time of the first such page, when nothing is counted yet.

use std::{
    collections::BTreeMap,
    io::{Write as _, stdout},
    time::{Duration, Instant},
};

use anyhow::ensure;
use serde_json::Value;
use tracker_bench_support::Figures;

use crate::{client::Client, extent::Extent, questions::FIRST_PAGE, server::Server};

/// The pages that take turns: the name of the figures, and the list in the answer.
const PAGES: [(&str, &str); 2] = [("projects", "projects"), ("projects_beside", "data")];

const LIMIT: usize = 50;

pub(crate) async fn measure(
    url: &str,
    extent: &Extent,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let server = Server::start(url).await?;
    let mut client = Client::connect(&server.address).await?;
    // A page of a timeline connects to the database.
    client.get(FIRST_PAGE).await?;
    let began = Instant::now();
    client.get(&format!("/api/projects?limit={LIMIT}")).await?;
    figures.set("projects_uncounted_ms", began.elapsed().as_secs_f64() * 1e3);

    let projects = usize::try_from(extent.projects)?;
    let mut times: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    for number in 0..extent.requests + extent.requests / 10 {
        for (name, list) in PAGES {
            let path = match name {
                // A page in the middle, which begins behind another project each time.
                "projects" => {
                    let behind = number * 31 % projects;
                    format!("/api/projects?limit={LIMIT}&cursor=project_{behind}")
                }
                _ => FIRST_PAGE.to_owned(),
            };
            let began = Instant::now();
            let body = client.get(&path).await?;
            let time = began.elapsed();
            let page: Value = serde_json::from_slice(&body)?;
            ensure!(page[list].is_array(), "no {list} at {path}");
            // The first tenth warms up.
            if number >= extent.requests / 10 {
                times.entry(name).or_default().push(time);
            }
        }
    }
    for (name, times) in &mut times {
        figures.set_percentiles(name, times);
    }
    figures.set(
        "projects_vs_first",
        figures.get("projects_p50_ms") / figures.get("projects_beside_p50_ms"),
    );
    Ok(())
}

/// Prints the figures in a sentence.
pub(crate) fn print(figures: &Figures, extent: &Extent) -> anyhow::Result<()> {
    let [p50, p99] = figures.percentiles("projects");
    writeln!(
        stdout(),
        "\nA page of the list of {} projects takes {:.2} ms (median; 99th percentile {:.2} ms), {:.2} of the first page of a timeline, and {:.0} ms when nothing is counted yet.",
        extent.projects,
        p50,
        p99,
        figures.get("projects_vs_first"),
        figures.get("projects_uncounted_ms"),
    )?;
    Ok(())
}
