//! A shell that runs a script, with all that it starts.

use std::{
    io,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::{Pid, test_kill_process_group};
use tracker_tests::process::wait_until;

/// The longest time that a page takes. On an idle machine it is some seconds.
const LIMIT: Duration = Duration::from_mins(5);

/// The shell is in a process group of its own, with what it has started. The group ends with the
/// value, and also with the test process, as the script says.
pub(crate) struct Shell {
    process: Child,
}

impl Shell {
    pub(crate) fn start(script: &Path, command: &mut Command) -> io::Result<Self> {
        use std::os::unix::process::CommandExt as _;

        let process = command
            .arg(script)
            .stdin(Stdio::piped())
            .process_group(0)
            .spawn()?;
        Ok(Self { process })
    }

    /// Waits for the end of the script.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let mut status = None;
        wait_until(LIMIT, "the page's commands end", || {
            status = self.process.try_wait().expect("a child can be waited for");
            status.is_some()
        });
        status.expect("it has ended")
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let group = Pid::from_child(&self.process);
        wait_until(LIMIT, "what the page has started ends", || {
            let _ = self.process.try_wait();
            test_kill_process_group(group).is_err()
        });
    }
}
