//! A server that one test has for itself.

use tokio_postgres::Client;

use super::cluster::Cluster;
use super::{connect, or_fail};

/// How an [`ExclusiveServer`] is set up. The default is a server without TLS.
#[derive(Clone, Default)]
pub struct ServerOptions {
    /// Offers TLS (`ssl=on`) with this certificate; connections without TLS are accepted as well.
    pub tls: Option<ServerTls>,
    /// Settings as in `postgresql.conf`, `name=value`, over those that make the tests quick.
    pub settings: Vec<String>,
}

/// What a server proves its name with.
#[derive(Clone)]
pub struct ServerTls {
    /// The certificate, with those of the intermediate authorities after it, as PEM.
    pub certificate_pem: String,
    /// The certificate's private key, as PEM.
    pub key_pem: String,
}

/// A Postgres server of the test's own, on a port of 127.0.0.1 that stays the same over stops and starts.
///
/// It is stopped and its files are removed when the value is dropped, or when the test process ends in any other way.
/// The calls block their thread, for a second when the server is made and for about a tenth of one to stop or start it.
///
/// # Panics
///
/// Every call panics when the server does not do as it is told within a minute.
pub struct ExclusiveServer {
    cluster: Cluster,
}

impl ExclusiveServer {
    /// Makes and starts a server.
    #[must_use]
    pub fn new(options: &ServerOptions) -> Self {
        Self {
            cluster: or_fail(Cluster::start_new(
                options.tls.as_ref(),
                options.settings.clone(),
            )),
        }
    }

    /// Makes and starts a server that follows this one: it has all that this one has committed from now on, can be read, and
    /// takes no writes until it is [promoted](Self::promote).
    #[must_use]
    pub fn standby(&self) -> Self {
        Self {
            cluster: or_fail(Cluster::start_standby_of(&self.cluster)),
        }
    }

    /// Makes a [standby](Self::standby) a server that takes writes.
    ///
    /// # Panics
    ///
    /// When it is not within a minute.
    pub async fn promote(&self) {
        let client = self.connect().await;
        let promoted = client.query_one("SELECT pg_promote()", &[]).await;
        let is_promoted: bool = promoted.expect("it can be asked").get(0);
        assert!(is_promoted, "the standby was not promoted within a minute");
    }

    /// The superuser's `postgres://` URL for the server's database `postgres`.
    #[must_use]
    pub fn url(&self) -> String {
        self.cluster.url()
    }

    /// Connects as the superuser, without TLS. The connection is driven on a task of the current runtime.
    pub async fn connect(&self) -> Client {
        or_fail(connect(&self.url()).await)
    }

    /// Stops the server as an operator does: its connections are ended with an error, and everything is written.
    /// Connecting is refused until [`start`](Self::start). Does nothing while it is stopped.
    pub fn stop(&mut self) {
        or_fail(self.cluster.stop());
    }

    /// Starts the server again after [`stop`](Self::stop) or [`kill`](Self::kill), with all that was committed. Does
    /// nothing while it runs.
    pub fn start(&mut self) {
        or_fail(self.cluster.start());
    }

    /// Stops the server and starts it as one that replicates another, which never sends anything: it can be read, and
    /// takes no writes.
    pub fn restart_as_standby(&mut self) {
        or_fail(self.cluster.restart_as_standby());
    }

    /// Kills every process of the server (SIGKILL) as a power cut does: its connections break without a word.
    pub fn kill(&mut self) {
        or_fail(self.cluster.kill());
    }
}
