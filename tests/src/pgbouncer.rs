//! Throw-away PgBouncer: [`PgBouncer`] pools the connections of a test's Postgres by transaction.

use std::path::PathBuf;

use anyhow::Context as _;
use rustix::process::Signal;
use url::Url;

use crate::server::{Account, ReservedPort, Server, find_program};

const ADVICE: &str = "install Debian's package `pgbouncer`, or run `scripts/test`, which does";

const SETTINGS: &str = "pgbouncer.ini";
const USERS: &str = "users.txt";

/// A PgBouncer of the test's own, in transaction mode: each transaction has any free connection of
/// the server. It accepts the names and passwords of the server.
///
/// It is stopped and its files are removed when the value is dropped, or when the test process ends
/// in any other way. The calls block their thread, for less than a tenth of a second.
///
/// # Panics
///
/// Every call panics if PgBouncer does not comply within a minute.
pub struct PgBouncer {
    server: Server,
    port: ReservedPort,
}

impl PgBouncer {
    /// Starts one before the server of this superuser's URL, with at most `connections` connections
    /// for each database and user.
    #[must_use]
    pub fn before(server_url: &str, connections: usize) -> Self {
        or_fail(Self::start_before(server_url, connections))
    }

    fn start_before(server_url: &str, connections: usize) -> anyhow::Result<Self> {
        // Errors never repeat the URL, which may hold a password.
        let url: Url = server_url.parse()?;
        let host = url.host_str().context("the URL names no host")?;
        let password = url.password().unwrap_or_default();
        let (user, server_port) = (url.username(), url.port().unwrap_or(5432));
        let port = ReservedPort::new()?;
        let own_port = port.address().port();
        let server = Server::new("pgbouncer", Account::unprivileged()?)?;
        // The file holds one user's password; those of others are asked of the server, as the
        // manual advises.
        server.write_file(USERS, &format!("\"{user}\" \"{password}\"\n"))?;
        let settings = format!(
            "[databases]\n\
             * = host={host} port={server_port} auth_user={user}\n\
             [pgbouncer]\n\
             listen_addr = 127.0.0.1\n\
             listen_port = {own_port}\n\
             unix_socket_dir =\n\
             auth_type = scram-sha-256\n\
             auth_file = {USERS}\n\
             pool_mode = transaction\n\
             default_pool_size = {connections}\n\
             max_client_conn = 200\n\
             server_login_retry = 1\n"
        );
        server.write_file(SETTINGS, &settings)?;
        let mut bouncer = Self { server, port };
        bouncer.try_start()?;
        Ok(bouncer)
    }

    /// Returns the URL of a database through the pooler, for the database's URL on the server.
    ///
    /// # Panics
    ///
    /// If the text is not a URL.
    #[must_use]
    pub fn url(&self, server_url: &str) -> String {
        self.port.stand_in(server_url)
    }

    /// Starts it again after [`stop`](Self::stop) or [`kill`](Self::kill). Does nothing while it
    /// runs.
    pub fn start(&mut self) {
        or_fail(self.try_start());
    }

    fn try_start(&mut self) -> anyhow::Result<()> {
        if self.server.id().is_some() {
            return Ok(());
        }
        let binary = find_program("pgbouncer", ADVICE)?;
        let mut command = self.server.command(&binary)?;
        command.arg(SETTINGS);
        self.server.spawn(command)?;
        self.server.wait_until_listening(self.port.address())
    }

    /// Stops it at once, with all connections. Does nothing while it is stopped.
    pub fn stop(&mut self) {
        or_fail(self.server.stop(Signal::TERM));
    }

    /// Kills it (SIGKILL): connections on both sides break silently. Does nothing while it is
    /// stopped.
    pub fn kill(&mut self) {
        or_fail(self.server.kill());
    }

    /// Returns the process ID while it runs.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.server.id()
    }

    /// Returns its directory.
    #[must_use]
    pub fn directory(&self) -> PathBuf {
        self.server.directory().to_owned()
    }
}

/// Returns the value, or panics with the whole chain of causes: a test can't go on without its
/// server.
#[track_caller]
fn or_fail<T>(result: anyhow::Result<T>) -> T {
    result.unwrap_or_else(|error| panic!("test PgBouncer: {error:#}"))
}
