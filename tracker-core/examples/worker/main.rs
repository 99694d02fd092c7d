//! A worker that creates a project for a user, and does it for real on the machine that it runs on.
//!
//! ```text
//! cargo run -p tracker-core --example worker
//! ```
//!
//! A job has six steps, each in a file of its own: a container session is provisioned
//! (`project_creation_handler`), a SQLite database is created in it (`database_provisioner`), an
//! agent writes API endpoints for its tables (`endpoint_agent`), queries run on it
//! (`development_database_executor`), the endpoints are deployed and checked
//! (`deployment_service`), and the code is pushed (`github_integration`). `job` puts them in order.
//!
//! Each step is an ordinary function under `#[tracked]`, which records it as an activity when it
//! has succeeded: take the attributes away, and the same work is done. `recording` says where the
//! activities go.

#![expect(
    unreachable_pub,
    reason = "in a program, `pub` says what a file is there for"
)]
#![expect(
    clippy::struct_field_names,
    reason = "IDs are called `deployment_id` and the like wherever they appear"
)]

mod arguments;
mod container_session;
mod database_provisioner;
mod deployment_service;
mod development_database;
mod development_database_executor;
mod endpoint;
mod endpoint_agent;
mod endpoint_draft;
mod endpoint_server;
mod github_integration;
mod health_check;
mod identifier;
mod job;
mod job_directory;
mod names;
mod project_creation_handler;
mod recording;
mod request;
mod request_error;
mod request_reader;
mod supervised_child;
mod table_schema;
#[cfg(test)]
mod testing;
mod validation;

use std::env;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, bail, ensure};

use crate::arguments::{Arguments, HELP};
use crate::request::Request;

const SAMPLE_REQUEST: &str = include_str!("request.json");
/// The largest request file that is read, in bytes.
const MAX_REQUEST: u64 = 1024 * 1024;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Arguments::parse(env::args_os().skip(1))? {
        Arguments::Help => println!("{HELP}"),
        Arguments::Serve { manifest } => endpoint_server::serve(&manifest).await?,
        Arguments::Work { request, workdir } => {
            work(&read_request(request.as_deref())?, &workdir).await?;
        }
    }
    Ok(())
}

/// Does the job for the request's user, and shows what was recorded of it, whichever way it ended.
async fn work(request: &Request, workdir: &Path) -> anyhow::Result<()> {
    let tracker = recording::start().await?;
    // Known from here on, whatever the job calls: no step has to be told who asked for it.
    let context = tracker_core::Context::new()
        .with_user_id(&request.user_id)
        .with_request_id(&request.request_id)
        .with_project_id(&request.project.id);
    let outcome = context.scope(run_job(request, workdir)).await;
    recording::finish(&tracker, &request.project.id).await;
    outcome
}

/// Does the job, or gives it up on Ctrl-C or SIGTERM; either way nothing that it started is left
/// running.
async fn run_job(request: &Request, workdir: &Path) -> anyhow::Result<()> {
    tokio::select! {
        // In this order, so that nothing is started before a signal is listened for.
        biased;
        signal = interrupted() => {
            signal.context("can't listen for Ctrl-C")?;
            bail!("interrupted; the job is given up");
        }
        report = job::run(request, workdir) => print!("{}", report?),
    }
    Ok(())
}

fn read_request(file: Option<&Path>) -> anyhow::Result<Request> {
    let Some(file) = file else {
        return Ok(Request::from_json(SAMPLE_REQUEST)?);
    };
    let mut json = String::new();
    let read =
        File::open(file).and_then(|open| open.take(MAX_REQUEST + 1).read_to_string(&mut json));
    let length = read.with_context(|| format!("can't read {}", file.display()))?;
    ensure!(
        u64::try_from(length)? <= MAX_REQUEST,
        "{} is larger than {MAX_REQUEST} bytes",
        file.display()
    );
    Request::from_json(&json).with_context(|| format!("{} is no request", file.display()))
}

#[cfg(unix)]
async fn interrupted() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        ctrl_c = tokio::signal::ctrl_c() => ctrl_c,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn interrupted() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}
