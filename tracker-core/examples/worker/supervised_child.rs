//! A child process that is gone when its owner is.
//!
//! The child leads a process group of its own, so that what it started in turn ends with it, and a
//! Ctrl-C at the terminal reaches the worker alone, which then stops its children in order.
//! Dropping a [`SupervisedChild`] kills the group: on an error, a panic or a cancelled future
//! nothing is left behind. A worker that is itself killed can't do that; its children notice
//! because their standard input closes.

use std::io;
use std::process::ExitStatus;

use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// A running child and its process group.
pub struct SupervisedChild(Child);

impl SupervisedChild {
    pub fn spawn(command: &mut Command) -> io::Result<Self> {
        #[cfg(unix)]
        command.process_group(0);
        command.kill_on_drop(true).spawn().map(Self)
    }

    pub fn take_stdin(&mut self) -> Option<ChildStdin> {
        self.0.stdin.take()
    }

    pub fn take_stdout(&mut self) -> Option<ChildStdout> {
        self.0.stdout.take()
    }

    /// Kills what is left of the group and tells how the child itself ended.
    pub async fn stop(mut self) -> io::Result<ExitStatus> {
        self.kill_group();
        self.0.wait().await
    }

    /// The child is waited for in [`stop`](Self::stop) only, so until then its ID, and with it the
    /// group's, can't have passed to another process.
    fn kill_group(&mut self) {
        #[cfg(unix)]
        if let Some(group) = self
            .0
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .and_then(rustix::process::Pid::from_raw)
        {
            // It fails when nothing is left to kill, which is what is wanted.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        #[cfg(not(unix))]
        let _ = self.0.start_kill();
    }
}

impl Drop for SupervisedChild {
    fn drop(&mut self) {
        self.kill_group();
    }
}
