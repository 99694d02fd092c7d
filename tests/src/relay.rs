//! `tracker relay` as a process: [`RelayProcess`].

use std::fs;

use rustix::process::Signal;

use crate::examples::tracker_command;
use crate::server::Server;

/// What a relay says when it has begun.
const BEGUN: &str = "relaying from";

/// A relay, which is gone with the value, or when the test process ends in any other way.
///
/// # Panics
///
/// Every call panics when the relay does not do as it is told within a minute.
pub struct RelayProcess {
    server: Server,
}

impl RelayProcess {
    /// Starts one from these NATS servers to this store, and waits until it relays.
    #[must_use]
    pub fn start(nats: &str, store: &str) -> Self {
        or_fail(Self::try_start(nats, store))
    }

    fn try_start(nats: &str, store: &str) -> anyhow::Result<Self> {
        let mut server = Server::new("relay", None)?;
        let mut command = server.command(tracker_command())?;
        command
            .arg("relay")
            .env("TRACKER_NATS", nats)
            .env("TRACKER_STORE", store);
        server.spawn(command)?;
        let log = server.log();
        server
            .wait_until_ready(|| fs::read_to_string(&log).is_ok_and(|said| said.contains(BEGUN)))?;
        Ok(Self { server })
    }

    /// Kills it (SIGKILL): what it had is delivered again, to others.
    pub fn kill(&mut self) {
        or_fail(self.server.kill());
    }

    /// Ends it as an operator does (SIGTERM): it finishes what it has. Returns what it has said.
    pub fn stop(&mut self) -> String {
        or_fail(self.server.stop(Signal::TERM));
        fs::read_to_string(self.server.log()).unwrap_or_default()
    }
}

/// The value, or a panic that tells the whole chain of causes.
#[track_caller]
fn or_fail<T>(result: anyhow::Result<T>) -> T {
    result.unwrap_or_else(|error| panic!("test relay: {error:#}"))
}
