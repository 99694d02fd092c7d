//! What a Postgres server or the connection to it said, and which [`StoreError`] that makes.

use std::{error::Error, fmt, io, time::Duration};

use crate::store::{BoxError, StoreError};

/// What the server or the driver said: the source of the [`StoreError`]s of Postgres, whichever driver it was.
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
        self.sqlstate().is_some() && self.class() == Class::Refused
    }

    /// Whether it is the server that says that what was to be made is there, or is being made by somebody else.
    pub(super) fn is_there_already(&self) -> bool {
        matches!(self.sqlstate(), Some("42P06" | "42P07"))
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
            Cause::Server { sqlstate, .. } => Class::of_sqlstate(sqlstate),
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

/// What kind of trouble an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Unreachable,
    Denied,
    /// The server takes no writes, or not in this session.
    ReadOnly,
    NoDatabase,
    NotMigrated,
    /// The statement does not fit the table.
    Shape,
    /// The rows do not fit the table.
    Refused,
    /// The row is there already.
    Duplicate,
    /// The server does not support the statement here.
    Unsupported,
    /// The server ended the statement at its time limit.
    TimedOut,
    /// A lock was not to be had within its time limit.
    Locked,
    Other,
}

impl Class {
    /// See Appendix A of the Postgres manual.
    fn of_sqlstate(sqlstate: &str) -> Self {
        match sqlstate {
            "57P01" | "57P02" | "57P03" | "57P05" => Self::Unreachable,
            "42501" => Self::Denied,
            "25006" => Self::ReadOnly,
            "3D000" => Self::NoDatabase,
            "42P01" | "3F000" => Self::NotMigrated,
            // An unknown column, a wrong type, a conversion that is not there, no table but a view, a generated
            // column, and what a binary COPY says about a column of another type.
            "42703" | "42804" | "42846" | "42809" | "428C9" | "22P03" => Self::Shape,
            "23505" => Self::Duplicate,
            "0A000" => Self::Unsupported,
            "57014" => Self::TimedOut,
            "55P03" => Self::Locked,
            _ => match sqlstate.get(..2) {
                // Connection exceptions, and resources that the server has run out of.
                Some("08" | "53") => Self::Unreachable,
                Some("28") => Self::Denied,
                Some("22" | "23") => Self::Refused,
                _ => Self::Other,
            },
        }
    }

    fn of_client(error: &tokio_postgres::Error) -> Self {
        let source = error.source();
        match source.and_then(<dyn Error>::downcast_ref::<io::Error>) {
            // The client can't put it into a message: a gigabyte, or a NUL in the name of the schema.
            Some(error) if error.kind() == io::ErrorKind::InvalidInput => return Self::Refused,
            Some(_) => return Self::Unreachable,
            None if error.is_closed() => return Self::Unreachable,
            None => {}
        }
        // The client tells its other kinds of error apart by their text alone. These two say that a password was
        // asked for and not given, or not in a way that the server takes.
        match error.to_string().as_str() {
            "authentication error" | "invalid configuration" => Self::Denied,
            _ => Self::Other,
        }
    }
}

/// The names that a [`StoreError`] gives to what it happened to.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// What [`Store::describe`](crate::Store::describe) says.
    pub(crate) store: String,
    /// The table, with its schema.
    pub(crate) table: String,
}

impl Place {
    pub(super) fn new(store: String, schema: &str) -> Self {
        Self {
            store,
            table: format!("{schema}.project_actions"),
        }
    }

    /// The error of an operation, for which this store set the time limit, if one was set.
    pub(super) fn error(
        &self,
        operation: &'static str,
        limit: Option<Duration>,
        error: PostgresError,
    ) -> StoreError {
        self.classified(operation, limit, error.class(), Box::new(error))
    }

    /// The same where making the connection failed, which has causes that are no error of the network's: TLS, say.
    pub(super) fn connect_error(&self, limit: Duration, error: PostgresError) -> StoreError {
        let class = match error.class() {
            Class::Other => Class::Unreachable,
            class => class,
        };
        self.classified("connecting", Some(limit), class, Box::new(error))
    }

    pub(super) fn classified(
        &self,
        operation: &'static str,
        limit: Option<Duration>,
        class: Class,
        source: BoxError,
    ) -> StoreError {
        let store = self.store.clone();
        match (class, limit) {
            (Class::Unreachable, _) => StoreError::Unreachable { store, source },
            (Class::Denied, _) => StoreError::Denied { store, source },
            (Class::ReadOnly, _) => StoreError::ReadOnly { store, source },
            (Class::NoDatabase, _) => StoreError::NoDatabase { store, source },
            (Class::NotMigrated, _) => self.not_migrated(),
            (Class::Refused | Class::Duplicate, _) => StoreError::Refused { store, source },
            (Class::TimedOut, Some(after)) => StoreError::Timeout { operation, after },
            _ => StoreError::Failed {
                operation,
                store,
                source,
            },
        }
    }

    pub(super) fn not_migrated(&self) -> StoreError {
        StoreError::NotMigrated {
            store: self.store.clone(),
            table: self.table.clone(),
        }
    }

    pub(super) fn shape(&self, difference: String) -> StoreError {
        StoreError::Shape {
            store: self.store.clone(),
            table: self.table.clone(),
            difference,
        }
    }

    pub(super) fn read_only(&self, why: &str) -> StoreError {
        StoreError::ReadOnly {
            store: self.store.clone(),
            source: Box::new(PostgresError::foreseen(why.to_owned())),
        }
    }

    pub(super) fn denied(&self, what: String) -> StoreError {
        StoreError::Denied {
            store: self.store.clone(),
            source: Box::new(PostgresError::foreseen(what)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_code_tells_what_kind_of_trouble_it_is() {
        for (sqlstate, class) in [
            ("08006", Class::Unreachable),
            ("53300", Class::Unreachable),
            ("57P01", Class::Unreachable),
            ("57P03", Class::Unreachable),
            ("28P01", Class::Denied),
            ("28000", Class::Denied),
            ("42501", Class::Denied),
            ("25006", Class::ReadOnly),
            ("3D000", Class::NoDatabase),
            ("42P01", Class::NotMigrated),
            ("3F000", Class::NotMigrated),
            ("42703", Class::Shape),
            ("42804", Class::Shape),
            ("22P03", Class::Shape),
            ("22021", Class::Refused),
            ("23502", Class::Refused),
            ("23505", Class::Duplicate),
            ("0A000", Class::Unsupported),
            ("57014", Class::TimedOut),
            ("55P03", Class::Locked),
            ("40P01", Class::Other),
            ("XX000", Class::Other),
            ("", Class::Other),
        ] {
            assert_eq!(Class::of_sqlstate(sqlstate), class, "{sqlstate}");
        }
    }
}
