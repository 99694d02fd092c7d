//! Throw-away Postgres.
//!
//! - [`TestDatabase`] is what most tests want: an empty database of their own, on a server that
//!   all tests of a process share. That server is the one `DATABASE_URL` names, else a cluster made
//!   from the local server binaries by the first test that needs it (about a second).
//! - [`ExclusiveServer`] is a server of the test's own, to be stopped, started and killed, or
//!   reached over TLS. It is always made from the local binaries.
//!
//! A cluster made here listens on 127.0.0.1 only, has a password of its own, keeps everything in
//! one temporary directory, and is guarded by a watchdog process that removes all of it however the
//! test process ends.

mod cluster;
mod database;
mod exclusive;
mod installation;
mod options;

use std::{path::PathBuf, time::Duration};

use anyhow::Context as _;
use tokio::time::timeout;
use tokio_postgres::{Client, NoTls};

use self::installation::Installation;

pub use self::database::TestDatabase;
pub use self::exclusive::ExclusiveServer;
pub use self::options::{ServerOptions, ServerTls};

/// Returns the path of a program of the installation, such as `psql`.
///
/// # Panics
///
/// If there is no installation.
#[must_use]
pub fn binary(name: &str) -> PathBuf {
    or_fail(Installation::find()).binary(name)
}

/// Connects without TLS, and drives the connection on a task of the current runtime.
async fn connect(url: &str) -> anyhow::Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .context("can't connect to the test server")?;
    // The client reports the end of the connection: its next call fails.
    tokio::spawn(connection);
    Ok(client)
}

/// Returns the value, or panics with the whole chain of causes: a test can't go on without its
/// server.
#[track_caller]
fn or_fail<T>(result: anyhow::Result<T>) -> T {
    result.unwrap_or_else(|error| panic!("test Postgres: {error:#}"))
}

/// The longest wait of [`eventually`]. Its conditions take milliseconds, unless the machine is busy
/// with other tests.
const EVENTUALLY_LIMIT: Duration = Duration::from_secs(30);

/// Waits until the server answers `question` with true.
///
/// # Panics
///
/// If it does not within 30 seconds.
pub async fn eventually(client: &Client, question: &str) {
    let asking = async {
        while !client
            .query_one(question, &[])
            .await?
            .try_get::<_, bool>(0)?
        {}
        Ok::<_, tokio_postgres::Error>(())
    };
    let answer = timeout(EVENTUALLY_LIMIT, asking).await;
    or_fail(
        answer
            .with_context(|| format!("never true in {EVENTUALLY_LIMIT:?}: {question}"))
            .and_then(|asked| Ok(asked?)),
    );
}
