//! The process that outlives the tests and cleans up after them.
//!
//! A test process can end without running any more of its own code: statics are not dropped at the
//! end of `main`, and SIGKILL asks nobody. The kernel closes its files in any case. So each server
//! has a small shell that reads from a pipe whose other end this process holds. Once the pipe
//! closes, the shell stops the server and removes its directory. Dropping a [`Watchdog`] has the
//! same effect, so there is one way to clean up.
//!
//! The shell has a process group of its own, so a signal to the group of test processes (Ctrl-C, a
//! time-out) does not reach it.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::Context as _;

use super::Account;

const WATCHDOG: &str = include_str!("watchdog.sh");

/// Passes the watchdog its own ID, then becomes the program in its arguments. The program does not
/// inherit the pipe, which stays open until then: it never runs unguarded.
const GUARDED: &str = r#"echo "$$" && exec "$@" >&2"#;

/// Holds the pipe. When it is dropped, the directory goes, and the process in it if there is one.
pub(crate) struct Watchdog {
    shell: Child,
    /// `None` once closed.
    pipe: Option<ChildStdin>,
    directory: PathBuf,
}

impl Watchdog {
    /// Starts a watchdog. It creates an empty directory with the server's name in its own, readable
    /// by its owner alone.
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

    /// Returns a command that runs `program` in the directory as `account`, guarded. Its output
    /// goes to `log`.
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
            // Setting the user also drops root's supplementary groups.
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

    /// Forgets the ID of the guarded process, which has ended and been collected: the system may
    /// give it to another one.
    pub(super) fn forget(&mut self) -> anyhow::Result<()> {
        let pipe = self.pipe.as_mut().context("the watchdog was released")?;
        pipe.write_all(b"\n").context("the watchdog has ended")
    }

    /// Starts the clean-up without waiting for its end.
    pub(super) fn release(&mut self) {
        self.pipe = None;
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.release();
        // The shell bounds its own work to about 15 seconds. Waiting fails only if it was collected
        // before.
        let _ = self.shell.wait();
    }
}
