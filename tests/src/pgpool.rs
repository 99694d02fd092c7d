//! Throw-away pgpool-II: [`PgPool`] stands before a Postgres of the tests.

use std::env;
use std::net::TcpStream;
use std::path::PathBuf;

use anyhow::Context as _;
use url::Url;

use crate::server::{Account, ReservedPort, Server};

/// Where Debian keeps it: not on everybody's `PATH`.
const DEBIAN_BINARY: &str = "/usr/sbin/pgpool";

const SETTINGS: &str = "pgpool.conf";
const PASSWORDS: &str = "pool_passwd";
const COMMAND_PASSWORDS: &str = "pcp.conf";
const ACCESS: &str = "pool_hba.conf";

/// A pgpool-II of the test's own, before one server.
///
/// It ends and its files are removed when the value is dropped, or when the test process ends in any other way.
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
    /// When it is not installed, a URL is none, or it does not start within a minute.
    #[must_use]
    pub fn before(urls: &[&str]) -> Self {
        Self::start_before(urls).unwrap_or_else(|error| panic!("test pgpool-II: {error:#}"))
    }

    fn start_before(urls: &[&str]) -> anyhow::Result<Self> {
        // An error never repeats the text, in which a password may be.
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
        let mut command = server.command(&binary()?)?;
        command
            .args(["-n", "-f", SETTINGS])
            .args(["-F", COMMAND_PASSWORDS, "-a", ACCESS]);
        server.spawn(command)?;
        let address = port.address();
        server.wait_until_ready(|| TcpStream::connect(address).is_ok())?;
        Ok(Self {
            _server: server,
            port,
            _command_port: command_port,
        })
    }

    /// The URL with which a database of the server is reached through it, for the server's own URL of that.
    ///
    /// # Panics
    ///
    /// When it is no URL.
    #[must_use]
    pub fn url(&self, server_url: &str) -> String {
        let mut url: Url = server_url.parse().expect("a URL");
        let port = self.port.address().port();
        url.set_host(Some("127.0.0.1")).expect("it has a host");
        url.set_port(Some(port)).expect("it has a port");
        url.into()
    }
}

fn binary() -> anyhow::Result<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .map(|folder| folder.join("pgpool"))
        .chain([PathBuf::from(DEBIAN_BINARY)])
        .find(|binary| binary.is_file())
        .context(
            "no `pgpool` on PATH or in /usr/sbin: install Debian's package `pgpool2`, or run `scripts/matrix pgpool`, \
             which does",
        )
}
