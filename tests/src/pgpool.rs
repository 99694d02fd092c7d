//! Throw-away pgpool-II: [`PgPool`] stands before a Postgres of the tests.

use anyhow::Context as _;
use url::Url;

use crate::server::{Account, ReservedPort, Server, find_program};

const ADVICE: &str =
    "install Debian's package `pgpool2`, or run `scripts/matrix pgpool`, which does";

const SETTINGS: &str = "pgpool.conf";
const PASSWORDS: &str = "pool_passwd";
const COMMAND_PASSWORDS: &str = "pcp.conf";
const ACCESS: &str = "pool_hba.conf";

/// A pgpool-II of the test's own, before one server.
///
/// It ends and its files are removed when the value is dropped, or when the test process ends in
/// any other way.
pub struct PgPool {
    _server: Server,
    port: ReservedPort,
    _command_port: ReservedPort,
}

impl PgPool {
    /// Starts one before the server of these URLs, for the users that they name.
    ///
    /// # Panics
    ///
    /// If it is not installed, a text is not a URL, or it does not start within a minute.
    #[must_use]
    pub fn before(urls: &[&str]) -> Self {
        Self::start_before(urls).unwrap_or_else(|error| panic!("test pgpool-II: {error:#}"))
    }

    fn start_before(urls: &[&str]) -> anyhow::Result<Self> {
        // Errors never repeat a URL, which may hold a password.
        let urls: Vec<Url> = urls
            .iter()
            .map(|url| url.parse())
            .collect::<Result<_, _>>()?;
        let first = urls.first().context("no server to stand before")?;
        let host = first.host_str().context("the URL names no host")?;
        let server_port = first.port().unwrap_or(5432);
        let (port, command_port) = (ReservedPort::new()?, ReservedPort::new()?);
        let mut server = Server::new("pgpool", Account::unprivileged()?)?;
        let directory = server.directory().display().to_string();
        let (own_port, own_command_port) = (port.address().port(), command_port.address().port());
        let settings = format!(
            "backend_clustering_mode = 'streaming_replication'\n\
             backend_hostname0 = '{host}'\n\
             backend_port0 = {server_port}\n\
             backend_flag0 = 'ALWAYS_PRIMARY'\n\
             listen_addresses = '127.0.0.1'\n\
             port = {own_port}\n\
             pcp_listen_addresses = '127.0.0.1'\n\
             pcp_port = {own_command_port}\n\
             socket_dir = '{directory}'\n\
             pcp_socket_dir = '{directory}'\n\
             wd_ipc_socket_dir = '{directory}'\n\
             pid_file_name = '{directory}/pgpool.pid'\n\
             logdir = '{directory}'\n\
             pool_passwd = '{PASSWORDS}'\n\
             enable_pool_hba = on\n\
             num_init_children = 16\n\
             sr_check_period = 0\n\
             health_check_period = 0\n"
        );
        server.write_file(SETTINGS, &settings)?;
        let passwords = urls.iter().map(|url| {
            let password = url.password().unwrap_or_default();
            format!("{}:TEXT{password}\n", url.username())
        });
        server.write_file(PASSWORDS, &passwords.collect::<String>())?;
        server.write_file(COMMAND_PASSWORDS, "")?;
        server.write_file(ACCESS, "host all all 127.0.0.1/32 scram-sha-256\n")?;
        let binary = find_program("pgpool", ADVICE)?;
        let mut command = server.command(&binary)?;
        command
            .args(["-n", "-f", SETTINGS])
            .args(["-F", COMMAND_PASSWORDS, "-a", ACCESS]);
        server.spawn(command)?;
        server.wait_until_listening(port.address())?;
        Ok(Self {
            _server: server,
            port,
            _command_port: command_port,
        })
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
}
