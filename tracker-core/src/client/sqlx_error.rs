//! What sqlx says, and SeaORM by way of it, as the errors of the stores.

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

    /// `None` where it was not the server that spoke.
    pub(in crate::client) fn server_error(error: &Error) -> Option<PostgresError> {
        let said = error.as_database_error()?;
        let sqlstate = said.code()?;
        Some(PostgresError::of_server(None, &sqlstate, said.message()))
    }

    /// What kind of trouble it is where it was sqlx that spoke.
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

    /// `None` where it was not SQLite that spoke.
    pub(in crate::client) fn sqlite_error(
        error: &Error,
        busy_timeout: Duration,
    ) -> Option<StoreError> {
        let said = error.as_database_error()?;
        let code = said.code()?.parse().ok()?;
        Some(reported(code, said.message(), busy_timeout))
    }
}
