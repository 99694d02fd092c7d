//! Step 1: provision the container session that the project lives in.

use std::io;
use std::path::Path;

use thiserror::Error;
use tokio::fs;
use tracker_core::tracked;

use crate::container_session::{ContainerSession, SessionError};
use crate::job_directory::{JobDirectory, JobDirectoryError};
use crate::request::Project;

/// The programs that later steps run in the session. Their absence ends a job before it has begun.
const REQUIRED_PROGRAMS: [&str; 1] = ["git"];

/// Why there is no container session.
#[derive(Debug, Error)]
pub enum CreateProjectError {
    #[error(transparent)]
    Directory(#[from] JobDirectoryError),
    #[error("`{0}` is not on the PATH: install it, or start the worker where it can be found")]
    ProgramMissing(&'static str),
    #[error("the project's README can't be written")]
    Readme(#[source] io::Error),
    #[error(transparent)]
    Session(#[from] SessionError),
}

/// Makes the project's directory, starts its container session and lays out an empty repository in
/// it.
#[tracked(action = "project_created", project = project.id, details = "created {project.name}")]
pub async fn create_project(
    project: &Project,
    workdir: &Path,
) -> Result<ContainerSession, CreateProjectError> {
    let directory = JobDirectory::create(workdir)?;
    let session = ContainerSession::start(directory)?;
    for program in REQUIRED_PROGRAMS {
        if session.exec(&["command", "-v", program]).await?.status != 0 {
            return Err(CreateProjectError::ProgramMissing(program));
        }
    }
    session
        .run(&[
            "git",
            "init",
            "--quiet",
            "--template=",
            "--initial-branch=main",
        ])
        .await?;
    fs::write(
        session.directory.project().join("README.md"),
        readme(project),
    )
    .await
    .map_err(CreateProjectError::Readme)?;
    Ok(session)
}

fn readme(project: &Project) -> String {
    let Project { id, name } = project;
    format!(
        "# {name}\n\nProject `{id}`. `schema.sql` is its database, `handlers/` its API: one file for each endpoint.\n"
    )
}
