//! The metrics page of a process that serves nothing else.

use std::{net::SocketAddr, time::Duration};

use anyhow::Context as _;
use axum::{Router, routing::get};
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::{net::TcpListener, task::JoinHandle, time::sleep};

use super::listen::ListenAddress;

/// The interval at which old samples are removed.
const UPKEEP: Duration = Duration::from_secs(5);

/// The page. Dropping it ends it.
pub(crate) struct MetricsPage {
    address: SocketAddr,
    tasks: [JoinHandle<()>; 2],
}

/// Serves `/metrics` and `/healthz` at this address, whose port can be 0. A name is served at the
/// first of its addresses that this machine has.
pub(crate) async fn start(asked: &ListenAddress) -> anyhow::Result<MetricsPage> {
    let listening =
        || format!("can't listen on {asked}: choose another port, or end the program that has it");
    let addresses = asked.resolved("--metrics").await?;
    let listener = TcpListener::bind(&*addresses).await;
    let listener = listener.with_context(listening)?;
    let address = listener.local_addr().with_context(listening)?;
    let metrics = PrometheusBuilder::new()
        .install_recorder()
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
