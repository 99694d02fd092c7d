//! A chromedriver of the test's own: [`Driver`].
//!
//! A test process can end without running any more code of its own, so what it started is watched by a small shell
//! that reads from a pipe whose other end this process holds. Once the pipe closes, for whatever reason, the shell kills
//! the driver and its browsers and removes their directory. Dropping a [`Driver`] goes the same way.

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

/// How long the driver may take to listen, on a busy machine; it takes milliseconds on an idle one.
const START_LIMIT: Duration = Duration::from_mins(1);

/// Listens on a port of loopback; when it goes, its browsers and their files go.
pub(super) struct Driver {
    guard: Child,
    /// `None` once closed.
    pipe: Option<ChildStdin>,
    directory: PathBuf,
    port: u16,
}

impl Driver {
    /// Starts one, and waits until it listens.
    pub(super) fn start() -> anyhow::Result<Self> {
        let is_there = Command::new("chromedriver").arg("--version").output();
        is_there.context("can't run `chromedriver`; scripts/test installs it, and chromium")?;

        let mut guard = Command::new("sh")
            .args(["-c", GUARD, "sh", "chromedriver", "--port=0"])
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // What ends a group of test processes (Ctrl-C, a time-out) misses it.
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

    /// Where its files and those of its browsers are.
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
        // It bounds its own work, to about 15 seconds; waiting fails only when the shell was collected before.
        let _ = self.guard.wait();
    }
}

/// The port in a whole line of what chromedriver says.
fn port(log: &str) -> Option<u16> {
    let (_, rest) = log.split_once("was started successfully on port ")?;
    let (port, _) = rest.split_once('.')?;
    port.parse().ok()
}
