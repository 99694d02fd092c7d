//! What a Postgres server or the connection to it said: [`PostgresError`].

use std::{error::Error, fmt};

use super::{class::Class, sqlstate};
use crate::store::BoxError;

/// What the server or the driver said: the source of the [`StoreError`](crate::StoreError)s of Postgres, whichever driver it was.
///
/// Of a server's error it keeps the severity, the message and the SQLSTATE. The detail and the context are left out,
/// as they can repeat a whole row.
#[derive(Debug)]
pub struct PostgresError(Cause);

#[derive(Debug)]
enum Cause {
    Server {
        /// Where the driver tells.
        severity: Option<String>,
        sqlstate: String,
        message: String,
    },
    Driver {
        class: Class,
        error: BoxError,
    },
    /// What the server would have said, had the statement been sent.
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

    /// The server's five-character error code; `None` for an error of the connection or the driver, and for every error by
    /// way of a driver that keeps the code to itself, as Diesel does.
    #[must_use]
    pub fn sqlstate(&self) -> Option<&str> {
        match &self.0 {
            Cause::Server { sqlstate, .. } => Some(sqlstate),
            _ => None,
        }
    }

    /// Whether it is the server that says that the rows do not fit the table.
    pub(super) fn is_refusal_by_server(&self) -> bool {
        self.sqlstate().is_some()
            && matches!(self.class(), Class::Refused | Class::MissingReference)
    }

    /// Whether it is the server that says that what was to be made is there, or is being made by somebody else.
    pub(super) fn is_there_already(&self) -> bool {
        // The last where two make a table at once: its row type has the name as well.
        matches!(self.sqlstate(), Some("42P06" | "42P07" | "42710"))
    }

    /// Whether the server gave the statement up for another one at the same time, and would take it again.
    pub(super) fn is_conflict(&self) -> bool {
        matches!(self.sqlstate(), Some("40001" | "40P01" | "55P03" | "23505"))
    }

    /// Whether a row may have been refused only because its partition was made just then: it was on its way to the default one. It is a
    /// CHECK's error too.
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
