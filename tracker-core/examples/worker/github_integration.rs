//! Step 6: push the project's files.
//!
//! The remote is a bare repository beside the project, so that the push is a real one and needs no
//! account. The session's environment keeps any git configuration of this machine out; author and
//! committer are the worker.

use thiserror::Error;
use tracker_core::{ReferenceIds, tracked};

use crate::container_session::{ContainerSession, SessionError};

const IDENTITY: [&str; 4] = [
    "-c",
    "user.name=worker",
    "-c",
    "user.email=worker@localhost",
];

/// Pushes the project of one container session.
pub struct GithubIntegration<'a> {
    session: &'a ContainerSession,
}

/// A push that arrived.
#[derive(Debug, ReferenceIds)]
pub struct GithubPush {
    /// The commit that the remote is at.
    #[reference]
    pub github_push_id: String,
    /// The files in that commit.
    pub files: usize,
    pub repository_url: String,
}

/// Why the code is not at the remote.
#[derive(Debug, Error)]
pub enum GithubPushError {
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error("the job's directory has a name that isn't UTF-8: choose another place with --workdir")]
    DirectoryName,
    #[error(
        "after the push the repository is at {remote} instead of {commit}: has someone else pushed to it?"
    )]
    NotArrived { commit: String, remote: String },
}

impl<'a> GithubIntegration<'a> {
    pub fn new(session: &'a ContainerSession) -> Self {
        Self { session }
    }

    /// Commits everything in the project's directory, pushes it, and looks whether it arrived.
    #[tracked(
        action = "github_push",
        details = "pushed {output.files} files to {output.repository_url}"
    )]
    pub async fn push(&self, message: &str) -> Result<GithubPush, GithubPushError> {
        let repository = self.session.directory.path().join("project.git");
        let repository_url = repository
            .to_str()
            .ok_or(GithubPushError::DirectoryName)?
            .to_owned();
        let git = async |arguments: &[&str]| {
            let command: Vec<&str> = ["git"]
                .iter()
                .chain(&IDENTITY)
                .chain(arguments)
                .copied()
                .collect();
            self.session.run(&command).await
        };

        git(&[
            "init",
            "--quiet",
            "--bare",
            "--template=",
            "--initial-branch=main",
            &repository_url,
        ])
        .await?;
        git(&["add", "--all"]).await?;
        // The session's ID tells apart what two jobs push, even if that is the same in the same
        // second.
        let trailer = format!("Container-Session: {}", self.session.container_session_id);
        git(&[
            "commit",
            "--quiet",
            "--message",
            message,
            "--trailer",
            &trailer,
        ])
        .await?;
        git(&["push", "--quiet", &repository_url, "HEAD:main"]).await?;

        let commit = git(&["rev-parse", "HEAD"]).await?;
        let remote = git(&["--git-dir", &repository_url, "rev-parse", "HEAD"]).await?;
        if remote != commit {
            return Err(GithubPushError::NotArrived { commit, remote });
        }
        let files = git(&[
            "--git-dir",
            &repository_url,
            "ls-tree",
            "-r",
            "--name-only",
            "HEAD",
        ])
        .await?
        .lines()
        .count();
        Ok(GithubPush {
            github_push_id: commit,
            files,
            repository_url,
        })
    }
}
