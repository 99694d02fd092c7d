//! What a user asks the worker for: a project, its tables, and queries to run on them.
//!
//! A [`Request`] comes from JSON and is complete and consistent once it exists:
//! [`Request::from_json`] is the only way to one, and its error names the field that is wrong.

use serde::Deserialize;
use serde_json::{Map, Value};
use thiserror::Error;

use crate::identifier::Identifier;
use crate::validation::{Problem, validate};

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
    /// What people call it; one line.
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

/// Why a request was not taken. `field` is where to look, as in `tables[0].columns[2].type`.
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

impl Request {
    /// Reads and checks a request.
    ///
    /// # Errors
    ///
    /// [`RequestError::Malformed`] for text that isn't JSON of this shape,
    /// [`RequestError::Invalid`] for values that don't make sense together.
    pub fn from_json(json: &str) -> Result<Self, RequestError> {
        let mut deserializer = serde_json::Deserializer::from_str(json);
        let request: Self =
            serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
                RequestError::Malformed {
                    field: error.path().to_string(),
                    source: error.into_inner(),
                }
            })?;
        deserializer
            .end()
            .map_err(|source| RequestError::Malformed {
                field: "end".to_owned(),
                source,
            })?;
        validate(&request)?;
        Ok(request)
    }
}

impl Table {
    /// The column that tells rows apart; the validation made sure that there is one.
    pub fn primary_key(&self) -> Option<&Column> {
        self.columns.iter().find(|column| column.primary_key)
    }
}

impl ColumnType {
    /// Whether a column of this type can hold the value.
    pub fn accepts(self, value: &Value) -> bool {
        match self {
            Self::Boolean => value.is_boolean(),
            Self::Integer => value.is_i64(),
            Self::Real => value.is_number(),
            Self::Text => value.is_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The sample request with one value replaced.
    fn changed(pointer: &str, value: Value) -> Result<Request, RequestError> {
        let mut request: Value = serde_json::from_str(crate::SAMPLE_REQUEST).unwrap();
        *request.pointer_mut(pointer).unwrap() = value;
        Request::from_json(&request.to_string())
    }

    #[test]
    fn the_sample_request_is_taken() {
        Request::from_json(crate::SAMPLE_REQUEST).unwrap();
    }

    #[test]
    fn what_cannot_be_read_names_its_field() {
        for (pointer, value) in [
            ("/user_id", json!(42)),
            ("/project", json!({ "id": "proj_1" })),
            (
                "/tables/1/columns/2/name",
                json!("x\"); DROP TABLE rooms;--"),
            ),
            ("/tables/0/name", json!("sqlite_sequence")),
            ("/tables/0/name", json!("")),
            ("/tables/0/name", json!("1st")),
            ("/tables/0/name", json!("a".repeat(64))),
            ("/tables/0/columns/1/type", json!("blob")),
        ] {
            let error = changed(pointer, value).unwrap_err();
            let RequestError::Malformed { field, .. } = &error else {
                panic!("{error:?}")
            };
            assert_eq!(
                format!("/{}", field.replace(['.', '['], "/").replace(']', "")),
                pointer
            );
        }
    }

    #[test]
    fn an_unknown_field_is_refused() {
        let error =
            changed("/project", json!({ "id": "a", "name": "b", "nmae": "c" })).unwrap_err();
        assert!(matches!(error, RequestError::Malformed { field, .. } if field == "project.nmae"));
    }

    #[test]
    fn what_makes_no_sense_names_its_field_and_problem() {
        let name = |name: &str| name.to_owned();
        for (pointer, value, expected_field, expected) in [
            ("/user_id", json!(" "), "user_id", Problem::Empty),
            (
                "/project/name",
                json!("a\nb"),
                "project.name",
                Problem::ControlCharacter,
            ),
            ("/tables", json!([]), "tables", Problem::Empty),
            (
                "/tables/1/name",
                json!("ROOMS"),
                "tables",
                Problem::Duplicate {
                    name: name("ROOMS"),
                },
            ),
            (
                "/tables/0/columns",
                json!([]),
                "tables[0].columns",
                Problem::Empty,
            ),
            (
                "/tables/0/columns/0/primary_key",
                json!(false),
                "tables[0].columns",
                Problem::PrimaryKeys { count: 0 },
            ),
            (
                "/tables/1/columns/1/references",
                json!("halls"),
                "tables[1].columns[1].references",
                Problem::UnknownTable {
                    name: name("halls"),
                },
            ),
            (
                "/tables/1/columns/1/references",
                json!("equipment"),
                "tables[1].columns[1].references",
                Problem::OtherTypeThanKey {
                    table: name("equipment"),
                },
            ),
            (
                "/tables/0/rows/2/seats",
                json!("many"),
                "tables[0].rows[2].seats",
                Problem::WrongType {
                    expected: ColumnType::Integer,
                },
            ),
            (
                "/tables/0/rows/2/seats",
                json!(null),
                "tables[0].rows[2].seats",
                Problem::Missing,
            ),
            (
                "/tables/0/rows/2",
                json!({ "id": 3, "name": "a", "seats": 4, "floor": 1 }),
                "tables[0].rows[2]",
                Problem::UnknownColumn {
                    name: name("floor"),
                },
            ),
            ("/queries", json!([]), "queries", Problem::Empty),
            (
                "/queries",
                json!(vec!["SELECT 1"; 101]),
                "queries",
                Problem::TooMany { limit: 100 },
            ),
        ] {
            let error = changed(pointer, value).unwrap_err();
            let RequestError::Invalid { field, problem } = error else {
                panic!("{error:?}")
            };
            assert_eq!((field.as_str(), problem), (expected_field, expected));
        }
    }
}
