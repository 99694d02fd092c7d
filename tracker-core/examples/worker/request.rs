//! The job that a user asks the worker for: a project, its tables, and queries to run on them.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::identifier::Identifier;

/// One job for the worker.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub user_id: String,
    pub request_id: String,
    pub project: Project,
    pub tables: Vec<Table>,
    /// SQL to run on the development database, one statement each, in this order.
    pub queries: Vec<String>,
}

/// The project that the job is for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Project {
    pub id: String,
    /// The name for people, on one line.
    pub name: String,
}

/// A table to create, and the rows it starts with.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    pub name: Identifier,
    pub columns: Vec<Column>,
    /// Values by column name; a nullable column may be left out.
    #[serde(default)]
    pub rows: Vec<Map<String, Value>>,
}

/// A column of a [`Table`]; exactly one column of each is the primary key.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    pub name: Identifier,
    #[serde(rename = "type")]
    pub kind: ColumnType,
    #[serde(default)]
    pub primary_key: bool,
    #[serde(default)]
    pub nullable: bool,
    /// The table whose primary key this column holds.
    pub references: Option<Identifier>,
}

/// The types a column can have.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum ColumnType {
    Boolean,
    Integer,
    Real,
    Text,
}

impl Table {
    /// The column that tells rows apart; validation has made sure that there is one.
    pub fn primary_key(&self) -> Option<&Column> {
        self.columns.iter().find(|column| column.primary_key)
    }
}

impl ColumnType {
    /// Returns true if a column of this type can hold the value.
    pub fn accepts(self, value: &Value) -> bool {
        match self {
            Self::Boolean => value.is_boolean(),
            Self::Integer => value.is_i64(),
            Self::Real => value.is_number(),
            Self::Text => value.is_string(),
        }
    }
}
