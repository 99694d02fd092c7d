//! Throw-away web proxies: a [`WebProxy`] stands before a server of the tests, with the settings
//! that docs/operations.md has for its kind.
//!
//! Every helper panics if its test has failed already.

#![expect(clippy::missing_panics_doc, reason = "as said above")]

mod kind;

use std::net::SocketAddr;

use anyhow::Context as _;
use rustix::process::Signal;

pub use self::kind::Kind;
use crate::server::{Account, ReservedPort, Server, find_program};

/// The page for operators, which has the settings.
const PAGE: &str = include_str!("../../../docs/operations.md");

/// A proxy of the test's own. It serves below `/tracker/` the root of a server.
///
/// It is stopped and its files are removed when the value is dropped, or when the test process ends
/// in any other way.
pub struct WebProxy {
    server: Server,
    port: ReservedPort,
}

impl WebProxy {
    /// Starts one before the server at this address, and waits until it listens.
    #[must_use]
    pub fn before(kind: Kind, backend: SocketAddr) -> Self {
        let started = Self::start_before(kind, backend);
        started.unwrap_or_else(|error| panic!("test proxy {}: {error:#}", kind.name()))
    }

    fn start_before(kind: Kind, backend: SocketAddr) -> anyhow::Result<Self> {
        let server = Server::new(kind.name(), Account::unprivileged()?)?;
        let mut proxy = Self {
            server,
            port: ReservedPort::new()?,
        };
        let address = proxy.address();
        let documented = documented(kind)?;
        let (settings, arguments) =
            kind.settings(documented, backend, address, proxy.server.directory())?;
        let file = proxy.server.write_file("settings", &settings)?;
        let mut command = proxy.server.command(&find_program(
            kind.program(),
            "`scripts/matrix` installs it",
        )?)?;
        command.args(arguments).arg(file);
        proxy.server.spawn(command)?;
        proxy.server.wait_until_listening(address)?;
        Ok(proxy)
    }

    /// Returns its address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.port.address()
    }
}

impl Drop for WebProxy {
    fn drop(&mut self) {
        // A termination signal lets the proxy end all of its processes; the watchdog knows only one
        // of them.
        let _ = self.server.stop(Signal::TERM);
    }
}

/// Returns the settings of a kind on the page.
fn documented(kind: Kind) -> anyhow::Result<&'static str> {
    let begin = format!("```{}\n", kind.fence());
    let block = PAGE.split_once(&begin).map(|(_, rest)| rest);
    let block = block.and_then(|rest| rest.split_once("```"));
    let (block, _) = block.with_context(|| format!("the page has no block {begin}"))?;
    Ok(block)
}
