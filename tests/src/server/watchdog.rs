//! The process that outlives the tests, to clean up behind them.
//!
//! A test process can end without running any more code of its own: statics are not dropped at the end of `main`, and
//! SIGKILL asks nobody. What the kernel does in every case is close its files. So each server has a small shell that
//! reads from a pipe whose other end this process holds: once the pipe closes, for whatever reason, the shell stops the
//! server and removes its directory. Dropping a [`Watchdog`] goes the same way: there is one way to clean up.
//!
//! The shell has a process group of its own, so what ends a group of test processes (Ctrl-C, a time-out) misses it.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::Context as _;

use super::Account;

const WATCHDOG: &str = include_str!("watchdog.sh");

/// Tells the watchdog its own ID, then becomes the program in its arguments. The program inherits nothing of the pipe,
/// and until it has become that program the pipe stays open: there is no moment at which it runs unguarded.
const GUARDED: &str = r#"echo "$$" && exec "$@" >&2"#;

/// Holds the pipe; when it goes, the directory and the process that runs there, if one does, go.
pub(crate) struct Watchdog {
    shell: Child,
    /// `None` once closed.
    pipe: Option<ChildStdin>,
    directory: PathBuf,
}

impl Watchdog {
    /// Starts a watchdog, which makes an empty directory with the server's name in its own, readable by its owner alone.
    pub(crate) fn start(name: &str) -> anyhow::Result<Self> {
        let mut shell = Command::new("sh")
            .args(["-c", WATCHDOG, "sh", name])
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .context("can't start `sh`")?;
        let pipe = shell.stdin.take();
        let mut directory = String::new();
        BufReader::new(
            shell
                .stdout
                .take()
                .context("the watchdog's output is missing")?,
        )
        .read_line(&mut directory)
        .context("can't read from the watchdog")?;
        let directory = PathBuf::from(directory.trim_end());
        anyhow::ensure!(
            directory.is_dir(),
            "can't make a directory below {}",
            std::env::temp_dir().display()
        );
        Ok(Self {
            shell,
            pipe,
            directory,
        })
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// A command that runs `program` in the directory, as `account`, under guard. What it prints goes to `log`.
    pub(super) fn guarded(
        &self,
        program: &Path,
        account: Option<Account>,
        log: File,
    ) -> anyhow::Result<Command> {
        let mut command = Command::new("sh");
        command
            .args(["-c", GUARDED, "sh"])
            .arg(program)
            .current_dir(&self.directory)
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(self.another_end()?)
            .stderr(log)
            .process_group(0);
        if let Some(account) = account {
            // Setting the user drops root's supplementary groups too.
            command.uid(account.user).gid(account.group);
        }
        Ok(command)
    }

    fn another_end(&self) -> anyhow::Result<OwnedFd> {
        let pipe = self.pipe.as_ref().context("the watchdog was released")?;
        pipe.as_fd()
            .try_clone_to_owned()
            .context("can't duplicate the watchdog's pipe")
    }

    /// Tells that the guarded process has ended and was collected, so that its ID, which the system may now give to
    /// another process, is forgotten.
    pub(super) fn forget(&mut self) -> anyhow::Result<()> {
        let pipe = self.pipe.as_mut().context("the watchdog was released")?;
        pipe.write_all(b"\n").context("the watchdog has ended")
    }

    /// Lets the watchdog begin, without waiting for its end.
    pub(super) fn release(&mut self) {
        self.pipe = None;
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.release();
        // It bounds its own work, to about 15 seconds; waiting fails only when the shell was collected before.
        let _ = self.shell.wait();
    }
}
