//! A partitioned table beside a plain one: reading, dropping a month, and converting a table in
//! use.

use std::{
    collections::BTreeMap,
    io::{Write as _, stdout},
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use tracker_bench_support::{
    Figures,
    postgres::large,
    statistics::{ms, percentile_ms},
};
use tracker_core::{
    PostgresStore, Store,
    store::{
        Pruning,
        postgres::partitions::{Partitioned, Partitioning, Period},
    },
    timeline::{LIMIT_MAX, Query},
};
use tracker_tests::postgres::{ExclusiveServer, ServerOptions};

use crate::{data, extent::Extent, load::Load};

/// The project of a fifth of all activities.
const LARGE: &str = "project_0";

/// The time of load before and after an operation.
const AROUND: Duration = Duration::from_secs(2);

pub(crate) async fn measure(extent: &Extent, figures: &mut Figures) -> anyhow::Result<()> {
    let postgres = tokio::task::block_in_place(|| {
        ExclusiveServer::new(&ServerOptions {
            settings: large(),
            ..ServerOptions::default()
        })
    });
    let url = postgres.url();
    let plain = data::fill(&url, "plain", extent.rows, false).await?;
    let partitioned = data::fill(&url, "partitioned", extent.rows, true).await?;
    read(&plain, &partitioned, extent, figures).await?;
    drop(plain);
    data::remove(&url, "plain").await?;
    prune(&url, &partitioned, extent, figures).await?;
    drop(partitioned);
    data::remove(&url, "partitioned").await?;
    convert(&url, extent, figures).await?;
    print(figures)
}

/// Measures the first page and one at a late row. Both tables take turns, so that the machine is
/// the same for both.
async fn read(
    plain: &PostgresStore,
    partitioned: &PostgresStore,
    extent: &Extent,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let first = Query::project(LARGE).limit(50);
    let mut times: BTreeMap<String, Vec<Duration>> = BTreeMap::new();
    for (place, query) in [
        ("first", first.clone()),
        ("deep", deep(plain, extent).await?),
    ] {
        let warm = extent.pages / 10;
        for number in 0..extent.pages + warm {
            let mut pages = Vec::new();
            for (table, store) in [("plain", plain), ("partitioned", partitioned)] {
                let began = Instant::now();
                let page = store.timeline(query.clone()).await?;
                let time = began.elapsed();
                ensure!(page.activities.len() == 50, "a page that is not full");
                pages.push(page);
                if number >= warm {
                    let times = times.entry(format!("{table}_{place}"));
                    times.or_default().push(time);
                }
            }
            ensure!(pages[0] == pages[1], "two pages that differ");
        }
    }
    for (name, times) in &mut times {
        figures.set_percentiles(name, times);
    }
    for place in ["first", "deep"] {
        let [plain, partitioned] =
            ["plain", "partitioned"].map(|table| figures.get(&format!("{table}_{place}_p50_ms")));
        figures.set(format!("partitioned_{place}_vs_plain"), partitioned / plain);
    }
    Ok(())
}

/// Returns the query of the page after `extent.deep` rows.
async fn deep(store: &PostgresStore, extent: &Extent) -> anyhow::Result<Query> {
    let mut query = Query::project(LARGE).limit(LIMIT_MAX);
    for _ in 0..extent.deep / LIMIT_MAX as usize {
        let page = store.timeline(query.clone()).await?;
        query = query.after(page.next.context("the large project has too few rows")?);
    }
    Ok(query.limit(50))
}

/// Drops the oldest month during writes.
async fn prune(
    url: &str,
    store: &PostgresStore,
    extent: &Extent,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let partitions = store.partitions().await?;
    let oldest = partitions.get(1).context("partitions")?;
    let (_, last) = oldest.times.context("times of a partition")?;
    let before = last + 1;
    let load = Load::start(url, "partitioned", extent.writes_s)?;
    tokio::time::sleep(AROUND).await;
    // The first month is incomplete.
    let whole = Pruning::before(before).limit(0);
    let rest = store.prune(whole.clone()).await?.removed;
    let began = Instant::now();
    let month = store.prune(whole.clone()).await?.removed;
    let time = began.elapsed();
    tokio::time::sleep(AROUND).await;
    let mut written = load.end(url, "partitioned").await?;
    ensure!(
        rest > 0 && month > 0,
        "{rest} and {month} rows were dropped"
    );
    ensure!(
        store.prune(whole).await?.removed == 0,
        "there is more to be dropped"
    );
    figures.set("prune_ms", ms(time));
    #[expect(clippy::cast_precision_loss, reason = "far fewer rows")]
    figures.set("prune_rows", month as f64);
    figures.set("prune_writes_s", written.writes_s);
    let longest = percentile_ms(&mut written.times, 1.0);
    figures.set("prune_write_max_ms", longest);
    Ok(())
}

/// Partitions a table during writes.
async fn convert(url: &str, extent: &Extent, figures: &mut Figures) -> anyhow::Result<()> {
    let store = data::fill(url, "converted", extent.converted, false).await?;
    let load = Load::start(url, "converted", extent.writes_s)?;
    tokio::time::sleep(AROUND).await;
    let began = Instant::now();
    let partitioned = store
        .partition(Partitioning::by(Period::Month), |_| ())
        .await?;
    let time = began.elapsed();
    tokio::time::sleep(AROUND).await;
    let mut written = load.end(url, "converted").await?;
    ensure!(
        matches!(partitioned, Partitioned::Converted { .. }),
        "{partitioned:?}"
    );
    let count = "SELECT count(*), count(DISTINCT action_id) FROM converted.project_actions WHERE project_id <> $1";
    let row = data::connect(url).await?;
    let row = row.query_one(count, &[&crate::load::PROJECT]).await?;
    let found: (i64, i64) = (row.get(0), row.get(1));
    ensure!(found == (extent.converted, extent.converted), "{found:?}");
    #[expect(clippy::cast_precision_loss, reason = "far fewer rows")]
    let rows_s = extent.converted as f64 / time.as_secs_f64();
    figures.set("convert_rows_s", rows_s);
    figures.set("convert_writes_s", written.writes_s);
    for (name, fraction) in [("p50", 0.5), ("p99", 0.99), ("max", 1.0)] {
        let time = percentile_ms(&mut written.times, fraction);
        figures.set(format!("convert_write_{name}_ms"), time);
    }
    Ok(())
}

/// Prints the figures as the Markdown of docs/benchmarks.md.
fn print(figures: &Figures) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    writeln!(
        out,
        "\n| a page of 50 | one table, median, ms | p99 | partitions, median, ms | p99 | ratio |"
    )?;
    writeln!(out, "| --- | ---: | ---: | ---: | ---: | ---: |")?;
    for (place, title) in [("first", "the first"), ("deep", "at row 100,000")] {
        let times =
            ["plain", "partitioned"].map(|table| figures.percentiles(&format!("{table}_{place}")));
        writeln!(
            out,
            "| {title} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} |",
            times[0][0],
            times[0][1],
            times[1][0],
            times[1][1],
            figures.get(&format!("partitioned_{place}_vs_plain"))
        )?;
    }
    writeln!(
        out,
        "\nA month of {:.0} activities is dropped in {:.0} ms; the longest write meanwhile took {:.0} ms, at {:.0} a second.",
        figures.get("prune_rows"),
        figures.get("prune_ms"),
        figures.get("prune_write_max_ms"),
        figures.get("prune_writes_s"),
    )?;
    writeln!(
        out,
        "A table in use is partitioned at {:.0} activities a second; a write meanwhile took {:.1} ms (median), {:.0} ms (p99), {:.0} ms (the longest), at {:.0} a second.",
        figures.get("convert_rows_s"),
        figures.get("convert_write_p50_ms"),
        figures.get("convert_write_p99_ms"),
        figures.get("convert_write_max_ms"),
        figures.get("convert_writes_s"),
    )?;
    Ok(())
}
