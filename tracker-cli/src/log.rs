//! What is logged, on stderr.

use std::io;

use tracing_subscriber::{EnvFilter, fmt};

/// Starts the log: this program's warnings unless more is asked for, and what happens where a server
/// runs. `RUST_LOG` overrides both.
///
/// Others' warnings repeat what an error of this program's says, and are left to -vv. They can't be
/// turned off by name, since `deadpool.postgres` is none that a filter can have.
pub(crate) fn start(verbose: u8, is_server: bool) {
    let default = match verbose.saturating_add(is_server.into()) {
        // Of all the crates whose names begin so.
        0 => "tracker=warn",
        1 => "tracker=info",
        2 => "debug,tokio_postgres=info,hyper=info",
        _ => "trace",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    fmt().with_env_filter(filter).with_writer(io::stderr).init();
}
