//! The reasons why a request is refused.

use std::fmt;

use thiserror::Error;

use crate::request::ColumnType;

/// The reason why a request is refused. `field` is the path of the wrong value, as in
/// `tables[0].columns[2].type`.
#[derive(Debug, Error)]
pub enum RequestError {
    #[error("the request's `{field}` can't be read")]
    Malformed {
        field: String,
        source: serde_json::Error,
    },
    #[error("the request's `{field}` {problem}")]
    Invalid { field: String, problem: Problem },
}

/// A mistake in a field, worded to follow the name of the field.
#[derive(Debug, PartialEq, Eq)]
pub enum Problem {
    Empty,
    /// More than `limit` items or bytes.
    TooMany {
        limit: usize,
    },
    ControlCharacter,
    Duplicate {
        name: String,
    },
    /// A table needs one primary key column and has `count`.
    PrimaryKeys {
        count: usize,
    },
    NullableKey,
    UnknownTable {
        name: String,
    },
    /// A reference has another type than the key that it refers to.
    OtherTypeThanKey {
        table: String,
    },
    UnknownColumn {
        name: String,
    },
    Missing,
    WrongType {
        expected: ColumnType,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "must not be empty"),
            Self::TooMany { limit } => write!(f, "is too long: {limit} is the limit"),
            Self::ControlCharacter => {
                write!(f, "has a control character in it: write it on one line")
            }
            Self::Duplicate { name } => {
                write!(f, "repeats `{name}`: names differ by more than their case")
            }
            Self::PrimaryKeys { count } => {
                write!(
                    f,
                    "have {count} primary keys: mark exactly one column with `\"primary_key\": true`"
                )
            }
            Self::NullableKey => write!(f, "is a nullable primary key: a key always has a value"),
            Self::UnknownTable { name } => write!(
                f,
                "refers to the table `{name}`, which the request doesn't create"
            ),
            Self::OtherTypeThanKey { table } => {
                write!(f, "has another type than the primary key of `{table}`")
            }
            Self::UnknownColumn { name } => write!(
                f,
                "has a value for `{name}`, which is no column of the table"
            ),
            Self::Missing => write!(f, "has no value, and the column is not nullable"),
            Self::WrongType { expected } => write!(f, "is not of the column's type, {expected:?}"),
        }
    }
}
