//! The delay of rows that pass through a stream.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tracker_bench_publish::activity;
use tracker_bench_support::{Figures, statistics::percentile_ms};

use super::place::{LOOK, Place};
use crate::extent::Extent;

/// Measures the time from the end of the function to the commit of its row, through a tracker, the
/// stream and a relay with their defaults.
pub(super) async fn measure(
    place: &Place,
    extent: &Extent,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let mut relay = place.relay()?;
    for (prefix, each_second) in [("", 20), ("loaded_", extent.loaded_s)] {
        place.empty().await?;
        let tracker = place.publisher()?;
        let mut ticks = tokio::time::interval(Duration::from_secs(1) / each_second);
        let began = Instant::now();
        let mut rows = 0;
        while began.elapsed() < extent.latency {
            ticks.tick().await;
            let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros();
            tracker.record(activity(rows).details(now.to_string()));
            rows += 1;
        }
        tracker.flush().await;
        while place.rows().await? < rows {
            tokio::time::sleep(LOOK).await;
        }
        let mut times = place.delays().await?;
        for (name, fraction) in [("p50_ms", 0.5), ("p99_ms", 0.99)] {
            figures.set(
                format!("{prefix}{name}"),
                percentile_ms(&mut times, fraction),
            );
        }
        figures.set(format!("{prefix}max_ms"), percentile_ms(&mut times, 1.0));
    }
    figures.set("loaded_s", extent.loaded_s.into());
    relay.kill().await?;
    Ok(())
}
