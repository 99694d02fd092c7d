//! Converts errors of sqlx, which SeaORM passes on as well, to errors of the stores.

use sqlx::Error;

#[cfg(any(feature = "sea-orm", feature = "sqlx-postgres"))]
pub(super) mod postgres {
    use super::Error;
    use crate::store::postgres::{class::Class, error::PostgresError};

    #[cfg(feature = "sqlx-postgres")]
    impl From<Error> for PostgresError {
        fn from(error: Error) -> Self {
            server_error(&error).unwrap_or_else(|| Self::of_driver(class(&error), error))
        }
    }

    /// Returns the server's error, or `None` if the error is not the server's.
    pub(in crate::client) fn server_error(error: &Error) -> Option<PostgresError> {
        let said = error.as_database_error()?;
        let sqlstate = said.code()?;
        Some(PostgresError::of_server(None, &sqlstate, said.message()))
    }

    /// Returns the class of an error of sqlx itself.
    pub(in crate::client) fn class(error: &Error) -> Class {
        match error {
            Error::Io(_)
            | Error::Tls(_)
            | Error::PoolTimedOut
            | Error::PoolClosed
            | Error::WorkerCrashed => Class::Unreachable,
            Error::Encode(_) => Class::Refused,
            _ => Class::Other,
        }
    }
}

#[cfg(all(feature = "sqlite", any(feature = "sea-orm", feature = "sqlx-sqlite")))]
pub(super) mod sqlite {
    use std::time::Duration;

    use super::Error;
    use crate::store::{StoreError, sqlite::other_drivers::reported};

    /// Returns SQLite's error, or `None` if the error is not SQLite's.
    pub(in crate::client) fn sqlite_error(
        error: &Error,
        busy_timeout: Duration,
    ) -> Option<StoreError> {
        let said = error.as_database_error()?;
        let code = said.code()?.parse().ok()?;
        Some(reported(code, said.message(), busy_timeout))
    }
}
