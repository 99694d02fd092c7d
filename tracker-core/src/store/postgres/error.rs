//! Errors of a Postgres server or of the connection to it: [`PostgresError`].

use std::{error::Error, fmt};

use super::{
    class::{Class, INVALID_CONFIGURATION},
    sqlstate,
};
use crate::store::BoxError;

/// An error of the server or the driver: the source of Postgres's
/// [`StoreError`](crate::StoreError)s, for any driver.
///
/// It keeps the severity, the message and the SQLSTATE of a server's error. The detail and the
/// context are left out because they can repeat a whole row.
#[derive(Debug)]
pub struct PostgresError(Cause);

#[derive(Debug)]
enum Cause {
    Server {
        /// `None` if the driver does not tell.
        severity: Option<String>,
        sqlstate: String,
        message: String,
    },
    Driver {
        class: Class,
        error: BoxError,
    },
    /// An error that the store detected itself, without one of the server.
    Foreseen(String),
}

impl PostgresError {
    pub(super) fn foreseen(message: String) -> Self {
        Self(Cause::Foreseen(message))
    }

    pub(crate) fn of_server(severity: Option<&str>, sqlstate: &str, message: &str) -> Self {
        Self(Cause::Server {
            severity: severity.map(str::to_owned),
            sqlstate: sqlstate.to_owned(),
            message: message.to_owned(),
        })
    }

    pub(crate) fn of_driver(class: Class, error: impl Into<BoxError>) -> Self {
        let error = error.into();
        Self(Cause::Driver { class, error })
    }

    /// Returns the server's five-character error code.
    ///
    /// `None` for an error of the connection or the driver, and for every error of a driver that
    /// hides the code, such as Diesel's.
    #[must_use]
    pub fn sqlstate(&self) -> Option<&str> {
        match &self.0 {
            Cause::Server { sqlstate, .. } => Some(sqlstate),
            _ => None,
        }
    }

    /// Returns whether the server says that the rows do not fit the table.
    pub(super) fn is_refusal_by_server(&self) -> bool {
        self.sqlstate().is_some()
            && matches!(self.class(), Class::Refused | Class::MissingReference)
    }

    /// Returns whether the server says that the object to create exists, or is being created by
    /// another client.
    pub(super) fn is_there_already(&self) -> bool {
        // 42710 comes when two clients create a table at once: its row type has the same name.
        matches!(self.sqlstate(), Some("42P06" | "42P07" | "42710"))
    }

    /// Returns whether the server gave the statement up because of a concurrent one, so that a
    /// retry may succeed.
    pub(super) fn is_conflict(&self) -> bool {
        matches!(self.sqlstate(), Some("40001" | "40P01" | "55P03" | "23505"))
    }

    /// Returns whether a row may have been refused only because its partition was just created,
    /// when the row was bound for the default partition. A violated CHECK has the same code.
    pub(super) fn may_be_of_a_new_partition(&self) -> bool {
        self.sqlstate() == Some("23514")
    }

    pub(super) fn class(&self) -> Class {
        match &self.0 {
            Cause::Server { sqlstate, .. } => sqlstate::class(sqlstate),
            Cause::Driver { class, .. } => *class,
            Cause::Foreseen(_) => Class::Other,
        }
    }
}

impl From<tokio_postgres::Error> for PostgresError {
    fn from(error: tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            Some(said) => {
                Self::of_server(Some(said.severity()), said.code().code(), said.message())
            }
            None if MissingPassword::is(&error) => Self::of_driver(Class::Denied, MissingPassword),
            None => Self::of_driver(Class::of_client(&error), error),
        }
    }
}

impl fmt::Display for PostgresError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Cause::Server {
                severity,
                sqlstate,
                message,
            } => {
                if let Some(severity) = severity {
                    write!(f, "{severity}: ")?;
                }
                write!(f, "{message} (SQLSTATE {sqlstate})")
            }
            Cause::Driver { error, .. } => error.fmt(f),
            Cause::Foreseen(message) => f.write_str(message),
        }
    }
}

impl Error for PostgresError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0 {
            Cause::Driver { error, .. } => error.source(),
            _ => None,
        }
    }
}

/// The server asks for a password, and there is none.
#[derive(Debug, thiserror::Error)]
#[error(
    "the server asks for a password, and none is given: put it into the URL (postgres://USER:PASSWORD@HOST/DATABASE), into PGPASSWORD, \
     or into ~/.pgpass"
)]
struct MissingPassword;

impl MissingPassword {
    /// Returns whether the client's error is this one. Its text alone tells.
    fn is(error: &tokio_postgres::Error) -> bool {
        let source = error.source().map(ToString::to_string);
        error.to_string() == INVALID_CONFIGURATION && source.as_deref() == Some("password missing")
    }
}
