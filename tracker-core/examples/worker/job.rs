//! One job: the six steps, in order.
//!
//! A step that fails ends the job with its error. What the job started, the container session and
//! the deployed server, ends with it: in order when all went well, and by being dropped on an error
//! or when the job is given up.

use std::fmt;
use std::path::Path;

use anyhow::Context;

use crate::container_session::ContainerSession;
use crate::database_provisioner::DatabaseProvisioner;
use crate::deployment_service::deploy;
use crate::development_database_executor::DevelopmentDatabaseExecutor;
use crate::endpoint_agent::EndpointAgent;
use crate::github_integration::GithubIntegration;
use crate::project_creation_handler::create_project;
use crate::request::Request;

/// The outcome of a job, in lines for people.
#[derive(Debug, Default)]
pub struct JobReport {
    lines: Vec<(&'static str, String)>,
}

/// Does everything that the request asks for.
pub async fn run(request: &Request, workdir: &Path) -> anyhow::Result<JobReport> {
    let session = create_project(&request.project, workdir)
        .await
        .context("the project was not created")?;
    let report = run_in(&session, request).await?;
    session
        .stop()
        .await
        .context("the container session did not stop")?;
    Ok(report)
}

async fn run_in(session: &ContainerSession, request: &Request) -> anyhow::Result<JobReport> {
    let Request {
        user_id,
        request_id,
        project,
        tables,
        queries,
    } = request;
    let mut report = JobReport::default();
    report.add("session", &session.container_session_id);

    let database = DatabaseProvisioner::new(session)
        .create_database(tables)
        .await
        .context("the database was not created")?;
    report.add(
        "database",
        format!("{}: {}", database.database_id, database.tables),
    );

    let endpoints = EndpointAgent::new(session, database.clone())
        .add_endpoints()
        .await
        .context("the endpoints were not added")?;
    report.add(
        "endpoints",
        format!("{}, after {} rounds", endpoints.names, endpoints.rounds),
    );

    let executed = DevelopmentDatabaseExecutor::new(database.clone())
        .execute(queries)
        .await
        .context("the queries were not executed")?;
    report.add(
        "queries",
        format!("{} rows, tables {}", executed.rows, executed.tables),
    );
    for (query, run) in queries.iter().zip(&executed.queries) {
        report.add(
            "",
            format!("{query}: {} rows, tables {}", run.rows, run.tables),
        );
    }

    let deployment = deploy(
        user_id,
        request_id,
        &project.id,
        session,
        &database,
        &endpoints,
    )
    .await
    .context("the project was not deployed")?;
    let check = format!(
        "{} returned {} rows",
        deployment.checked_endpoint, deployment.checked_rows
    );
    report.add(
        "deployed",
        format!(
            "{} at {}: {check}",
            deployment.deployment_id, deployment.url
        ),
    );

    let message = format!("Add {} endpoints for {}", endpoints.all.len(), project.name);
    let push = GithubIntegration::new(session)
        .push(&message)
        .await
        .context("the code was not pushed")?;
    report.add(
        "pushed",
        format!("{} files to {}", push.files, push.repository_url),
    );
    report.add("commit", push.github_push_id);

    deployment
        .stop()
        .await
        .context("the deployment did not stop")?;
    Ok(report)
}

impl JobReport {
    fn add(&mut self, label: &'static str, text: impl Into<String>) {
        self.lines.push((label, text.into()));
    }
}

impl fmt::Display for JobReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (label, text) in &self.lines {
            writeln!(f, "{label:<10} {text}")?;
        }
        Ok(())
    }
}
