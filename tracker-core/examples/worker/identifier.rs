//! Names of tables and columns.
//!
//! SQL has no bound parameters for names, so a name from a request becomes part of a statement's
//! text. Two things keep it from becoming anything else there: only a plain word is taken as an
//! [`Identifier`], and it is quoted wherever it is used.

use std::fmt;

use serde::Deserialize;
use thiserror::Error;

/// The longest name taken, in bytes; what Postgres allows, so that a project can move there.
const MAX_LENGTH: usize = 63;

/// A plain word: ASCII letters, digits and underscores, not starting with a digit, at most 63
/// bytes.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Identifier(String);

/// Why a name was not taken.
#[derive(Debug, Error)]
pub enum IdentifierError {
    #[error(
        "{0:?} is not a plain name: use ASCII letters, digits and underscores, and no digit at the start"
    )]
    NotPlain(String),
    #[error("the name is {length} bytes long: shorten it to {MAX_LENGTH}")]
    TooLong { length: usize },
    #[error("{0:?} is reserved: SQLite keeps names that start with `sqlite_` to itself")]
    Reserved(String),
}

impl Identifier {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns true if SQL takes the two for one name: it does not tell upper from lower case.
    pub fn is(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }

    pub fn quoted(&self) -> String {
        quoted(&self.0)
    }
}

impl TryFrom<String> for Identifier {
    type Error = IdentifierError;

    fn try_from(name: String) -> Result<Self, IdentifierError> {
        let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if name.len() > MAX_LENGTH {
            Err(IdentifierError::TooLong { length: name.len() })
        } else if !starts_well || name.contains(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
            Err(IdentifierError::NotPlain(name))
        } else if name.to_ascii_lowercase().starts_with("sqlite_") {
            Err(IdentifierError::Reserved(name))
        } else {
            Ok(Self(name))
        }
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A name as SQL writes it when it may also be a keyword: `"order"`.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
