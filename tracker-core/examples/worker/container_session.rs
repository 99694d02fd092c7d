//! The place of a project's commands: a directory of its own and a shell that waits in it.
//!
//! The session plays the part that a container has in production, and is used in the same way:
//! [`ContainerSession::exec`] takes a program and its arguments, as `docker exec` does, and gives
//! back exit status and output. The shell starts from an empty environment, so neither the settings
//! nor the secrets of whoever runs the worker get into the project.

use std::env;
use std::io::{self, ErrorKind};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use thiserror::Error;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStdin, ChildStdout, Command};
use tokio::sync::Mutex;
use tokio::time::timeout;
use tracker_core::ReferenceIds;
use uuid::Uuid;

use crate::job_directory::JobDirectory;
use crate::supervised_child::SupervisedChild;

/// The longest time of one command. The slowest, `git push` to a local repository, takes well under
/// a second.
const EXEC_TIMEOUT: Duration = Duration::from_secs(30);
/// The most bytes that one command may print.
const MAX_OUTPUT: u64 = 1024 * 1024;

/// A running session. Dropping it kills the shell and whatever runs in it.
#[derive(ReferenceIds)]
pub struct ContainerSession {
    #[reference]
    pub container_session_id: String,
    /// The job's files; commands run in its `project` directory.
    pub directory: JobDirectory,
    /// Taken out while a command runs and put back after it: if the command fails to come to its
    /// end, be it by a time-out or because the caller gave up, the shell is dropped, and no later
    /// command reads what this one still prints.
    shell: Mutex<Option<Shell>>,
}

struct Shell {
    process: SupervisedChild,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

/// The outcome of a command.
#[derive(Debug)]
pub struct Output {
    pub status: i32,
    /// Standard output and standard error, in the order of printing.
    pub text: String,
}

/// Why a command was not run to its end. All but `Failed` end the session.
#[derive(Debug, Error)]
pub enum SessionError {
    #[error("no shell can be started in the container session: is `sh` on the PATH?")]
    Start(#[source] io::Error),
    #[error("the container session has ended; create the project again for a new one")]
    Ended,
    #[error("the container session's shell ended unexpectedly, with {0}")]
    EndedUnexpectedly(ExitStatus),
    #[error("`{command}` took longer than {EXEC_TIMEOUT:?} and was killed, with its session")]
    TimedOut { command: String },
    #[error("`{command}` was not followed to its end and was killed, with its session")]
    Interrupted { command: String, source: io::Error },
    #[error("`{command}` failed with exit status {status}: {text}")]
    Failed {
        command: String,
        status: i32,
        text: String,
    },
}

impl ContainerSession {
    /// Starts a shell in the job's directory.
    pub fn start(directory: JobDirectory) -> Result<Self, SessionError> {
        let mut process = SupervisedChild::spawn(
            Command::new("sh")
                .current_dir(directory.project())
                .env_clear()
                .env("PATH", env::var_os("PATH").unwrap_or_default())
                .env("HOME", directory.project())
                .env("LC_ALL", "C")
                .env("GIT_CONFIG_GLOBAL", "/dev/null")
                .env("GIT_CONFIG_NOSYSTEM", "1")
                .env("GIT_TERMINAL_PROMPT", "0")
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null()),
        )
        .map_err(SessionError::Start)?;
        let (Some(stdin), Some(stdout)) = (process.take_stdin(), process.take_stdout()) else {
            return Err(SessionError::Ended);
        };
        let shell = Shell {
            process,
            stdin,
            stdout: BufReader::new(stdout),
        };
        Ok(Self {
            container_session_id: directory.session_id.clone(),
            directory,
            shell: Mutex::new(Some(shell)),
        })
    }

    /// Runs a command and waits for its end, whatever its exit status.
    pub async fn exec(&self, command: &[&str]) -> Result<Output, SessionError> {
        let mut slot = self.shell.lock().await;
        let mut shell = slot.take().ok_or(SessionError::Ended)?;
        let name = || command.join(" ");
        match timeout(EXEC_TIMEOUT, shell.exec(command)).await {
            Ok(Ok(output)) => {
                *slot = Some(shell);
                Ok(output)
            }
            Ok(Err(error))
                if matches!(
                    error.kind(),
                    ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof
                ) =>
            {
                let status = shell.process.stop().await;
                Err(status.map_or_else(|_| SessionError::Ended, SessionError::EndedUnexpectedly))
            }
            Ok(Err(source)) => Err(SessionError::Interrupted {
                command: name(),
                source,
            }),
            Err(_) => Err(SessionError::TimedOut { command: name() }),
        }
    }

    /// Runs a command that has to succeed, and returns what it printed, without the white space
    /// around it.
    pub async fn run(&self, command: &[&str]) -> Result<String, SessionError> {
        let Output { status, text } = self.exec(command).await?;
        let text = text.trim().to_owned();
        if status == 0 {
            Ok(text)
        } else {
            Err(SessionError::Failed {
                command: command.join(" "),
                status,
                text,
            })
        }
    }

    /// Ends the session and waits until its processes are gone.
    pub async fn stop(&self) -> io::Result<()> {
        if let Some(shell) = self.shell.lock().await.take() {
            shell.process.stop().await?;
        }
        Ok(())
    }
}

impl Shell {
    /// Has the shell run the command, then print a line that nothing else prints, with the exit
    /// status: up to there it is the command's output.
    async fn exec(&mut self, command: &[&str]) -> io::Result<Output> {
        let marker = format!("end-of-{}", Uuid::now_v7());
        let words: Vec<String> = command.iter().map(|word| quoted(word)).collect();
        let script = format!(
            "( {} ) </dev/null 2>&1; printf '\\n%s %d\\n' {marker} $?\n",
            words.join(" ")
        );
        self.stdin.write_all(script.as_bytes()).await?;

        let mut output = Vec::new();
        let mut stdout = (&mut self.stdout).take(MAX_OUTPUT);
        loop {
            let start = output.len();
            if stdout.read_until(b'\n', &mut output).await? == 0 {
                return Err(match stdout.limit() {
                    0 => io::Error::new(
                        ErrorKind::FileTooLarge,
                        format!("it printed more than {MAX_OUTPUT} bytes"),
                    ),
                    _ => ErrorKind::UnexpectedEof.into(),
                });
            }
            let line = String::from_utf8_lossy(&output[start..]);
            if let Some(status) = line
                .strip_prefix(&marker)
                .and_then(|rest| rest.trim().parse().ok())
            {
                // The line feed before the marker is not the command's.
                output.truncate(start.saturating_sub(1));
                return Ok(Output {
                    status,
                    text: String::from_utf8_lossy(&output).into_owned(),
                });
            }
        }
    }
}

/// A word as the shell takes it literally.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn session() -> (ContainerSession, tempfile::TempDir) {
        let workdir = tempfile::tempdir().unwrap();
        let directory = JobDirectory::create(workdir.path()).unwrap();
        (ContainerSession::start(directory).unwrap(), workdir)
    }

    #[tokio::test]
    async fn a_command_gives_its_exit_status_and_output() {
        let (session, _workdir) = session();
        let output = session
            .exec(&["sh", "-c", "echo out; echo err >&2; exit 3"])
            .await
            .unwrap();
        assert_eq!((output.status, output.text.as_str()), (3, "out\nerr\n"));
        let error = session.run(&["false"]).await.unwrap_err();
        assert!(
            matches!(error, SessionError::Failed { status: 1, .. }),
            "{error:?}"
        );
    }

    #[tokio::test]
    async fn arguments_are_taken_literally() {
        let (session, _workdir) = session();
        let argument = "it's $(exit 7) `exit 8`; \" \\ \n *";
        let output = session.exec(&["printf", "%s", argument]).await.unwrap();
        assert_eq!((output.status, output.text.as_str()), (0, argument));
    }

    #[tokio::test]
    async fn the_environment_of_the_worker_stays_out() {
        let (session, _workdir) = session();
        let environment = session.run(&["env"]).await.unwrap();
        assert!(!environment.contains("CARGO"), "{environment}");
    }

    #[tokio::test]
    async fn an_unexpected_end_of_the_shell_is_noticed() {
        let (session, _workdir) = session();
        let error = session.exec(&["kill", "-KILL", "0"]).await.unwrap_err();
        assert!(
            matches!(error, SessionError::EndedUnexpectedly(_)),
            "{error:?}"
        );
        let error = session.exec(&["true"]).await.unwrap_err();
        assert!(matches!(error, SessionError::Ended), "{error:?}");
    }

    #[tokio::test]
    async fn endless_output_is_cut_off() {
        let (session, _workdir) = session();
        let error = session.exec(&["cat", "/dev/zero"]).await.unwrap_err();
        assert!(
            matches!(error, SessionError::Interrupted { .. }),
            "{error:?}"
        );
    }

    #[tokio::test]
    async fn a_command_that_is_given_up_ends_the_session() {
        let (session, _workdir) = session();
        let given_up = timeout(Duration::from_millis(50), session.exec(&["sleep", "1000"])).await;
        assert!(given_up.is_err());
        let error = session.exec(&["true"]).await.unwrap_err();
        assert!(matches!(error, SessionError::Ended), "{error:?}");
    }

    #[tokio::test]
    async fn a_dropped_session_leaves_no_process() {
        let (session, _workdir) = session();
        let left = session
            .run(&["sh", "-c", "sleep 1000 >/dev/null & echo $!"])
            .await
            .unwrap();
        drop(session);
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let ps = Command::new("ps")
                .args(["-o", "stat=", "-p", &left])
                .output()
                .await
                .unwrap();
            let state = String::from_utf8_lossy(&ps.stdout).trim().to_owned();
            // A process that nobody has waited for yet is shown as a zombie.
            if state.is_empty() || state.starts_with('Z') {
                break;
            }
            assert!(
                Instant::now() < deadline,
                "process {left} is still there: {state}"
            );
        }
    }
}
