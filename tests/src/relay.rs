//! `tracker relay` as a process: [`RelayProcess`].

use std::fs;

use rustix::process::Signal;

use crate::examples::tracker_command;
use crate::server::Server;

/// The line of a relay that has begun.
const BEGUN: &str = "relaying from";

/// A relay, which is gone with the value, or when the test process ends in any other way.
///
/// # Panics
///
/// Every call panics if the relay does not comply within a minute.
pub struct RelayProcess {
    server: Server,
}

impl RelayProcess {
    /// Starts a relay from these NATS servers to this store, and waits until it relays.
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

    /// Kills it (SIGKILL): its messages are delivered again, to others.
    pub fn kill(&mut self) {
        or_fail(self.server.kill());
    }

    /// Ends it in an operator's way (SIGTERM), and returns its output. It finishes its messages.
    pub fn stop(&mut self) -> String {
        or_fail(self.server.stop(Signal::TERM));
        fs::read_to_string(self.server.log()).unwrap_or_default()
    }
}

/// Returns the value, or panics with the whole chain of causes.
#[track_caller]
fn or_fail<T>(result: anyhow::Result<T>) -> T {
    result.unwrap_or_else(|error| panic!("test relay: {error:#}"))
}
