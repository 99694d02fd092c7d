//! The number of a project's activities, and their histogram: alone, on many connections, and for
//! a project of millions.

use std::{
    io::{Write as _, stdout},
    time::Instant,
};

use tracker_bench_support::{Figures, before};

use crate::{
    client::Client,
    data,
    extent::Extent,
    load::{self, Asked},
    server::Server,
};

/// Each question, by the name of its figures, and the path after the project's.
const COUNTS: [(&str, &str); 2] = [
    ("total", "activities?limit=1&include=total"),
    ("histogram", "activities/stats"),
];

const SMALL: &str = "project_0";
const LARGE: &str = "project_large";

/// Measures each count in today's build and in the one before, and on many connections today.
pub(crate) async fn measure(
    url: &str,
    url_before: Option<&str>,
    extent: &Extent,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let today = Server::start(url).await?;
    let first = figures.measured("first_p50_ms");
    alone(&today, &[(SMALL, "")], extent.counts, figures).await?;
    if let Some(url) = url_before {
        let before = Server::start_program(&before::program("query"), url).await?;
        alone(&before, &[(SMALL, "_before")], extent.counts, figures).await?;
        ratio("vs_before", "", "_before", figures);
    }
    for (name, path) in COUNTS {
        let path = format!("/api/projects/{SMALL}/{path}");
        let mut asked = Asked::default();
        load::ask_on_all(&today.address, &path, extent.load, &mut asked).await?;
        let name = format!("load_{name}");
        asked.set(&name, figures);
        if let Some(first) = first {
            let [_, p99] = figures.percentiles(&name);
            figures.set(format!("{name}_p99_vs_first"), p99 / first);
        }
    }
    Ok(())
}

/// Adds a large project, and measures its counts in turns with those of the small one.
pub(crate) async fn measure_large(
    url: &str,
    extent: &Extent,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let server = Server::start(url).await?;
    data::fill_large(url, LARGE, extent.large).await?;
    let projects = [(SMALL, "_small"), (LARGE, "_large")];
    alone(&server, &projects, extent.counts, figures).await?;
    ratio("large_vs_small", "_large", "_small", figures);
    Ok(())
}

/// Asks for the counts of projects in turns, on one connection. Each project has the suffix of its
/// figures.
async fn alone(
    server: &Server,
    projects: &[(&str, &str)],
    requests: usize,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let mut client = Client::connect(&server.address).await?;
    let mut asked = Vec::new();
    for (project, suffix) in projects {
        for (name, path) in COUNTS {
            let path = format!("/api/projects/{project}/{path}");
            asked.push((format!("{name}{suffix}"), path, Vec::new()));
        }
    }
    for number in 0..=requests {
        for (_, path, times) in &mut asked {
            let began = Instant::now();
            client.get(path).await?;
            // The first one warms up.
            if number > 0 {
                times.push(began.elapsed());
            }
        }
    }
    for (name, _, times) in &mut asked {
        figures.set_percentiles(name, times);
    }
    Ok(())
}

/// Adds the ratio of the medians of two suffixes.
fn ratio(name: &str, of: &str, base: &str, figures: &mut Figures) {
    for (count, _) in COUNTS {
        let p50 = |suffix| figures.percentiles(&format!("{count}{suffix}"))[0];
        let ratio = p50(of) / p50(base);
        figures.set(format!("{count}_{name}"), ratio);
    }
}

/// Prints the figures as the Markdown of docs/benchmarks.md.
pub(crate) fn print_table(figures: &Figures) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    writeln!(
        out,
        "\n| the counts of a project | median, ms | before | of 64 connections: median | 99th percentile | errors | of a large project |"
    )?;
    writeln!(out, "| --- | ---: | ---: | ---: | ---: | ---: | ---: |")?;
    for (name, _) in COUNTS {
        let p50 = |suffix| figures.percentiles(&format!("{name}{suffix}"))[0];
        let before = figures.measured(&format!("{name}_before_p50_ms"));
        let before = before.map_or(String::new(), |ms| format!("{ms:.2}"));
        let [load_p50, load_p99] = figures.percentiles(&format!("load_{name}"));
        writeln!(
            out,
            "| {name} | {:.2} | {before} | {load_p50:.1} | {load_p99:.1} | {:.0} | {:.2} |",
            p50(""),
            figures.get(&format!("load_{name}_errors")),
            p50("_large"),
        )?;
    }
    Ok(())
}
