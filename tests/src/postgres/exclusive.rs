//! A server for one test.

use tokio_postgres::Client;

use super::cluster::Cluster;
use super::options::ServerOptions;
use super::{connect, or_fail};

/// A Postgres server of the test's own, on a port of 127.0.0.1 that stays the same across restarts.
///
/// It is stopped and its files are removed when the value is dropped, or when the test process ends
/// in any other way. Calls block their thread: for a second to create the server, and for about a
/// tenth of one to stop or start it.
///
/// # Panics
///
/// Every call panics if the server does not comply within a minute.
pub struct ExclusiveServer {
    cluster: Cluster,
}

impl ExclusiveServer {
    /// Creates and starts a server.
    #[must_use]
    pub fn new(options: &ServerOptions) -> Self {
        Self {
            cluster: or_fail(Cluster::start_new(
                options.tls.as_ref(),
                options.settings.clone(),
            )),
        }
    }

    /// Creates and starts a standby of this server. It has everything that this one commits from
    /// now on, can be read, and refuses writes until it is [promoted](Self::promote).
    #[must_use]
    pub fn standby(&self) -> Self {
        Self {
            cluster: or_fail(Cluster::start_standby_of(&self.cluster)),
        }
    }

    /// Makes a [standby](Self::standby) a server that accepts writes.
    ///
    /// # Panics
    ///
    /// If it is not promoted within a minute.
    pub async fn promote(&self) {
        let client = self.connect().await;
        let promoted = client.query_one("SELECT pg_promote()", &[]).await;
        let is_promoted: bool = promoted.expect("it can be asked").get(0);
        assert!(is_promoted, "the standby was not promoted within a minute");
    }

    /// Returns the superuser's `postgres://` URL of the server's database `postgres`.
    #[must_use]
    pub fn url(&self) -> String {
        self.cluster.url()
    }

    /// Connects as the superuser, without TLS. The connection is driven on a task of the current
    /// runtime.
    pub async fn connect(&self) -> Client {
        or_fail(connect(&self.url()).await)
    }

    /// Stops the server in an operator's way: connections end with an error, and everything is
    /// written. Connections are refused until [`start`](Self::start). Does nothing while it is
    /// stopped.
    pub fn stop(&mut self) {
        or_fail(self.cluster.stop());
    }

    /// Restarts the server after [`stop`](Self::stop) or [`kill`](Self::kill), with everything that
    /// was committed. Does nothing while it runs.
    pub fn start(&mut self) {
        or_fail(self.cluster.start());
    }

    /// Stops the server and starts it as a standby without a primary: it can be read, and refuses
    /// writes.
    pub fn restart_as_standby(&mut self) {
        or_fail(self.cluster.restart_as_standby());
    }

    /// Kills every process of the server (SIGKILL), as a power cut does: its connections break
    /// silently.
    pub fn kill(&mut self) {
        or_fail(self.cluster.kill());
    }
}
