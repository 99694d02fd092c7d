//! The command line.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use thiserror::Error;

pub const HELP: &str = "\
A worker that creates a project: container session, database, endpoints, queries, deployment, push.

Usage: worker [--request FILE] [--workdir DIR]

  --request FILE  the job to do, as JSON; without it, the example's own request.json
  --workdir DIR   where the jobs' files go; without it, target/worker. The newest five jobs' stay.
  --help          this text

Activities are recorded in ./tracker.db, or in the Postgres that DATABASE_URL names.
Needs `sh` and `git` on the PATH.";

/// The task that the worker was started for.
#[derive(Debug)]
pub enum Arguments {
    Help,
    /// Do a job.
    Work {
        request: Option<PathBuf>,
        workdir: PathBuf,
    },
    /// Be the deployed server of a job; for the worker's own use.
    Serve {
        manifest: PathBuf,
    },
}

#[derive(Debug, Error)]
pub enum ArgumentsError {
    #[error("{0:?} is no argument of the worker: see --help")]
    Unknown(OsString),
    #[error("{0} needs a value: see --help")]
    ValueMissing(&'static str),
}

impl Arguments {
    /// Understands a command line without the program's name.
    pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, ArgumentsError> {
        let mut arguments = arguments.into_iter();
        let (mut request, mut workdir) = (None, None);
        while let Some(argument) = arguments.next() {
            let mut path = |name| {
                arguments
                    .next()
                    .map(PathBuf::from)
                    .ok_or(ArgumentsError::ValueMissing(name))
            };
            match argument.to_str() {
                Some("--help" | "-h") => return Ok(Self::Help),
                Some("--request") => request = Some(path("--request")?),
                Some("--workdir") => workdir = Some(path("--workdir")?),
                Some("serve") => {
                    return Ok(Self::Serve {
                        manifest: path("serve")?,
                    });
                }
                _ => return Err(ArgumentsError::Unknown(argument)),
            }
        }
        Ok(Self::Work {
            request,
            workdir: workdir.unwrap_or_else(default_workdir),
        })
    }
}

/// `target/worker`: of the workspace when cargo runs the example, wherever in it that is; else of
/// the current directory.
fn default_workdir() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let workspace = package
        .as_deref()
        .and_then(Path::parent)
        .unwrap_or(Path::new(""));
    workspace.join("target").join("worker")
}
