//! Step 2: create the project's development database, with the tables asked for.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params_from_iter};
use thiserror::Error;
use tokio::fs;
use tracker_core::tracked;
use uuid::Uuid;

use crate::container_session::ContainerSession;
use crate::development_database::{DevelopmentDatabase, sql_value};
use crate::names::Names;
use crate::request::{Column, ColumnType, Table};

/// Creates databases for one container session.
pub struct DatabaseProvisioner {
    /// The path of the database's file.
    databases: PathBuf,
    /// The path of the statements that create it, which are pushed with the project.
    schema: PathBuf,
}

/// Why there is no database, or not the one that was asked for.
#[derive(Debug, Error)]
pub enum ProvisionError {
    #[error("the table `{table}` can't be created")]
    Table {
        table: String,
        source: rusqlite::Error,
    },
    #[error("row {row} of the table `{table}` can't be inserted")]
    Row {
        table: String,
        row: usize,
        source: rusqlite::Error,
    },
    #[error("the rows can't be committed: does each reference have the row that it refers to?")]
    Commit(#[source] rusqlite::Error),
    #[error("the development database can't be used")]
    Database(#[from] rusqlite::Error),
    #[error("{path} can't be written", path = path.display())]
    File { path: PathBuf, source: io::Error },
}

impl DatabaseProvisioner {
    pub fn new(session: &ContainerSession) -> Self {
        Self {
            databases: session.directory.path().to_owned(),
            schema: session.directory.project().join("schema.sql"),
        }
    }

    /// Creates a database with these tables and rows: all of them or, on an error, none.
    #[tracked(action = "database_created", details = "created {output.tables}")]
    pub async fn create_database(
        &self,
        tables: &[Table],
    ) -> Result<DevelopmentDatabase, ProvisionError> {
        let database_id = format!("database_{}", Uuid::now_v7().simple());
        let path = self.databases.join(&database_id).with_extension("db");
        let mut database = DevelopmentDatabase {
            database_id,
            path,
            tables: Names::default(),
        };

        // To SQLite an empty file is an empty database.
        fs::File::create_new(&database.path)
            .await
            .map_err(|source| file_error(&database.path, source))?;
        let wanted = tables.to_vec();
        let (tables, schema) = database
            .with(move |connection| {
                create_tables(connection, &wanted)?;
                Ok::<_, ProvisionError>((read_tables(connection)?, read_schema(connection)?))
            })
            .await?;
        fs::write(&self.schema, schema)
            .await
            .map_err(|source| file_error(&self.schema, source))?;
        database.tables = tables;
        Ok(database)
    }
}

fn file_error(path: &Path, source: io::Error) -> ProvisionError {
    ProvisionError::File {
        path: path.to_owned(),
        source,
    }
}

fn create_tables(connection: &mut Connection, tables: &[Table]) -> Result<(), ProvisionError> {
    let transaction = connection.transaction()?;
    // A row may come before the one that it refers to: references are looked at in the end.
    transaction.pragma_update(None, "defer_foreign_keys", true)?;
    for table in tables {
        transaction
            .execute_batch(&create_table_sql(table, tables))
            .map_err(|source| ProvisionError::Table {
                table: table.name.to_string(),
                source,
            })?;
    }
    for table in tables {
        insert_rows(&transaction, table)?;
    }
    transaction.commit().map_err(ProvisionError::Commit)
}

fn insert_rows(connection: &Connection, table: &Table) -> Result<(), ProvisionError> {
    let names: Vec<String> = table
        .columns
        .iter()
        .map(|column| column.name.quoted())
        .collect();
    let places = vec!["?"; names.len()].join(", ");
    let sql = format!(
        "INSERT INTO {} ({}) VALUES ({places})",
        table.name.quoted(),
        names.join(", ")
    );
    let mut statement = connection.prepare(&sql)?;
    for (index, row) in table.rows.iter().enumerate() {
        let value = |column: &Column| row.get(column.name.as_str()).and_then(sql_value);
        statement
            .execute(params_from_iter(table.columns.iter().map(value)))
            .map_err(|source| ProvisionError::Row {
                table: table.name.to_string(),
                row: index + 1,
                source,
            })?;
    }
    Ok(())
}

/// A strict table: SQLite then holds values to their column's type.
fn create_table_sql(table: &Table, all: &[Table]) -> String {
    let columns: Vec<String> = table
        .columns
        .iter()
        .map(|column| column_sql(column, all))
        .collect();
    format!(
        "CREATE TABLE {} (\n    {}\n) STRICT",
        table.name.quoted(),
        columns.join(",\n    ")
    )
}

fn column_sql(column: &Column, all: &[Table]) -> String {
    let name = column.name.quoted();
    let mut parts = vec![match column.kind {
        ColumnType::Boolean => format!("{name} INTEGER CHECK ({name} IN (0, 1))"),
        ColumnType::Integer => format!("{name} INTEGER"),
        ColumnType::Real => format!("{name} REAL"),
        ColumnType::Text => format!("{name} TEXT"),
    }];
    if !column.nullable {
        parts.push("NOT NULL".to_owned());
    }
    if column.primary_key {
        parts.push("PRIMARY KEY".to_owned());
    }
    let target = column
        .references
        .as_ref()
        .and_then(|name| all.iter().find(|table| table.name.is(name)));
    if let Some((table, key)) = target.and_then(|table| Some((table, table.primary_key()?))) {
        parts.push(format!(
            "REFERENCES {} ({})",
            table.name.quoted(),
            key.name.quoted()
        ));
    }
    parts.join(" ")
}

fn read_tables(connection: &Connection) -> rusqlite::Result<Names> {
    let mut statement = connection.prepare(include_str!("sql/tables.sql"))?;
    statement
        .query_map([], |row| row.get::<_, String>(0))?
        .collect()
}

fn read_schema(connection: &Connection) -> rusqlite::Result<String> {
    let mut statement = connection.prepare(include_str!("sql/schema.sql"))?;
    let statements = statement.query_map([], |row| Ok(row.get::<_, String>(0)? + ";\n"))?;
    Ok(statements.collect::<rusqlite::Result<Vec<_>>>()?.join("\n"))
}
