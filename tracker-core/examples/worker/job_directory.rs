//! The directories of jobs.
//!
//! Each job has a directory of its own below the work directory, named after its container session,
//! so that jobs never meet. It stays after the job, to be looked at: the newest five stay, and
//! older ones that no job is using go when the next job begins.
//!
//! ```text
//! <work directory>/session_…/
//!   project/      what the container session sees, and what is pushed
//!   project.git/  the repository that it is pushed to
//!   database_….db  deploy_….json  deploy_….log
//! ```

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;
use uuid::Uuid;

/// The most directories of jobs that are kept, the running one included.
const KEPT: usize = 5;
/// The beginning of a directory's name, before a UUID. Other names are left alone.
const PREFIX: &str = "session_";

/// The directory of a running job.
pub struct JobDirectory {
    pub session_id: String,
    path: PathBuf,
    /// The directory itself, locked as long as it is open; when the job ends, however it ends, the
    /// system unlocks it.
    _lock: File,
}

/// Why a directory can't be had.
#[derive(Debug, Error)]
#[error(
    "{path} can't be used for a job's files: choose another place with --workdir",
    path = path.display()
)]
pub struct JobDirectoryError {
    path: PathBuf,
    source: io::Error,
}

impl JobDirectory {
    /// Makes the directory of a new session and removes those of the oldest.
    pub fn create(workdir: &Path) -> Result<Self, JobDirectoryError> {
        let create = || {
            fs::create_dir_all(workdir)?;
            let session_id = format!("{PREFIX}{}", Uuid::now_v7().simple());
            let path = workdir.canonicalize()?.join(&session_id);
            fs::create_dir(&path)?;
            let lock = File::open(&path)?;
            lock.lock()?;
            fs::create_dir(path.join("project"))?;
            remove_oldest(workdir)?;
            Ok(Self {
                session_id,
                path,
                _lock: lock,
            })
        };
        create().map_err(|source| JobDirectoryError {
            path: workdir.to_owned(),
            source,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn project(&self) -> PathBuf {
        self.path.join("project")
    }
}

/// A UUIDv7 begins with the time, so the order of names is that of age.
fn remove_oldest(workdir: &Path) -> io::Result<()> {
    let mut sessions = Vec::new();
    for entry in fs::read_dir(workdir)? {
        let entry = entry?;
        let name = entry.file_name();
        let id = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        if id.is_some_and(|id| Uuid::try_parse(id).is_ok()) && entry.file_type()?.is_dir() {
            sessions.push(entry.path());
        }
    }
    sessions.sort();
    for session in sessions.iter().rev().skip(KEPT) {
        match remove_unused(session) {
            // Another worker that starts now was faster.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            removed => removed?,
        }
    }
    Ok(())
}

fn remove_unused(session: &Path) -> io::Result<()> {
    let directory = File::open(session)?;
    match directory.try_lock() {
        Ok(()) => fs::remove_dir_all(session),
        Err(TryLockError::WouldBlock) => Ok(()),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn the_oldest_directories_go_unless_a_job_uses_them() {
        let workdir = tempfile::tempdir().unwrap();
        let other = workdir.path().join("session_notes");
        fs::create_dir(&other).unwrap();
        let running = JobDirectory::create(workdir.path()).unwrap();
        let ended = JobDirectory::create(workdir.path())
            .unwrap()
            .path()
            .to_owned();
        for _ in 0..KEPT {
            JobDirectory::create(workdir.path()).unwrap();
        }
        assert!(running.path().exists() && other.exists());
        // A process that another test has just forked holds all locks until it executes its
        // program; then the next job removes it.
        let limit = Instant::now() + Duration::from_secs(10);
        while ended.exists() {
            assert!(Instant::now() < limit, "it is still there");
            JobDirectory::create(workdir.path()).unwrap();
        }
        // The kept ones, the one in use and the one that is no job's.
        assert_eq!(fs::read_dir(workdir.path()).unwrap().count(), KEPT + 2);
    }
}
