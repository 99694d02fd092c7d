//! Step 4: run the request's queries on the development database.
//!
//! The tables of a query are not guessed from its text. SQLite asks an *authorizer* about each
//! table that a statement is going to read or write, those reached through references and triggers
//! included, before it runs. The executor notes the answers, and uses the same occasion to keep
//! queries to the project's rows: no other files, no settings, no transaction control.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::{Connection, ErrorCode};
use thiserror::Error;
use tracker_core::tracked;

use crate::development_database::{DevelopmentDatabase, WORK_LIMIT};
use crate::names::Names;

/// Runs queries on one development database.
pub struct DevelopmentDatabaseExecutor {
    database: DevelopmentDatabase,
}

/// The outcome of a request's queries.
#[derive(Debug)]
pub struct QueryReport {
    pub queries: Vec<QueryRun>,
    /// The tables read or written, in alphabetical order.
    pub tables: Names,
    /// Rows returned, inserted, updated and deleted, all together.
    pub rows: u64,
}

/// The outcome of one query.
#[derive(Debug)]
pub struct QueryRun {
    pub tables: Names,
    pub rows: u64,
}

/// Why the queries did not run. None of them has changed anything then.
#[derive(Debug, Error)]
pub enum QueryError {
    #[error("query {number} (`{sql}`) failed; none of the queries has changed anything")]
    Query {
        number: usize,
        sql: String,
        source: rusqlite::Error,
    },
    #[error("query {number} (`{sql}`) may only read and write the rows of the project's tables")]
    NotAllowed {
        number: usize,
        sql: String,
        source: rusqlite::Error,
    },
    #[error(
        "query {number} (`{sql}`) was stopped: a request's queries have {WORK_LIMIT:?} together"
    )]
    TimedOut {
        number: usize,
        sql: String,
        source: rusqlite::Error,
    },
    #[error("the development database can't be used")]
    Database(#[from] rusqlite::Error),
}

impl DevelopmentDatabaseExecutor {
    pub fn new(database: DevelopmentDatabase) -> Self {
        Self { database }
    }

    /// Runs the queries in order, in one transaction: all of them take effect or, on an error,
    /// none.
    #[tracked(
        action = "queries_executed",
        details("ran {} queries on {}", queries.len(), output.tables),
        references(database_id = self.database.database_id)
    )]
    pub async fn execute(&self, queries: &[String]) -> Result<QueryReport, QueryError> {
        let queries = queries.to_vec();
        let tables = self.database.tables.clone();
        self.database
            .with(move |connection| execute_all(connection, tables, &queries))
            .await
    }
}

fn execute_all(
    connection: &mut Connection,
    tables: Names,
    queries: &[String],
) -> Result<QueryReport, QueryError> {
    let watch = Watch {
        tables: tables.0.into(),
        touched: Arc::default(),
    };
    let authorizer = watch.clone();
    connection.authorizer(Some(move |context: AuthContext<'_>| {
        authorizer.authorize(&context)
    }))?;
    let transaction = connection.transaction()?;
    let mut runs = Vec::new();
    for (index, sql) in queries.iter().enumerate() {
        let run = execute_one(&transaction, &watch, sql)
            .map_err(|source| query_error(index + 1, sql, source))?;
        runs.push(run);
    }
    transaction.commit()?;
    let tables: BTreeSet<&String> = runs.iter().flat_map(|run| &run.tables.0).collect();
    Ok(QueryReport {
        tables: tables.into_iter().collect(),
        rows: runs.iter().map(|run| run.rows).sum(),
        queries: runs,
    })
}

fn execute_one(connection: &Connection, watch: &Watch, sql: &str) -> rusqlite::Result<QueryRun> {
    let (statement, tables) = watch.during(|| connection.prepare(sql));
    let mut statement = statement?;
    let mut rows = 0;
    let mut returned = statement.query([])?;
    while returned.next()?.is_some() {
        rows += 1;
    }
    drop(returned);
    if !statement.readonly() {
        rows = connection.changes();
    }
    Ok(QueryRun {
        tables: tables.into_iter().collect(),
        rows,
    })
}

fn query_error(number: usize, sql: &str, source: rusqlite::Error) -> QueryError {
    let sql = sql.to_owned();
    match source.sqlite_error_code() {
        Some(ErrorCode::AuthorizationForStatementDenied) => QueryError::NotAllowed {
            number,
            sql,
            source,
        },
        Some(ErrorCode::OperationInterrupted) => QueryError::TimedOut {
            number,
            sql,
            source,
        },
        _ => QueryError::Query {
            number,
            sql,
            source,
        },
    }
}

/// Notes the tables of the query that is being prepared.
#[derive(Clone)]
struct Watch {
    /// The project's tables.
    tables: Arc<[String]>,
    /// `None` between queries, when the statements are our own.
    touched: Arc<Mutex<Option<BTreeSet<String>>>>,
}

impl Watch {
    fn during<T>(&self, prepare: impl FnOnce() -> T) -> (T, BTreeSet<String>) {
        *self.touched.lock().unwrap_or_else(PoisonError::into_inner) = Some(BTreeSet::new());
        let prepared = prepare();
        let touched = self
            .touched
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        (prepared, touched.unwrap_or_default())
    }

    fn authorize(&self, context: &AuthContext<'_>) -> Authorization {
        let mut touched = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(touched) = touched.as_mut() else {
            return Authorization::Allow;
        };
        match context.action {
            AuthAction::Read { table_name, .. }
            | AuthAction::Insert { table_name }
            | AuthAction::Update { table_name, .. }
            | AuthAction::Delete { table_name } => {
                // SQLite also asks about the names that a query gives to its own parts (`WITH
                // recent AS …`).
                let table = self
                    .tables
                    .iter()
                    .find(|table| table.eq_ignore_ascii_case(table_name));
                touched.extend(table.cloned());
                Authorization::Allow
            }
            AuthAction::Select | AuthAction::Recursive | AuthAction::Function { .. } => {
                Authorization::Allow
            }
            _ => Authorization::Deny,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestProject;

    async fn execute(queries: &[&str]) -> Result<QueryReport, QueryError> {
        let project = TestProject::create().await;
        let queries: Vec<String> = queries.iter().map(|&sql| sql.to_owned()).collect();
        DevelopmentDatabaseExecutor::new(project.database.clone())
            .execute(&queries)
            .await
    }

    #[tokio::test]
    async fn the_tables_are_those_that_sqlite_reports() {
        for (sql, tables, rows) in [
            ("SELECT count(*) FROM ROOMS -- not bookings", "rooms", 1),
            ("SELECT 'equipment' FROM bookings", "bookings", 3),
            (
                "WITH recent AS (SELECT 1) SELECT count(*) FROM recent",
                "none",
                1,
            ),
            (
                "SELECT 1 WHERE EXISTS (SELECT 1 FROM equipment, rooms)",
                "equipment, rooms",
                1,
            ),
            // A reference makes SQLite read the other table too.
            ("DELETE FROM bookings WHERE id > 1", "bookings, rooms", 2),
            (
                "UPDATE equipment SET lent_to_room_id = 3",
                "equipment, rooms",
                2,
            ),
        ] {
            let report = execute(&[sql]).await.unwrap();
            assert_eq!(
                (report.tables.to_string().as_str(), report.rows),
                (tables, rows),
                "{sql}"
            );
        }
    }

    #[tokio::test]
    async fn a_failing_query_undoes_those_before_it() {
        let project = TestProject::create().await;
        let executor = DevelopmentDatabaseExecutor::new(project.database.clone());
        let queries = ["DELETE FROM bookings", "SELECT nothing FROM rooms"].map(str::to_owned);
        let error = executor.execute(&queries).await.unwrap_err();
        assert!(
            matches!(error, QueryError::Query { number: 2, .. }),
            "{error:?}"
        );
        let report = executor
            .execute(&["SELECT * FROM bookings".to_owned()])
            .await
            .unwrap();
        assert_eq!(report.rows, 3);
    }

    #[tokio::test]
    async fn only_rows_of_the_project_can_be_reached() {
        for sql in [
            "ATTACH 'other.db' AS other",
            "PRAGMA foreign_keys = off",
            "DROP TABLE bookings",
            "CREATE TABLE extra (id)",
            "COMMIT",
            "SAVEPOINT mine",
        ] {
            let error = execute(&[sql]).await.unwrap_err();
            assert!(
                matches!(error, QueryError::NotAllowed { .. }),
                "{sql}: {error:?}"
            );
        }
    }
}
