//! The errors of a Postgres server or its connection, and their [`StoreError`]s.

use std::{error::Error, fmt, io, time::Duration};

use super::{engine, sqlstate, tls};
use crate::store::{BoxError, StoreError};

/// An error of the server or the driver: the source of Postgres's [`StoreError`]s, for any driver.
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

    /// Returns whether an engine's catalog lacks an object that a query of the catalog names.
    pub(super) fn is_of_another_catalog(&self) -> bool {
        matches!(self.class(), Class::NotMigrated | Class::Shape) || engine::is_lack(self)
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

/// What the client says where what the server asks for is not configured.
const INVALID_CONFIGURATION: &str = "invalid configuration";

/// The server asks for a password, and there is none.
#[derive(Debug, thiserror::Error)]
#[error(
    "the server asks for a password, and none is given: put it into the URL (postgres://USER:PASSWORD@HOST/DATABASE), into PGPASSWORD, \
     or into ~/.pgpass"
)]
struct MissingPassword;

impl MissingPassword {
    /// Whether it is what the client's error says, by its text alone.
    fn is(error: &tokio_postgres::Error) -> bool {
        let source = error.source().map(ToString::to_string);
        error.to_string() == INVALID_CONFIGURATION && source.as_deref() == Some("password missing")
    }
}

/// What kind of trouble an error is; [`sqlstate`] tells which of a server's codes is which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Unreachable,
    /// TLS could not be set up; with advice.
    Tls(&'static str),
    /// The server has run out of a resource.
    Exhausted,
    Denied,
    /// The server takes no writes, or not in this session.
    ReadOnly,
    NoDatabase,
    NotMigrated,
    /// The statement does not fit the table.
    Shape,
    /// The rows do not fit the table.
    Refused,
    /// A row is stored already.
    Duplicate,
    /// A row refers to one that does not exist, or not yet.
    MissingReference,
    /// The server does not support the statement here.
    Unsupported,
    /// The server ended the statement at its time limit.
    TimedOut,
    /// A lock was not granted within its time limit.
    Locked,
    /// A concurrent client's work is in the way, or took too long.
    Busy,
    /// An object of the server or the table is faulty or damaged.
    Broken,
    Other,
}

impl Class {
    fn of_client(error: &tokio_postgres::Error) -> Self {
        let source = error.source();
        if let Some(advice) = source.and_then(tls::advice) {
            return Self::Tls(advice);
        }
        match source.and_then(<dyn Error>::downcast_ref::<io::Error>) {
            // The client can't put it into a message: a gigabyte, or a NUL in the name of the
            // schema.
            Some(error) if error.kind() == io::ErrorKind::InvalidInput => return Self::Refused,
            Some(_) => return Self::Unreachable,
            None if error.is_closed() => return Self::Unreachable,
            None => {}
        }
        // The client tells its other kinds of error apart by their text alone. These two say that a password was
        // not given in a way that the server takes.
        match error.to_string().as_str() {
            "authentication error" | INVALID_CONFIGURATION => Self::Denied,
            text if text.starts_with("error performing TLS handshake") => Self::Tls(tls::ADVICE),
            _ => Self::Other,
        }
    }
}

/// The names of the store and the table, for errors.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The result of [`Store::describe`](crate::Store::describe).
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

    /// Returns the error of an operation; `limit` is the time limit that the store had set for it,
    /// if any.
    pub(super) fn error(
        &self,
        operation: &'static str,
        limit: Option<Duration>,
        error: PostgresError,
    ) -> StoreError {
        self.classified(operation, limit, error.class(), error)
    }

    /// Returns the error of connecting. Any unclassified cause counts as unreachable, because some
    /// causes are not network errors.
    pub(super) fn connect_error(&self, limit: Duration, error: PostgresError) -> StoreError {
        let class = match error.class() {
            Class::Other => Class::Unreachable,
            class => class,
        };
        self.classified("connecting", Some(limit), class, error)
    }

    pub(super) fn classified(
        &self,
        operation: &'static str,
        limit: Option<Duration>,
        class: Class,
        source: impl Into<BoxError>,
    ) -> StoreError {
        let (store, source) = (self.store.clone(), source.into());
        match (class, limit) {
            (Class::Unreachable, _) => StoreError::Unreachable { store, source },
            (Class::Tls(advice), _) => StoreError::Tls {
                store,
                advice,
                source,
            },
            (Class::Exhausted, _) => StoreError::Exhausted {
                store,
                advice: exhausted(&*source),
                source,
            },
            (Class::Denied, _) => StoreError::Denied { store, source },
            (Class::ReadOnly, _) => StoreError::ReadOnly { store, source },
            (Class::NoDatabase, _) => StoreError::NoDatabase { store, source },
            (Class::NotMigrated, _) => self.not_migrated(),
            (Class::Refused | Class::Duplicate, _) => StoreError::Refused { store, source },
            (Class::MissingReference, _) => StoreError::MissingReference { store, source },
            (Class::TimedOut, Some(after)) => StoreError::Timeout { operation, after },
            (Class::Busy | Class::Locked | Class::TimedOut, _) => {
                StoreError::Busy { store, source }
            }
            (Class::Broken | Class::Shape | Class::Unsupported, _) => {
                StoreError::Broken { store, source }
            }
            (Class::Other, _) => StoreError::Failed {
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

    pub(super) fn refused(&self, source: PostgresError) -> StoreError {
        StoreError::Refused {
            store: self.store.clone(),
            source: Box::new(source),
        }
    }

    pub(super) fn denied(&self, what: String) -> StoreError {
        StoreError::Denied {
            store: self.store.clone(),
            source: Box::new(PostgresError::foreseen(what)),
        }
    }
}

/// Returns advice for the exhausted resource.
fn exhausted(error: &(dyn Error + 'static)) -> &'static str {
    let mut errors = std::iter::successors(Some(error), |error| (*error).source());
    let said = errors.find_map(|error| error.downcast_ref::<PostgresError>()?.sqlstate());
    match said {
        Some("53100") => "its disk is full: make room there",
        Some("53200") => {
            "it has no memory left: raise `max_locks_per_transaction` where shared memory is named, or lower its other settings"
        }
        Some("53300") => {
            "all its connections are taken: raise `max_connections`, or the limit of the role or the database, or take fewer (each worker's store has 4 unless set)"
        }
        Some("53400") => "one of its own limits is reached: raise the setting that is named",
        _ => "it has run out of something: see its log",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(sqlstate: &str) -> StoreError {
        let place = Place::new("a server".to_owned(), "app");
        let error = PostgresError::of_server(Some("ERROR"), sqlstate, "said");
        place.error("writing", Some(Duration::from_secs(1)), error)
    }

    #[test]
    fn what_a_server_has_run_out_of_has_words_of_its_own() {
        for (sqlstate, words) in [
            ("53100", "disk is full"),
            ("53200", "max_locks_per_transaction"),
            ("53300", "max_connections"),
            ("53400", "its own limits"),
            ("53000", "run out of something"),
        ] {
            let error = told(sqlstate);
            assert!(matches!(error, StoreError::Exhausted { .. }), "{error:?}");
            assert!(error.to_string().contains(words), "{error}");
            assert!(!error.to_string().contains("can't reach"), "{error}");
        }
    }

    #[test]
    fn what_time_mends_is_busy_and_what_does_not_serve_is_broken() {
        for sqlstate in ["55P03", "40001", "40P01", "25P04"] {
            assert!(matches!(told(sqlstate), StoreError::Busy { .. }));
        }
        for sqlstate in ["XX001", "58030", "42883", "0A000"] {
            assert!(matches!(told(sqlstate), StoreError::Broken { .. }));
        }
        assert!(matches!(told("23503"), StoreError::MissingReference { .. }));
        assert!(matches!(told("57014"), StoreError::Timeout { .. }));
        for (sqlstate, expected) in [("42P01", true), ("42883", true), ("57014", false)] {
            let error = PostgresError::of_server(None, sqlstate, "said");
            assert_eq!(error.is_of_another_catalog(), expected, "{sqlstate}");
        }
        assert!(matches!(told("TR001"), StoreError::Failed { .. }));
    }
}
