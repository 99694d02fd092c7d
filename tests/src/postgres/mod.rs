//! Throw-away Postgres.
//!
//! - [`TestDatabase`] is what most tests want: an empty database of their own, on a server that all tests of a process
//!   share. That server is the one `DATABASE_URL` names, else a cluster made from the local server binaries by the
//!   first test that needs it (about a second).
//! - [`ExclusiveServer`] is a server of the test's own, to be stopped, started and killed, or reached over TLS. It is
//!   always made from the local binaries.
//!
//! A cluster made here listens on 127.0.0.1 only, has a password of its own, keeps everything in one temporary
//! directory, and is guarded by a watchdog process that removes all of it however the test process ends.

mod cluster;
mod database;
mod exclusive;
mod installation;
mod watchdog;

use anyhow::Context as _;
use tokio_postgres::{Client, NoTls};

pub use self::database::TestDatabase;
pub use self::exclusive::{ExclusiveServer, ServerOptions, ServerTls};

/// Connects without TLS, and drives the connection on a task of the current runtime.
async fn connect(url: &str) -> anyhow::Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .context("can't connect to the test server")?;
    // How the connection ends is told to whoever uses the client: its next call fails.
    tokio::spawn(connection);
    Ok(client)
}

/// The value, or a panic that tells the whole chain of causes: a test can't go on without its server.
#[track_caller]
fn or_fail<T>(result: anyhow::Result<T>) -> T {
    result.unwrap_or_else(|error| panic!("test Postgres: {error:#}"))
}
