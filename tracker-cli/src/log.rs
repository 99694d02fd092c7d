//! What is logged, on stderr.

use std::io;

use tracing_subscriber::{EnvFilter, fmt};

/// Starts the log: warnings unless more is asked for, and what happens where a server runs. `RUST_LOG` overrides both.
pub(crate) fn start(verbose: u8, is_server: bool) {
    let default = match verbose.saturating_add(is_server.into()) {
        // The client of NATS logs each attempt to connect; what comes of them is said once.
        0 => "warn,async_nats=off",
        1 => "info,async_nats=off",
        2 => "debug,tokio_postgres=info,hyper=info",
        _ => "trace",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    fmt().with_env_filter(filter).with_writer(io::stderr).init();
}
