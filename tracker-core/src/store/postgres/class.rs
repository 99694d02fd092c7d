//! Classification of errors from a server or the driver: [`Class`].

use std::{error::Error, io};

use super::tls;

/// The text of the client's error if what the server asks for is not configured.
pub(super) const INVALID_CONFIGURATION: &str = "invalid configuration";

/// The class of an error. [`sqlstate`] maps a server's codes to classes.
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
    pub(super) fn of_client(error: &tokio_postgres::Error) -> Self {
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
        // The client tells its other kinds of error apart by their text alone. These two say that
        // no password was given in a way that the server takes.
        match error.to_string().as_str() {
            "authentication error" | INVALID_CONFIGURATION => Self::Denied,
            text if text.starts_with("error performing TLS handshake") => Self::Tls(tls::ADVICE),
            _ => Self::Other,
        }
    }
}
