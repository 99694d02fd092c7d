//! Step 3: the agentic loop that writes the project's API endpoints.
//!
//! Draft, check, repair, and round again until everything is covered: what the loop accepts is
//! right because the database said so, not because the drafts are clever. Whatever writes the
//! drafts ([`Draft`] does it by convention; a language model could do it too) is held to the same
//! check.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use thiserror::Error;
use tokio::fs;
use tracker_core::tracked;

use crate::container_session::ContainerSession;
use crate::development_database::DevelopmentDatabase;
use crate::endpoint::{Endpoint, HandlerError, KEY, LIMIT, OFFSET, Returns};
use crate::endpoint_draft::{Draft, Fault};
use crate::names::Names;
use crate::table_schema::TableSchema;

/// The most rounds of the agent. A repair gives a draft the longest route it has, so two are enough
/// for [`Draft`].
const MAX_ROUNDS: u32 = 3;

/// Writes the endpoints for one database.
pub struct EndpointAgent {
    database: DevelopmentDatabase,
    /// The directory of the handler files.
    handlers: PathBuf,
    drafts: Vec<Draft>,
}

/// The endpoints that the agent arrived at.
#[derive(Debug)]
pub struct Endpoints {
    /// Returns the endpoints for people: `GET /rooms, POST /rooms`.
    pub names: Names,
    pub all: Vec<Endpoint>,
    /// The directory of their handler files.
    pub handlers: PathBuf,
    pub rounds: u32,
}

/// Why the agent did not finish.
#[derive(Debug, Error)]
pub enum EndpointAgentError {
    #[error("the endpoint {endpoint} can't be repaired: rename the table or column that it is for")]
    BeyondRepair { endpoint: String, source: Fault },
    #[error("the endpoints are still at fault after {MAX_ROUNDS} rounds")]
    RoundsUsedUp,
    #[error("{path} can't be written", path = path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Handler(#[from] HandlerError),
    #[error("the development database can't be used")]
    Database(#[from] rusqlite::Error),
}

/// The finding of a check: the draft's place and its fault.
type Finding = (usize, Fault);

impl EndpointAgent {
    pub fn new(session: &ContainerSession, database: DevelopmentDatabase) -> Self {
        Self {
            database,
            handlers: session.directory.project().join("handlers"),
            drafts: Vec::new(),
        }
    }

    /// Goes round until every table has its endpoints.
    #[tracked(action = "endpoints_added", details = "added {output.names}")]
    pub async fn add_endpoints(&mut self) -> Result<Endpoints, EndpointAgentError> {
        let tables = self
            .database
            .with(|connection| TableSchema::read_all(connection))
            .await?;
        self.drafts = tables.iter().flat_map(Draft::all_for).collect();
        for round in 1..=MAX_ROUNDS {
            self.write_handlers().await?;
            let (endpoints, findings) = self.check_handlers().await?;
            if findings.is_empty() {
                let names = endpoints.iter().collect();
                return Ok(Endpoints {
                    names,
                    all: endpoints,
                    handlers: self.handlers.clone(),
                    rounds: round,
                });
            }
            self.repair_drafts(findings)?;
        }
        Err(EndpointAgentError::RoundsUsedUp)
    }

    async fn write_handlers(&self) -> Result<(), EndpointAgentError> {
        let failed = |path: &Path, source| EndpointAgentError::Write {
            path: path.to_owned(),
            source,
        };
        fs::create_dir_all(&self.handlers)
            .await
            .map_err(|source| failed(&self.handlers, source))?;
        for draft in &self.drafts {
            let path = self.handlers.join(draft.file_name());
            let json = serde_json::to_string_pretty(&draft.endpoint())
                .map_err(|source| failed(&path, source.into()))?;
            fs::write(&path, json + "\n")
                .await
                .map_err(|source| failed(&path, source))?;
        }
        Ok(())
    }

    /// Checks the files, not the drafts: they are what is going to be served.
    async fn check_handlers(&self) -> Result<(Vec<Endpoint>, Vec<Finding>), EndpointAgentError> {
        let files: Vec<PathBuf> = self
            .drafts
            .iter()
            .map(|draft| self.handlers.join(draft.file_name()))
            .collect();
        self.database
            .with(move |connection| {
                let endpoints = files
                    .iter()
                    .map(|file| Endpoint::load(file))
                    .collect::<Result<Vec<_>, _>>()?;
                let mut routes = HashSet::new();
                let mut findings = Vec::new();
                for (index, endpoint) in endpoints.iter().enumerate() {
                    if !routes.insert(endpoint.to_string()) {
                        findings.push((index, Fault::RouteTaken));
                    } else if let Err(fault) = check_statement(connection, endpoint) {
                        findings.push((index, fault));
                    }
                }
                Ok((endpoints, findings))
            })
            .await
    }

    fn repair_drafts(&mut self, findings: Vec<Finding>) -> Result<(), EndpointAgentError> {
        for (index, fault) in findings {
            let draft = &mut self.drafts[index];
            if !draft.repair(&fault) {
                return Err(EndpointAgentError::BeyondRepair {
                    endpoint: draft.to_string(),
                    source: fault,
                });
            }
        }
        Ok(())
    }
}

/// Has the database prepare the statement, and makes sure that a request fills its parameters.
fn check_statement(connection: &Connection, endpoint: &Endpoint) -> Result<(), Fault> {
    let statement = connection.prepare(&endpoint.sql)?;
    if endpoint.returns == Returns::CreatedRow {
        // The body fills whatever the statement asks for.
        return Ok(());
    }
    for index in 1..=statement.parameter_count() {
        let parameter = statement.parameter_name(index).unwrap_or("?");
        let filled = match parameter.strip_prefix(':') {
            Some(KEY) => endpoint.has_key(),
            Some(LIMIT | OFFSET) => endpoint.returns == Returns::Rows,
            _ => false,
        };
        if !filled {
            return Err(Fault::UnknownParameter(parameter.to_owned()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestProject;

    #[tokio::test]
    async fn two_references_to_one_table_get_a_route_each() {
        let project = TestProject::create().await;
        let mut agent = EndpointAgent::new(&project.session, project.database.clone());
        let endpoints = agent.add_endpoints().await.unwrap();
        assert_eq!(endpoints.rounds, 2);
        let names = &endpoints.names.0;
        assert!(
            names
                .iter()
                .any(|name| name == "GET /rooms/{key}/equipment")
        );
        assert!(
            names
                .iter()
                .any(|name| name == "GET /rooms/{key}/equipment/lent_to_room_id")
        );
        assert_eq!(
            Endpoint::load_all(&endpoints.handlers).unwrap().len(),
            names.len()
        );
    }

    #[tokio::test]
    async fn a_statement_that_the_database_refuses_is_a_fault() {
        let project = TestProject::create().await;
        let endpoint = |sql: &str| Endpoint {
            method: crate::endpoint::Method::Get,
            path: "/rooms".to_owned(),
            returns: Returns::Rows,
            sql: sql.to_owned(),
        };
        let connection = crate::development_database::open(&project.database.path).unwrap();
        let check = |sql| check_statement(&connection, &endpoint(sql));
        assert!(check("SELECT * FROM rooms LIMIT :limit").is_ok());
        assert!(matches!(
            check(r#"SELECT "nmae" FROM rooms"#),
            Err(Fault::Statement(_))
        ));
        assert!(matches!(
            check("SELECT :key FROM rooms"),
            Err(Fault::UnknownParameter(_))
        ));
    }
}
