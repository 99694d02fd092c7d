//! The rules that JSON alone can't state: names are unique, references lead somewhere, rows fit
//! their table.

use serde_json::{Map, Value};

use crate::identifier::Identifier;
use crate::request::{Column, Request, Table};
use crate::request_error::{Problem, RequestError};

/// The longest ID, project name or query, in bytes.
const MAX_ID: usize = 200;
const MAX_QUERY: usize = 10_000;
/// The most that one request can ask for. Each is far above what a project starts with, and keeps a
/// job to seconds.
const MAX_TABLES: usize = 50;
const MAX_COLUMNS: usize = 100;
const MAX_ROWS: usize = 1_000;
const MAX_QUERIES: usize = 100;

/// Checks the rules that the types don't already guarantee.
pub fn validate(request: &Request) -> Result<(), RequestError> {
    line(&request.user_id, "user_id")?;
    line(&request.request_id, "request_id")?;
    line(&request.project.id, "project.id")?;
    line(&request.project.name, "project.name")?;
    length(request.tables.len(), MAX_TABLES, "tables")?;
    unique(request.tables.iter().map(|table| &table.name), "tables")?;
    for (index, table) in request.tables.iter().enumerate() {
        validate_table(table, &request.tables, &format!("tables[{index}]"))?;
    }
    length(request.queries.len(), MAX_QUERIES, "queries")?;
    for (index, query) in request.queries.iter().enumerate() {
        length(query.trim().len(), MAX_QUERY, &format!("queries[{index}]"))?;
    }
    Ok(())
}

fn validate_table(table: &Table, all: &[Table], field: &str) -> Result<(), RequestError> {
    let columns = format!("{field}.columns");
    length(table.columns.len(), MAX_COLUMNS, &columns)?;
    unique(table.columns.iter().map(|column| &column.name), &columns)?;
    let keys = table
        .columns
        .iter()
        .filter(|column| column.primary_key)
        .count();
    ensure(keys == 1, &columns, || Problem::PrimaryKeys { count: keys })?;
    for (index, column) in table.columns.iter().enumerate() {
        validate_column(column, all, &format!("{columns}[{index}]"))?;
    }
    if !table.rows.is_empty() {
        length(table.rows.len(), MAX_ROWS, &format!("{field}.rows"))?;
    }
    for (index, row) in table.rows.iter().enumerate() {
        validate_row(row, table, &format!("{field}.rows[{index}]"))?;
    }
    Ok(())
}

fn validate_column(column: &Column, all: &[Table], field: &str) -> Result<(), RequestError> {
    ensure(!(column.primary_key && column.nullable), field, || {
        Problem::NullableKey
    })?;
    let Some(target) = &column.references else {
        return Ok(());
    };
    let field = format!("{field}.references");
    let table = all.iter().find(|table| table.name.is(target));
    ensure(table.is_some(), &field, || Problem::UnknownTable {
        name: target.to_string(),
    })?;
    let key = table.and_then(Table::primary_key);
    let fits = key.is_none_or(|key| key.kind == column.kind);
    ensure(fits, &field, || Problem::OtherTypeThanKey {
        table: target.to_string(),
    })
}

fn validate_row(row: &Map<String, Value>, table: &Table, field: &str) -> Result<(), RequestError> {
    for name in row.keys() {
        let known = table
            .columns
            .iter()
            .any(|column| column.name.as_str() == name);
        ensure(known, field, || Problem::UnknownColumn {
            name: name.clone(),
        })?;
    }
    for column in &table.columns {
        let field = format!("{field}.{}", column.name);
        match row.get(column.name.as_str()) {
            None | Some(Value::Null) => ensure(column.nullable, &field, || Problem::Missing)?,
            Some(value) => {
                ensure(column.kind.accepts(value), &field, || Problem::WrongType {
                    expected: column.kind,
                })?;
            }
        }
    }
    Ok(())
}

/// A text that goes into messages and file contents as one line.
fn line(text: &str, field: &str) -> Result<(), RequestError> {
    length(text.trim().len(), MAX_ID, field)?;
    ensure(!text.contains(char::is_control), field, || {
        Problem::ControlCharacter
    })
}

fn length(length: usize, limit: usize, field: &str) -> Result<(), RequestError> {
    ensure(length > 0, field, || Problem::Empty)?;
    ensure(length <= limit, field, || Problem::TooMany { limit })
}

fn unique<'a>(
    names: impl Iterator<Item = &'a Identifier>,
    field: &str,
) -> Result<(), RequestError> {
    let mut seen: Vec<&Identifier> = Vec::new();
    for name in names {
        ensure(!seen.iter().any(|other| other.is(name)), field, || {
            Problem::Duplicate {
                name: name.to_string(),
            }
        })?;
        seen.push(name);
    }
    Ok(())
}

fn ensure(holds: bool, field: &str, problem: impl FnOnce() -> Problem) -> Result<(), RequestError> {
    if holds {
        Ok(())
    } else {
        Err(RequestError::Invalid {
            field: field.to_owned(),
            problem: problem(),
        })
    }
}
