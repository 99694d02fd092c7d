//! The metrics page of a process that serves nothing else.

use std::{net::SocketAddr, time::Duration};

use anyhow::Context as _;
use axum::{Router, routing::get};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};
use tokio::{net::TcpListener, task::JoinHandle, time::sleep};

/// The interval at which old samples are removed.
const UPKEEP: Duration = Duration::from_secs(5);

/// The upper bounds of what is counted together, for each figure that has many values: the rows of
/// a batch, of which there are 10,000 at most, and the seconds of a write.
const BUCKETS: [(&str, &[f64]); 2] = [
    (
        "tracker_batch_rows",
        &[1.0, 10.0, 100.0, 500.0, 1_000.0, 2_000.0, 4_000.0, 10_000.0],
    ),
    (
        "tracker_write_duration_seconds",
        &[
            0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0,
        ],
    ),
];

/// The page. Dropping it ends it.
pub(crate) struct MetricsPage {
    address: SocketAddr,
    tasks: [JoinHandle<()>; 2],
}

/// Serves `/metrics` and `/healthz` at this address, whose port can be 0.
pub(crate) async fn start(address: SocketAddr) -> anyhow::Result<MetricsPage> {
    let listening = || {
        format!("can't listen on {address}: choose another port, or end the program that has it")
    };
    let listener = TcpListener::bind(address).await.with_context(listening)?;
    let address = listener.local_addr().with_context(listening)?;
    let metrics = BUCKETS
        .iter()
        .try_fold(PrometheusBuilder::new(), |builder, (name, bounds)| {
            builder.set_buckets_for_metric(Matcher::Full((*name).to_owned()), bounds)
        })
        .and_then(PrometheusBuilder::install_recorder)
        .context("the figures can't be recorded")?;
    let kept = metrics.clone();
    let upkeep = tokio::spawn(async move {
        loop {
            sleep(UPKEEP).await;
            kept.run_upkeep();
        }
    });
    let pages = Router::new()
        .route("/metrics", get(async move || metrics.render()))
        .route("/healthz", get(async || "ok\n"));
    let serving = tokio::spawn(async move {
        // Accepting does not end by an error.
        if let Err(error) = axum::serve(listener, pages).await {
            tracing::error!(%error, "the figures are shown no longer");
        }
    });
    Ok(MetricsPage {
        address,
        tasks: [upkeep, serving],
    })
}

impl MetricsPage {
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for MetricsPage {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}
