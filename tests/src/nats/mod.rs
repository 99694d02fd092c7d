//! Throw-away NATS.
//!
//! - [`NatsCluster`] is one or more `nats-server` processes with JetStream, of the test's own. The
//!   test can stop, kill and restart its nodes.
//! - [`NatsOptions`] sets how many, and what else is in their settings: accounts, users,
//!   permissions, TLS, limits.
//! - [`NatsRelease`] is which server: the usual one, or one of a release that has what a test is
//!   about.
//!
//! Every node listens on 127.0.0.1 only, keeps everything in a temporary directory, and is guarded
//! by a watchdog process that removes all of it however the test process ends.

mod cluster;
mod monitoring;
mod node;
mod options;
mod release;

pub use self::cluster::{NatsCluster, NatsNode};
pub use self::options::NatsOptions;
pub use self::release::NatsRelease;

/// Returns the value, or panics with the whole chain of causes: a test can't go on without its
/// server.
#[track_caller]
fn or_fail<T>(result: anyhow::Result<T>) -> T {
    result.unwrap_or_else(|error| panic!("test NATS: {error:#}"))
}
