//! Throw-away PGlite: [`PGlite`] is a Postgres in WebAssembly, behind the socket of its package
//! `pglite-socket`.

use std::fs;
use std::path::Path;

use anyhow::Context as _;

use crate::server::{ReservedPort, Server};

/// The path at which `scripts/matrix` installs it.
const PROGRAM: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../target/pglite/node_modules/@electric-sql/pglite-socket/dist/scripts/server.js"
);

/// A PGlite of the test's own, with an empty database in memory.
///
/// It ends when the value is dropped, or when the test process ends in any other way.
pub struct PGlite {
    _server: Server,
    port: ReservedPort,
}

impl PGlite {
    /// Starts one that takes this number of connections at a time; its own default is 1.
    ///
    /// # Panics
    ///
    /// If it is not installed, or does not start within a minute.
    #[must_use]
    pub fn taking(connections: usize) -> Self {
        Self::start(connections).unwrap_or_else(|error| panic!("test PGlite: {error:#}"))
    }

    fn start(connections: usize) -> anyhow::Result<Self> {
        let program = Path::new(PROGRAM);
        anyhow::ensure!(
            program.is_file(),
            "it is not in target/pglite: run `scripts/matrix pglite`, which installs it"
        );
        let port = ReservedPort::new()?;
        let mut server = Server::new("pglite", None)?;
        let mut command = server.command(Path::new("node"))?;
        command
            .arg(fs::canonicalize(program).context("can't find it")?)
            .args(["--port", &port.address().port().to_string()])
            .args(["--max-connections", &connections.to_string()]);
        server.spawn(command)?;
        // An attempt would take the only connection.
        let log = server.log();
        server.wait_until_ready(|| {
            fs::read_to_string(&log).is_ok_and(|log| log.contains("listening on"))
        })?;
        Ok(Self {
            _server: server,
            port,
        })
    }

    /// Returns the URL of its database.
    #[must_use]
    pub fn url(&self) -> String {
        format!(
            "postgres://postgres:postgres@{}/postgres",
            self.port.address()
        )
    }
}
