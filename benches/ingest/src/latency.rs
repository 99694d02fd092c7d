//! What a tracked call takes while the store is up, and while it is down.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::ensure;
use tracker_core::{PostgresStore, Tracker, tracked};

use crate::{Extent, Figures, table::Table};

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
        let up = times(&table.url, extent.rows / 2).await?;
        // A port on which nobody listens.
        let down = times("postgres://nobody@127.0.0.1:9/none", extent.rows / 2).await?;
        ratios.push(at(&down, 0.999) / at(&up, 0.999));
        for (percentile, fraction) in PERCENTILES.iter().zip(FRACTIONS) {
            for (store, times) in [("up", &up), ("down", &down)] {
                let figure = rounds.entry(format!("{percentile}_{store}_ns"));
                figure.or_default().push(at(times, fraction));
            }
        }
    }
    figures.extend(
        rounds
            .into_iter()
            .map(|(name, times)| (name, crate::median(times))),
    );
    figures.insert("p999_down_vs_up".to_owned(), crate::median(ratios));
    Ok(())
}

/// How long each call took, in order of length, at some ten thousand calls a second.
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
    let mut times = calls.await;
    let dropped = tracker.stats().dropped.total();
    ensure!(dropped == 0, "{dropped} activities were dropped");
    times.sort_unstable();
    Ok(times)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a place in a list of a few hundred thousand"
)]
fn at(sorted: &[Duration], fraction: f64) -> f64 {
    let place = (sorted.len() as f64 * fraction) as usize;
    let time = sorted.get(place).or(sorted.last());
    time.map_or(f64::NAN, |time| time.as_nanos() as f64)
}
