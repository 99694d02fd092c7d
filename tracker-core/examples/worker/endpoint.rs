//! An API endpoint, as one handler file describes it.
//!
//! A handler is data: a route and the SQL statement that answers it. The agent writes handlers, the
//! repository keeps them, the deployed server serves them. A statement's named parameters are
//! filled from the request: those of a read from the path (`:key`) and the query string (`:limit`,
//! `:offset`), those of a creation from the JSON body.

use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The placeholder in a path, `/rooms/{key}`, and the parameter in the statement that it fills.
pub const KEY: &str = "key";
/// The parameters that a list is paged by.
pub const LIMIT: &str = "limit";
pub const OFFSET: &str = "offset";

/// One endpoint.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    pub method: Method,
    pub path: String,
    pub returns: Returns,
    pub sql: String,
}

/// The methods in use.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    Get,
    Post,
}

/// The result of a request.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Returns {
    /// A page of rows, as a JSON array.
    Rows,
    /// One row, as a JSON object; 404 if there is none.
    Row,
    /// The new row, with status 201.
    CreatedRow,
}

/// Why handler files can't be loaded.
#[derive(Debug, Error)]
pub enum HandlerError {
    #[error("the handlers in {path} can't be read", path = path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{path} is no handler", path = path.display())]
    Malformed {
        path: PathBuf,
        source: serde_json::Error,
    },
}

impl Endpoint {
    /// True for a list that needs no key, so that it can be asked for without knowing a row.
    pub fn is_plain_list(&self) -> bool {
        self.returns == Returns::Rows && !self.has_key()
    }

    pub fn has_key(&self) -> bool {
        self.path.contains('{')
    }

    /// Reads one handler file.
    pub fn load(path: &Path) -> Result<Self, HandlerError> {
        let json = fs::read_to_string(path).map_err(|source| HandlerError::Read {
            path: path.to_owned(),
            source,
        })?;
        serde_json::from_str(&json).map_err(|source| HandlerError::Malformed {
            path: path.to_owned(),
            source,
        })
    }

    /// Reads every handler file of a directory.
    pub fn load_all(directory: &Path) -> Result<Vec<Self>, HandlerError> {
        let unreadable = |source| HandlerError::Read {
            path: directory.to_owned(),
            source,
        };
        let mut files = Vec::new();
        for entry in fs::read_dir(directory).map_err(unreadable)? {
            files.push(entry.map_err(unreadable)?.path());
        }
        files.sort();
        files.iter().map(|file| Self::load(file)).collect()
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = match self.method {
            Method::Get => "GET",
            Method::Post => "POST",
        };
        write!(f, "{method} {}", self.path)
    }
}
