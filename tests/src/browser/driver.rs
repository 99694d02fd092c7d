//! A driver of the test's own: [`Driver`].
//!
//! A test process can end without running any more of its own code. So a small shell watches what
//! it started: it reads from a pipe whose other end the process holds. Once the pipe closes, the
//! shell kills the driver and its browsers, and removes their directory. Dropping a [`Driver`] has
//! the same effect.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::TcpStream,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    time::Duration,
};

use anyhow::Context as _;

use super::{kind::Kind, viewer::Viewer};
use crate::{process::holds_within, server::ReservedPort};

const GUARD: &str = include_str!("guard.sh");

/// The longest time until the driver listens, on a busy machine; an idle one needs milliseconds.
const START_LIMIT: Duration = Duration::from_mins(1);

/// The most starts of a driver whose port is taken by somebody else.
const STARTS_MAX: usize = 5;

/// A driver on a loopback port. Its browsers and files end with it.
pub(super) struct Driver {
    guard: Child,
    /// `None` once closed.
    pipe: Option<ChildStdin>,
    directory: PathBuf,
    port: u16,
    reserved: ReservedPort,
}

impl Driver {
    /// Starts a driver for browsers of this kind, and waits until it listens.
    ///
    /// Chromedriver takes a free port for IPv6, and gives up if the same port is not free for IPv4.
    /// It is started anew then.
    pub(super) fn start(kind: Kind, viewer: Viewer) -> anyhow::Result<Self> {
        let mut driver = Self::started(kind, viewer)?;
        for _ in 1..STARTS_MAX {
            if driver.port != 0 || !driver.has_met_a_taken_port() {
                break;
            }
            driver = Self::started(kind, viewer)?;
        }
        anyhow::ensure!(
            driver.port != 0,
            "the driver of {kind:?} does not listen: {}",
            driver.log()
        );
        Ok(driver)
    }

    /// Starts a driver, and waits until it listens or can't.
    fn started(kind: Kind, viewer: Viewer) -> anyhow::Result<Self> {
        let reserved = ReservedPort::new()?;
        let mut guard = Command::new("sh")
            .args(["-c", GUARD, "sh"])
            .args(kind.driver(viewer, reserved.address().port())?)
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
            reserved,
        };
        anyhow::ensure!(
            driver.directory.is_dir(),
            "can't make a directory below {}",
            std::env::temp_dir().display()
        );
        let address = driver.reserved.address();
        holds_within(START_LIMIT, || {
            driver.port = if TcpStream::connect(address).is_ok() {
                address.port()
            } else {
                kind.told_port(&driver.log()).unwrap_or_default()
            };
            driver.port != 0 || driver.has_met_a_taken_port()
        });
        Ok(driver)
    }

    fn has_met_a_taken_port(&self) -> bool {
        self.log().contains("Address already in use")
    }

    /// Returns the directory of the files of the driver and its browsers.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns all that the driver and its browsers have printed.
    pub(super) fn log(&self) -> String {
        let log = fs::read(self.directory.join("driver.log")).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
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
