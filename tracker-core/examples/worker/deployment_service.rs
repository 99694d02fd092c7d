//! Step 5: deploy the project's endpoints, and see that they answer.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use std::{env, io};

use thiserror::Error;
use tokio::fs;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{ChildStdin, ChildStdout, Command};
use tokio::time::timeout;
use tracker_core::{ReferenceIds, tracked};
use uuid::Uuid;

use crate::container_session::ContainerSession;
use crate::development_database::DevelopmentDatabase;
use crate::endpoint::Endpoint;
use crate::endpoint_agent::Endpoints;
use crate::endpoint_server::{LISTENING, Manifest};
use crate::health_check::{HealthError, get_rows};
use crate::supervised_child::SupervisedChild;

/// The longest time until the server listens.
const START_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest time in which a stopped server finishes its requests; after that it is killed.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest first line of the server that is read, in bytes.
const MAX_LINE: u64 = 1024;

/// A running deployment. Dropping it kills the server.
#[derive(ReferenceIds)]
pub struct Deployment {
    #[reference]
    pub deployment_id: String,
    pub url: String,
    /// The endpoint that the health check asked, and the rows that it returned.
    pub checked_endpoint: String,
    pub checked_rows: usize,
    server: Server,
}

/// Why nothing is deployed.
#[derive(Debug, Error)]
pub enum DeployError {
    #[error("the project has no endpoint that lists rows, so a deployment of it can't be checked")]
    NothingToCheck,
    #[error("{path} can't be written", path = path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("the server can't be started")]
    Start(#[source] io::Error),
    #[error("the server ended, or took longer than {START_TIMEOUT:?}, before it listened: see {log}", log = log.display())]
    NotListening { log: PathBuf },
    #[error("the server at {url} failed its health check, {endpoint}")]
    Unhealthy {
        url: String,
        endpoint: String,
        source: HealthError,
    },
}

struct Server {
    process: SupervisedChild,
    /// The server runs as long as this is open.
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

/// Starts a server for the endpoints and checks it with a request.
#[tracked(
    action = "deployment",
    details = "deployed to {output.url}",
    references(container_session_id = session.container_session_id)
)]
pub async fn deploy(
    user_id: &str,
    request_id: &str,
    project_id: &str,
    session: &ContainerSession,
    database: &DevelopmentDatabase,
    endpoints: &Endpoints,
) -> Result<Deployment, DeployError> {
    let health_check = endpoints
        .all
        .iter()
        .find(|endpoint| endpoint.is_plain_list());
    let health_check = health_check.ok_or(DeployError::NothingToCheck)?;
    let manifest = Manifest {
        deployment_id: format!("deploy_{}", Uuid::now_v7().simple()),
        project_id: project_id.to_owned(),
        user_id: user_id.to_owned(),
        request_id: request_id.to_owned(),
        database: database.path.clone(),
        handlers: endpoints.handlers.clone(),
    };
    let (server, address) = start_server(session.directory.path(), &manifest).await?;
    let url = format!("http://{address}");
    let checked_rows =
        check(address, health_check)
            .await
            .map_err(|source| DeployError::Unhealthy {
                url: url.clone(),
                endpoint: health_check.to_string(),
                source,
            })?;
    Ok(Deployment {
        deployment_id: manifest.deployment_id,
        url,
        checked_endpoint: health_check.to_string(),
        checked_rows,
        server,
    })
}

impl Deployment {
    /// Lets the server finish what it is doing and waits until it is gone.
    pub async fn stop(self) -> io::Result<()> {
        let Server {
            process,
            stdin,
            mut stdout,
        } = self.server;
        drop(stdin);
        // Its output ends when it does.
        let _ = timeout(STOP_TIMEOUT, stdout.read_to_end(&mut Vec::new())).await;
        process.stop().await.map(drop)
    }
}

async fn check(address: SocketAddr, endpoint: &Endpoint) -> Result<usize, HealthError> {
    get_rows(address, &endpoint.path)
        .await
        .map(|rows| rows.len())
}

async fn start_server(
    directory: &Path,
    manifest: &Manifest,
) -> Result<(Server, SocketAddr), DeployError> {
    let file = directory.join(&manifest.deployment_id);
    let (manifest_path, log_path) = (file.with_extension("json"), file.with_extension("log"));
    let failed = |path: &Path, source| DeployError::File {
        path: path.to_owned(),
        source,
    };
    let json = serde_json::to_vec_pretty(manifest)
        .map_err(|source| failed(&manifest_path, source.into()))?;
    fs::write(&manifest_path, json)
        .await
        .map_err(|source| failed(&manifest_path, source))?;
    let log = std::fs::File::create(&log_path).map_err(|source| failed(&log_path, source))?;

    let mut command = Command::new(env::current_exe().map_err(DeployError::Start)?);
    command.arg("serve").arg(&manifest_path).env_clear();
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(log);
    let mut process = SupervisedChild::spawn(&mut command).map_err(DeployError::Start)?;
    let not_listening = || DeployError::NotListening {
        log: log_path.clone(),
    };
    let (stdin, stdout) = process
        .take_stdin()
        .zip(process.take_stdout())
        .ok_or_else(not_listening)?;
    let mut server = Server {
        process,
        stdin,
        stdout: BufReader::new(stdout),
    };
    let address = timeout(START_TIMEOUT, server.address())
        .await
        .ok()
        .flatten()
        .ok_or_else(not_listening)?;
    Ok((server, address))
}

impl Server {
    /// Waits for the line that tells where the server listens; `None` if it ends without it.
    async fn address(&mut self) -> Option<SocketAddr> {
        let mut line = String::new();
        (&mut self.stdout)
            .take(MAX_LINE)
            .read_line(&mut line)
            .await
            .ok()?;
        line.strip_prefix(LISTENING)?.trim().parse().ok()
    }
}
