//! A chromedriver of the test's own: [`Driver`].
//!
//! A test process can end without running any more of its own code. So a small shell watches what
//! it started: it reads from a pipe whose other end the process holds. Once the pipe closes, the
//! shell kills the driver and its browsers, and removes their directory. Dropping a [`Driver`] has
//! the same effect.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    time::Duration,
};

use anyhow::Context as _;

use crate::process::holds_within;

const GUARD: &str = include_str!("guard.sh");

/// The longest time until the driver listens, on a busy machine; an idle one needs milliseconds.
const START_LIMIT: Duration = Duration::from_mins(1);

/// A chromedriver on a loopback port. Its browsers and files end with it.
pub(super) struct Driver {
    guard: Child,
    /// `None` once closed.
    pipe: Option<ChildStdin>,
    directory: PathBuf,
    port: u16,
}

impl Driver {
    /// Starts a driver, and waits until it listens.
    pub(super) fn start() -> anyhow::Result<Self> {
        let is_there = Command::new("chromedriver").arg("--version").output();
        is_there.context("can't run `chromedriver`; scripts/test installs it, and chromium")?;

        let mut guard = Command::new("sh")
            .args(["-c", GUARD, "sh", "chromedriver", "--port=0"])
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // A signal to the group of test processes (Ctrl-C, a time-out) does not reach it.
            .process_group(0)
            .spawn()
            .context("can't start `sh`")?;
        let pipe = guard.stdin.take();
        let output = guard
            .stdout
            .take()
            .context("the guard's output is missing")?;
        let mut directory = String::new();
        BufReader::new(output)
            .read_line(&mut directory)
            .context("can't read from the guard")?;
        let mut driver = Self {
            guard,
            pipe,
            directory: PathBuf::from(directory.trim_end()),
            port: 0,
        };
        anyhow::ensure!(
            driver.directory.is_dir(),
            "can't make a directory below {}",
            std::env::temp_dir().display()
        );
        let log = driver.directory.join("driver.log");
        let listens = holds_within(START_LIMIT, || {
            driver.port = port(&fs::read_to_string(&log).unwrap_or_default()).unwrap_or_default();
            driver.port != 0
        });
        anyhow::ensure!(
            listens,
            "chromedriver does not listen: {}",
            fs::read_to_string(&log).unwrap_or_default()
        );
        Ok(driver)
    }

    /// Returns the directory of the files of the driver and its browsers.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.pipe = None;
        // The shell bounds its own work to about 15 seconds. Waiting fails only if the shell was
        // collected before.
        let _ = self.guard.wait();
    }
}

/// Returns the port in a complete line of chromedriver's output.
fn port(log: &str) -> Option<u16> {
    let (_, rest) = log.split_once("was started successfully on port ")?;
    let (port, _) = rest.split_once('.')?;
    port.parse().ok()
}
