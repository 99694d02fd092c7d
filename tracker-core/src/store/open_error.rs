//! The errors of setting a store up: [`OpenError`], and what it is made of.
//!
//! No message contains a password or a connection string.

#[cfg(feature = "postgres")]
pub(super) mod connection_string;
#[cfg(feature = "nats")]
pub(super) mod nats_options;
#[cfg(feature = "postgres")]
pub(super) mod tls;

use std::path::PathBuf;

use thiserror::Error as ThisError;

#[cfg(feature = "nats")]
use self::nats_options::NatsOptionsError;
#[cfg(feature = "postgres")]
use self::{connection_string::ConnectionStringError, tls::TlsError};
use super::boxed::BoxError;

/// An error that prevents a store from being set up. Nothing was opened or started.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum OpenError {
    /// The Postgres connection string is malformed, or names something that can't be used.
    #[cfg(feature = "postgres")]
    #[error(transparent)]
    ConnectionString(#[from] ConnectionStringError),
    /// The root certificates for verifying a Postgres server can't be read.
    #[cfg(feature = "postgres")]
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The schema's name does not have 1 to 63 bytes, or it contains NUL.
    #[error("a schema name has 1 to 63 bytes and no NUL: set another one")]
    SchemaName,
    /// The SQLite file could not be opened.
    #[error("can't open the SQLite database {}: check that its directory exists and can be written, and that the file is a database", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// The error of SQLite.
        source: BoxError,
    },
    /// The URL of the NATS servers can't be parsed.
    #[cfg(feature = "nats")]
    #[error(transparent)]
    Nats(#[from] NatsOptionsError),
    /// The path of the SQLite file is empty.
    #[error("the path of the SQLite file is empty: name the file, as in sqlite:tracker.db")]
    EmptyPath,
    /// The path is SQLite's name for a database in memory, which the store's two connections can't
    /// share.
    #[error(
        "`:memory:` names no file, and activities in memory would be gone with the program: name a file, as in sqlite:tracker.db"
    )]
    InMemory,
    /// The URL names no kind of store that this build supports.
    #[cfg_attr(
        feature = "postgres",
        error(
            "the store's URL must begin with one of {known}; libpq's key=value pairs are no URL, \
             and are for what opens a Postgres alone"
        )
    )]
    #[cfg_attr(
        not(feature = "postgres"),
        error("the store's URL must begin with one of {known}")
    )]
    Scheme {
        /// The beginnings of the URLs that this build supports.
        known: String,
    },
    /// The store's thread could not be started.
    #[error("can't start a thread for the store: raise the limit of threads or of memory")]
    Thread(#[source] std::io::Error),
}
