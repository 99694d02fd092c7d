//! The log on stderr.

use std::io;

use tracing_subscriber::{EnvFilter, fmt};

/// Starts the log: the warnings of this program by default, and the events of a server. `RUST_LOG`
/// overrides both.
///
/// The warnings of other crates repeat the errors of this program, so they need -vv. A filter can't
/// name `deadpool.postgres`, so they can't be turned off by name.
pub(crate) fn start(verbose: u8, is_server: bool) {
    let default = match verbose.saturating_add(is_server.into()) {
        // This covers all crates whose names begin so.
        0 => "tracker=warn",
        1 => "tracker=info",
        2 => "debug,tokio_postgres=info,hyper=info",
        _ => "trace",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    fmt().with_env_filter(filter).with_writer(io::stderr).init();
}
