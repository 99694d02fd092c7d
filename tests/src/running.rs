//! A program that runs until a test ends it: [`Running`].

use std::fs;
use std::path::Path;
use std::process::Command;

pub use rustix::process::Signal;

use crate::server::Server;

/// A running program in an empty directory of its own. Both are gone with the value, or when the
/// test process ends in any other way.
///
/// # Panics
///
/// Every call panics if the program does not comply within a minute.
pub struct Running {
    server: Server,
}

impl Running {
    /// Starts a program, and waits until its output contains the text `begun`. The directory has
    /// `name` in its own. `settings` adds arguments and variables.
    #[must_use]
    pub fn start(
        name: &'static str,
        program: &Path,
        begun: &str,
        settings: impl FnOnce(&mut Command),
    ) -> Self {
        or_fail(name, Self::try_start(name, program, begun, settings))
    }

    fn try_start(
        name: &'static str,
        program: &Path,
        begun: &str,
        settings: impl FnOnce(&mut Command),
    ) -> anyhow::Result<Self> {
        let mut server = Server::new(name, None)?;
        let mut command = server.command(program)?;
        // An error stands at the end of the output, with no trace behind it.
        command.env("RUST_BACKTRACE", "0");
        settings(&mut command);
        server.spawn(command)?;
        let log = server.log();
        server
            .wait_until_ready(|| fs::read_to_string(&log).is_ok_and(|said| said.contains(begun)))?;
        Ok(Self { server })
    }

    /// Returns the directory in which the program runs.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.server.directory()
    }

    /// Returns the output so far.
    #[must_use]
    pub fn output(&self) -> String {
        fs::read_to_string(self.server.log()).unwrap_or_default()
    }

    /// Kills the program (SIGKILL).
    pub fn kill(&mut self) {
        or_fail("kill", self.server.kill());
    }

    /// Ends the program by a signal, and returns its output. The program has to report success.
    pub fn stop(&mut self, by: Signal) -> String {
        or_fail("stop", self.try_stop(by))
    }

    fn try_stop(&mut self, by: Signal) -> anyhow::Result<String> {
        let status = self.server.end(by)?;
        let output = self.output();
        let has_succeeded = status.is_some_and(|status| status.success());
        anyhow::ensure!(has_succeeded, "it has ended with {status:?}: {output}");
        Ok(output)
    }
}

/// Returns the value, or panics with the whole chain of causes.
#[track_caller]
fn or_fail<T>(name: &str, result: anyhow::Result<T>) -> T {
    result.unwrap_or_else(|error| panic!("test program, {name}: {error:#}"))
}
