//! The agent's knowledge of endpoints: a draft by convention, and its repair.
//!
//! A draft takes the shortest route that convention gives, as if no other endpoint wanted it. Where
//! two do (two columns of a table that refer to the same other table), the check finds the fault,
//! and [`Draft::repair`] answers it.

use std::{fmt, mem};

use thiserror::Error;

use crate::endpoint::{Endpoint, KEY, LIMIT, Method, OFFSET, Returns};
use crate::identifier::quoted;
use crate::table_schema::{Reference, TableSchema};

/// An endpoint in the making.
#[derive(Clone, Debug)]
pub struct Draft {
    table: TableSchema,
    purpose: Purpose,
    /// True if the path of a nested list ends with the column that it goes by.
    names_column: bool,
}

#[derive(Clone, Debug)]
enum Purpose {
    List,
    Get,
    Create,
    ListBy(Reference),
}

/// The fault of a draft.
#[derive(Debug, Error)]
pub enum Fault {
    #[error("the route is already taken")]
    RouteTaken,
    #[error("the statement can't be prepared")]
    Statement(#[from] rusqlite::Error),
    #[error("nothing in the request fills the parameter {0}")]
    UnknownParameter(String),
}

impl Draft {
    /// The endpoints that a table should have: list, get and create, and a list for each table that
    /// it belongs to.
    pub fn all_for(table: &TableSchema) -> Vec<Self> {
        let nested = table.references.iter().cloned().map(Purpose::ListBy);
        [Purpose::List, Purpose::Get, Purpose::Create]
            .into_iter()
            .chain(nested)
            .map(|purpose| Self {
                table: table.clone(),
                purpose,
                names_column: false,
            })
            .collect()
    }

    /// Changes the draft so that the fault is gone; `false` if there is nothing left to try.
    pub fn repair(&mut self, fault: &Fault) -> bool {
        match fault {
            Fault::RouteTaken if matches!(self.purpose, Purpose::ListBy(_)) => {
                !mem::replace(&mut self.names_column, true)
            }
            _ => false,
        }
    }

    /// A name that no other draft has: identifiers hold no full stop.
    pub fn file_name(&self) -> String {
        let table = &self.table.name;
        match &self.purpose {
            Purpose::List => format!("{table}.list.json"),
            Purpose::Get => format!("{table}.get.json"),
            Purpose::Create => format!("{table}.create.json"),
            Purpose::ListBy(reference) => format!("{table}.list_by_{}.json", reference.column),
        }
    }

    pub fn endpoint(&self) -> Endpoint {
        let table = &self.table.name;
        let (method, returns, path) = match &self.purpose {
            Purpose::List => (Method::Get, Returns::Rows, format!("/{table}")),
            Purpose::Get => (Method::Get, Returns::Row, format!("/{table}/{{{KEY}}}")),
            Purpose::Create => (Method::Post, Returns::CreatedRow, format!("/{table}")),
            Purpose::ListBy(Reference {
                column,
                table: parent,
            }) => {
                let suffix = if self.names_column {
                    format!("/{column}")
                } else {
                    String::new()
                };
                (
                    Method::Get,
                    Returns::Rows,
                    format!("/{parent}/{{{KEY}}}/{table}{suffix}"),
                )
            }
        };
        Endpoint {
            method,
            path,
            returns,
            sql: self.sql(),
        }
    }

    fn sql(&self) -> String {
        let columns = self
            .table
            .columns
            .iter()
            .map(|column| quoted(column))
            .collect::<Vec<_>>()
            .join(", ");
        let table = quoted(&self.table.name);
        let key = quoted(&self.table.primary_key);
        let page = format!("ORDER BY {key} LIMIT :{LIMIT} OFFSET :{OFFSET}");
        match &self.purpose {
            Purpose::List => format!("SELECT {columns} FROM {table} {page}"),
            Purpose::Get => format!("SELECT {columns} FROM {table} WHERE {key} = :{KEY}"),
            Purpose::Create => {
                let values = self
                    .table
                    .columns
                    .iter()
                    .map(|column| format!(":{column}"))
                    .collect::<Vec<_>>()
                    .join(", ");
                format!("INSERT INTO {table} ({columns}) VALUES ({values}) RETURNING {columns}")
            }
            Purpose::ListBy(reference) => {
                format!(
                    "SELECT {columns} FROM {table} WHERE {} = :{KEY} {page}",
                    quoted(&reference.column)
                )
            }
        }
    }
}

impl fmt::Display for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.endpoint().fmt(f)
    }
}
