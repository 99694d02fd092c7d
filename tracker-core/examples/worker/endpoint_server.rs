//! The deployed program: serves a project's endpoints on a loopback port.
//!
//! It runs as a child process of the worker, from the same binary (`worker serve MANIFEST`). It
//! prints its address once it can be reached, and shuts down, requests in flight finished, when its
//! standard input closes: that is also how it notices a worker that was killed.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::{fs, io};

use anyhow::Context;
use axum::extract::{self, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use axum::{Json, Router};
use rusqlite::types::{Value as SqlValue, ValueRef};
use rusqlite::{Connection, ErrorCode, Row};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::task;

use crate::development_database::{self, sql_value};
use crate::endpoint::{Endpoint, KEY, LIMIT, Method, OFFSET, Returns};

/// The line that tells the address starts with this.
pub const LISTENING: &str = "listening on ";
/// The rows of a page, if a request doesn't say; and the most that it gets.
const PAGE_DEFAULT: u32 = 50;
const PAGE_MAX: u32 = 200;

/// The endpoints to serve, and their deployment.
#[derive(Debug, Serialize, Deserialize)]
pub struct Manifest {
    pub deployment_id: String,
    pub project_id: String,
    pub user_id: String,
    pub request_id: String,
    pub database: PathBuf,
    pub handlers: PathBuf,
}

/// Serves until standard input closes.
pub async fn serve(manifest: &Path) -> anyhow::Result<()> {
    let json = fs::read_to_string(manifest)
        .with_context(|| format!("can't read {}", manifest.display()))?;
    let manifest: Manifest = serde_json::from_str(&json).context("the manifest is malformed")?;
    let database =
        development_database::open(&manifest.database).context("can't open the database")?;
    let endpoints = Endpoint::load_all(&manifest.handlers)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .context("no loopback port is to be had")?;

    println!("{LISTENING}{}", listener.local_addr()?);
    axum::serve(listener, router(endpoints, database))
        .with_graceful_shutdown(stdin_closes())
        .await?;
    Ok(())
}

async fn stdin_closes() {
    let read_to_end = || io::copy(&mut io::stdin().lock(), &mut io::sink());
    // However the reading ends, there is no worker any more.
    let _ = task::spawn_blocking(read_to_end).await;
}

type Database = Arc<Mutex<Connection>>;

fn router(endpoints: Vec<Endpoint>, database: Connection) -> Router {
    let database = Arc::new(Mutex::new(database));
    endpoints
        .into_iter()
        .fold(Router::new(), |router, endpoint| {
            let path = endpoint.path.clone();
            router.route(&path, method_router(endpoint, database.clone()))
        })
}

fn method_router(endpoint: Endpoint, database: Database) -> MethodRouter {
    match endpoint.method {
        Method::Get => get(
            move |key: Option<extract::Path<String>>, Query(page): Query<Page>| {
                let arguments = page.arguments(endpoint.returns, key.map(|path| path.0));
                answer(endpoint, database, arguments)
            },
        ),
        Method::Post => {
            post(move |Json(body): Json<Map<String, Value>>| create(endpoint, database, body))
        }
    }
}

/// The rows of a list to return.
#[derive(Deserialize)]
struct Page {
    limit: Option<u32>,
    #[serde(default)]
    offset: u32,
}

type Arguments = HashMap<String, SqlValue>;

impl Page {
    /// Returns the arguments of a read's statement: the key if the path has one, and the page for a
    /// list.
    fn arguments(&self, returns: Returns, key: Option<String>) -> Arguments {
        let mut arguments = Arguments::new();
        if let Some(key) = key {
            arguments.insert(KEY.to_owned(), key.into());
        }
        if returns == Returns::Rows {
            let limit = self.limit.unwrap_or(PAGE_DEFAULT).min(PAGE_MAX);
            arguments.insert(LIMIT.to_owned(), limit.into());
            arguments.insert(OFFSET.to_owned(), self.offset.into());
        }
        arguments
    }
}

async fn create(
    endpoint: Endpoint,
    database: Database,
    body: Map<String, Value>,
) -> Result<Response, ApiError> {
    let value = |(name, value)| match sql_value(&value) {
        Some(value) => Ok((name, value)),
        None => Err(ApiError::NoColumnValue(name)),
    };
    let arguments = body.into_iter().map(value).collect::<Result<_, _>>()?;
    answer(endpoint, database, arguments).await
}

async fn answer(
    endpoint: Endpoint,
    database: Database,
    arguments: Arguments,
) -> Result<Response, ApiError> {
    let returns = endpoint.returns;
    let query = move || {
        // A panic leaves the connection as it was: SQLite rolls back a statement that isn't
        // finished.
        let connection = database.lock().unwrap_or_else(PoisonError::into_inner);
        run(&connection, &endpoint.sql, arguments)
    };
    let mut rows = task::spawn_blocking(query)
        .await
        .map_err(|_| ApiError::Panicked)??;
    Ok(match returns {
        Returns::Rows => Json(rows).into_response(),
        Returns::Row => Json(rows.pop().ok_or(ApiError::NotFound)?).into_response(),
        Returns::CreatedRow => (StatusCode::CREATED, Json(rows.pop())).into_response(),
    })
}

/// Runs the statement with its parameters filled by name; a parameter without a value is NULL.
fn run(
    connection: &Connection,
    sql: &str,
    mut arguments: Arguments,
) -> Result<Vec<Map<String, Value>>, ApiError> {
    let mut statement = connection.prepare(sql)?;
    for index in 1..=statement.parameter_count() {
        let name = statement
            .parameter_name(index)
            .map(|name| name.trim_start_matches(':').to_owned());
        let value = name
            .and_then(|name| arguments.remove(&name))
            .unwrap_or(SqlValue::Null);
        statement.raw_bind_parameter(index, value)?;
    }
    if let Some(unknown) = arguments.into_keys().next() {
        return Err(ApiError::UnknownField(unknown));
    }
    let columns: Vec<String> = statement
        .column_names()
        .into_iter()
        .map(str::to_owned)
        .collect();
    let mut rows = statement.raw_query();
    let mut objects = Vec::new();
    while let Some(row) = rows.next()? {
        objects.push(object(row, &columns)?);
    }
    Ok(objects)
}

fn object(row: &Row<'_>, columns: &[String]) -> rusqlite::Result<Map<String, Value>> {
    let value = |(index, name): (usize, &String)| {
        let value = match row.get_ref(index)? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(integer) => integer.into(),
            ValueRef::Real(real) => real.into(),
            ValueRef::Text(text) | ValueRef::Blob(text) => String::from_utf8_lossy(text).into(),
        };
        Ok((name.clone(), value))
    };
    columns.iter().enumerate().map(value).collect()
}

/// The reason why a request is refused.
#[derive(Debug, Error)]
enum ApiError {
    #[error("there is no such row")]
    NotFound,
    #[error("`{0}` is no column of this table")]
    UnknownField(String),
    #[error("`{0}` is a list or an object, which no column holds")]
    NoColumnValue(String),
    #[error("the database refused the request: {0}")]
    Database(#[from] rusqlite::Error),
    #[error("the request could not be answered")]
    Panicked,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::UnknownField(_) | Self::NoColumnValue(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Database(error)
                if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) =>
            {
                StatusCode::CONFLICT
            }
            Self::Database(_) | Self::Panicked => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, Json(json!({ "error": self.to_string() }))).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint_agent::EndpointAgent;
    use crate::health_check::{HealthError, get_rows};
    use crate::testing::TestProject;

    #[tokio::test]
    async fn the_endpoints_answer_from_the_database() {
        let project = TestProject::create().await;
        let mut agent = EndpointAgent::new(&project.session, project.database.clone());
        let endpoints = agent.add_endpoints().await.unwrap().all;
        let database = development_database::open(&project.database.path).unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        // The test's runtime ends the task with the test.
        tokio::spawn(axum::serve(listener, router(endpoints, database)).into_future());

        for (path, rows) in [
            ("/rooms", 3),
            ("/rooms?limit=2&offset=2", 1),
            ("/rooms/2/bookings", 2),
            ("/rooms/2/equipment/lent_to_room_id", 1),
        ] {
            assert_eq!(get_rows(address, path).await.unwrap().len(), rows, "{path}");
        }
        let error = get_rows(address, "/rooms/99").await.unwrap_err();
        assert!(matches!(error, HealthError::Status(status) if status.contains("404")));
    }

    #[tokio::test]
    async fn a_field_that_is_no_column_is_refused() {
        let project = TestProject::create().await;
        let database = development_database::open(&project.database.path).unwrap();
        let sql = "INSERT INTO rooms (name, seats) VALUES (:name, :seats) RETURNING id";
        let insert = |fields: &[&str]| {
            let arguments = fields
                .iter()
                .map(|&name| (name.to_owned(), SqlValue::Integer(1)));
            run(&database, sql, arguments.collect())
        };
        let error = insert(&["name", "seats", "limit"]).unwrap_err();
        assert!(matches!(error, ApiError::UnknownField(field) if field == "limit"));
        assert_eq!(insert(&["name", "seats"]).unwrap().len(), 1);
    }
}
