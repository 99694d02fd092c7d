//! The time of a tracked call while the store is up, and while it is down.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::ensure;
use tracker_bench_support::{
    Figures,
    statistics::{Spread, median, percentile},
};
use tracker_core::{PostgresStore, Tracker, tracked};

use crate::{extent::Extent, table::Table};

/// The percentiles that are reported.
pub(crate) const PERCENTILES: [&str; 4] = ["p50", "p99", "p999", "p9999"];

const FRACTIONS: [f64; 4] = [0.5, 0.99, 0.999, 0.9999];

#[tracked(action = "deployment", details = "deployed number {number}")]
async fn deploy(user_id: &str, request_id: &str, project_id: &str, number: usize) -> usize {
    number
}

pub(crate) async fn measure(
    table: &Table,
    extent: &Extent,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let mut ratios = Vec::new();
    let mut rounds: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for _ in 0..extent.rounds {
        table.empty().await?;
        let mut up = times(&table.url, extent.rows / 2).await?;
        // No server listens on this port.
        let mut down = times("postgres://nobody@127.0.0.1:9/none", extent.rows / 2).await?;
        ratios.push(percentile_ns(&mut down, 0.999) / percentile_ns(&mut up, 0.999));
        for (percentile, fraction) in PERCENTILES.iter().zip(FRACTIONS) {
            for (store, times) in [("up", &mut up), ("down", &mut down)] {
                let figure = rounds.entry(format!("{percentile}_{store}_ns"));
                figure.or_default().push(percentile_ns(times, fraction));
            }
        }
    }
    for (name, times) in rounds {
        figures.set(name, median(times));
    }
    let ratios = Spread::of(ratios);
    figures.set("p999_down_vs_up", ratios.median);
    figures.set("p999_down_vs_up_max", ratios.greatest);
    Ok(())
}

/// Returns the time of each call, at some ten thousand calls a second.
async fn times(url: &str, calls: usize) -> anyhow::Result<Vec<Duration>> {
    let tracker = Tracker::builder()
        .store(PostgresStore::new(url)?)
        .queue_capacity(calls.max(1))
        .drop_deadline(Duration::ZERO)
        .build()?;
    let calls = tracker.clone().scope(async move {
        let mut times = Vec::with_capacity(calls);
        for number in 0..calls {
            let began = Instant::now();
            deploy(
                "user_01a20c36577e7546b3cdf41c57a33126",
                "req_01a20c36578273fab95ad317e3d8e657",
                "project_01a20c36578b73a1a926f5e2a0d5642d",
                number,
            )
            .await;
            times.push(began.elapsed());
            if number % 100 == 99 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        times
    });
    let times = calls.await;
    let dropped = tracker.stats().dropped.total();
    ensure!(dropped == 0, "{dropped} activities were dropped");
    Ok(times)
}

#[expect(clippy::cast_precision_loss, reason = "far fewer nanoseconds")]
fn percentile_ns(times: &mut [Duration], fraction: f64) -> f64 {
    percentile(times, fraction).map_or(f64::NAN, |time| time.as_nanos() as f64)
}
