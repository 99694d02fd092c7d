//! A server process of a test, which ends with the test in all cases.

mod account;
mod port;
mod program;
mod watchdog;

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::{OpenOptionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};

pub(crate) use self::account::Account;
pub use self::port::ReservedPort;
pub(crate) use self::program::find as find_program;
pub(crate) use self::watchdog::Watchdog;
use crate::process::{holds_within, is_running};

/// The longest time in which a server starts or stops. Either takes seconds on an idle machine.
pub(crate) const SERVER_LIMIT: Duration = Duration::from_mins(1);

/// A server: its directory, which goes with it, and its process while it runs.
pub(crate) struct Server {
    name: &'static str,
    account: Option<Account>,
    watchdog: Watchdog,
    /// `None` while the server is stopped.
    process: Option<Child>,
}

impl Server {
    /// Creates the directory of a server, which belongs to the server's account. `None` is the
    /// account of the tests.
    pub(crate) fn new(name: &'static str, account: Option<Account>) -> anyhow::Result<Self> {
        let server = Self {
            name,
            account,
            watchdog: Watchdog::start(name)?,
            process: None,
        };
        server.hand_over(server.directory())?;
        Ok(server)
    }

    /// Returns the working directory of the server, to which paths in its settings are relative.
    pub(crate) fn directory(&self) -> &Path {
        self.watchdog.directory()
    }

    /// Returns the process ID while the server runs.
    pub(crate) fn id(&self) -> Option<u32> {
        self.process.as_ref().map(Child::id)
    }

    /// Writes a file that only the server's account can read, which Postgres demands of a key.
    pub(crate) fn write_file(&self, name: &str, content: &str) -> anyhow::Result<PathBuf> {
        let path = self.directory().join(name);
        let mut file = File::options()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&path)
            .with_context(|| format!("can't create the file `{name}`"))?;
        file.write_all(content.as_bytes())
            .with_context(|| format!("can't write the file `{name}`"))?;
        self.hand_over(&path)?;
        Ok(path)
    }

    /// Returns a command that runs `program` in the directory, under the server's account and
    /// guarded.
    pub(crate) fn command(&self, program: &Path) -> anyhow::Result<Command> {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.log())
            .context("can't open the server's log")?;
        self.watchdog.guarded(program, self.account, log)
    }

    /// Runs a preparing command to its end.
    pub(crate) fn prepare(&mut self, mut command: Command) -> anyhow::Result<()> {
        let status = command.status();
        self.watchdog.forget()?;
        let status = status.with_context(|| format!("can't prepare {}", self.name))?;
        anyhow::ensure!(
            status.success(),
            "{} can't be prepared ({status}): {}",
            self.name,
            self.log_tail()
        );
        Ok(())
    }

    /// Starts the first process of the server, or another one after it has ended.
    pub(crate) fn spawn(&mut self, mut command: Command) -> anyhow::Result<()> {
        anyhow::ensure!(self.process.is_none(), "{} runs already", self.name);
        let process = command
            .spawn()
            .with_context(|| format!("can't start {}", self.name))?;
        self.process = Some(process);
        Ok(())
    }

    /// Waits until `is_ready` returns true. Fails if the server's process ends before.
    pub(crate) fn wait_until_ready(
        &mut self,
        mut is_ready: impl FnMut() -> bool,
    ) -> anyhow::Result<()> {
        let name = self.name;
        let process = self
            .process
            .as_mut()
            .with_context(|| format!("{name} was not started"))?;
        let mut exit = None;
        let ready = holds_within(SERVER_LIMIT, || {
            exit = process.try_wait().ok().flatten();
            exit.is_some() || is_ready()
        });
        match exit {
            Some(status) => {
                self.collected()?;
                anyhow::bail!("{name} ended at start ({status}): {}", self.log_tail())
            }
            None if !ready => anyhow::bail!(
                "{name} was not ready in {SERVER_LIMIT:?}: {}",
                self.log_tail()
            ),
            None => Ok(()),
        }
    }

    /// Waits until the server accepts connections. Fails if its process ends before.
    pub(crate) fn wait_until_listening(&mut self, address: SocketAddr) -> anyhow::Result<()> {
        self.wait_until_ready(|| TcpStream::connect(address).is_ok())
    }

    /// Stops the server by a signal, and waits for its end. Does nothing while it is stopped.
    pub(crate) fn stop(&mut self, by: Signal) -> anyhow::Result<()> {
        self.end(by).map(drop)
    }

    /// Does the same, and returns how the process has ended.
    pub(crate) fn end(&mut self, by: Signal) -> anyhow::Result<Option<ExitStatus>> {
        let Some(process) = &mut self.process else {
            return Ok(None);
        };
        signal(process.id(), by)?;
        anyhow::ensure!(
            holds_within(SERVER_LIMIT, || !is_running(process.id())),
            "{} did not stop in {SERVER_LIMIT:?}",
            self.name
        );
        let status = process
            .wait()
            .with_context(|| format!("can't collect {}", self.name))?;
        self.collected()?;
        Ok(Some(status))
    }

    /// Kills the server's process. Does nothing while it is stopped.
    pub(crate) fn kill(&mut self) -> anyhow::Result<()> {
        self.stop(Signal::KILL)
    }

    /// Returns the last lines of the server's log.
    pub(crate) fn log_tail(&self) -> String {
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    /// Forgets the process, which has ended and been collected.
    fn collected(&mut self) -> anyhow::Result<()> {
        self.process = None;
        self.watchdog.forget()
    }

    fn hand_over(&self, path: &Path) -> anyhow::Result<()> {
        if let Some(account) = self.account {
            chown(path, Some(account.user), Some(account.group))
                .with_context(|| format!("can't hand {} over", path.display()))?;
        }
        Ok(())
    }

    /// Returns the path of the server's log.
    pub(crate) fn log(&self) -> PathBuf {
        self.directory().join("log")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.watchdog.release();
        if let Some(process) = &mut self.process {
            // The watchdog needs the process to be collected. Waiting fails only if it was
            // collected before.
            let _ = process.wait();
        }
    }
}

/// Sends a process a signal.
pub(crate) fn signal(id: u32, signal: Signal) -> anyhow::Result<()> {
    let pid = i32::try_from(id)
        .ok()
        .and_then(Pid::from_raw)
        .context("not a process ID")?;
    kill_process(pid, signal).with_context(|| format!("can't signal process {id}"))
}
