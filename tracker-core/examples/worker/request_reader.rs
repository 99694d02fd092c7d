//! The only way to a [`Request`]: JSON that is complete and consistent.

use crate::request::Request;
use crate::request_error::RequestError;
use crate::validation::validate;

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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::request::ColumnType;
    use crate::request_error::Problem;

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
