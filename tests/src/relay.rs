//! `tracker relay` as a process: [`RelayProcess`].

use crate::examples::tracker_command;
use crate::running::{Running, Signal};

/// The line of a relay that has begun.
const BEGUN: &str = "relaying from";

/// A relay, which is gone with the value, or when the test process ends in any other way.
///
/// # Panics
///
/// Every call panics if the relay does not comply within a minute.
pub struct RelayProcess(Running);

impl RelayProcess {
    /// Starts a relay from these NATS servers to this store, and waits until it relays.
    #[must_use]
    pub fn start(nats: &str, store: &str) -> Self {
        Self(Running::start(
            "relay",
            tracker_command(),
            BEGUN,
            |command| {
                command
                    .arg("relay")
                    .env("TRACKER_NATS", nats)
                    .env("TRACKER_STORE", store);
            },
        ))
    }

    /// Kills it (SIGKILL): its messages are delivered again, to others.
    pub fn kill(&mut self) {
        self.0.kill();
    }

    /// Ends it in an operator's way (SIGTERM), and returns its output. It finishes its messages.
    pub fn stop(&mut self) -> String {
        self.0.stop(Signal::TERM)
    }
}
