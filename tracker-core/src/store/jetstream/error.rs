//! The errors of NATS streams: [`NatsError`].

use std::{io, path::PathBuf};

use async_nats::jetstream;
use thiserror::Error;

use super::difference::Difference;
use crate::store::BoxError;

/// The error with which a `JetStream` server answered a request.
#[derive(Debug, Error)]
#[error("{description}")]
pub struct ServerSaid {
    /// The error code of `JetStream`.
    pub code: u64,
    /// The description by the server.
    pub description: String,
}

impl From<jetstream::Error> for ServerSaid {
    fn from(error: jetstream::Error) -> Self {
        Self {
            code: error.error_code().0,
            description: error.to_string(),
        }
    }
}

/// An error of a NATS operation other than publishing to a stream.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NatsError {
    /// A file that the URL names can't be read, or its content is malformed.
    #[error("can't read {}, which the URL of the NATS servers names", path.display())]
    File {
        /// The path of the file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// No server accepts a connection, or the connection broke.
    #[error("can't reach {place}: check that a NATS server runs there and accepts connections")]
    Unreachable {
        /// The description by [`NatsOptions::describe`](crate::nats::NatsOptions::describe).
        place: String,
        /// The error of the client.
        source: BoxError,
    },
    /// The server refused the login or the request.
    #[error(
        "{place} denied access: check the user or the credentials file, and the permissions of the user (docs/scale.md names those that publishing, relaying and setting up need)"
    )]
    Denied {
        /// The description by [`NatsOptions::describe`](crate::nats::NatsOptions::describe).
        place: String,
        /// The error of the server.
        source: BoxError,
    },
    /// `JetStream` is not enabled on the server or for the account.
    #[error(
        "{place} has no JetStream: turn it on in the server's configuration, and for the account"
    )]
    NoJetStream {
        /// The description by [`NatsOptions::describe`](crate::nats::NatsOptions::describe).
        place: String,
        /// The error of the server.
        source: BoxError,
    },
    /// A stream is missing.
    #[error("there is no stream {stream} in {place}: make it with `tracker nats setup`")]
    NoStream {
        /// The description by [`NatsOptions::describe`](crate::nats::NatsOptions::describe).
        place: String,
        /// The name of the stream.
        stream: String,
    },
    /// The consumer that all relays share is missing.
    #[error(
        "the stream {stream} in {place} has no consumer {consumer}: make it with `tracker nats setup`"
    )]
    NoConsumer {
        /// The description by [`NatsOptions::describe`](crate::nats::NatsOptions::describe).
        place: String,
        /// The name of the stream.
        stream: String,
        /// The name of the consumer.
        consumer: String,
    },
    /// The streams or the consumer have other settings than expected.
    #[error("{place} is set up in another way: {}", list(differences))]
    Different {
        /// The description by [`NatsOptions::describe`](crate::nats::NatsOptions::describe).
        place: String,
        /// The differing settings; never empty.
        differences: Vec<Difference>,
    },
    /// More than one replica was requested of a single server. With that setting, the server would
    /// not find the stream after its next start. Nothing was changed.
    #[error("{place} is a single server, and can't have {replicas} replicas")]
    SingleServer {
        /// The description by [`NatsOptions::describe`](crate::nats::NatsOptions::describe).
        place: String,
        /// The number of replicas requested.
        replicas: usize,
    },
    /// The server answered with an error, for example because the cluster has too few servers or
    /// can't do the operation at present.
    #[error("{place} can't do this: {operation}")]
    Refused {
        /// The operation.
        operation: &'static str,
        /// The description by [`NatsOptions::describe`](crate::nats::NatsOptions::describe).
        place: String,
        /// The error of the server.
        source: ServerSaid,
    },
    /// The answer did not arrive in time.
    #[error("{place} did not answer in time: {operation}")]
    Timeout {
        /// The operation.
        operation: &'static str,
        /// The description by [`NatsOptions::describe`](crate::nats::NatsOptions::describe).
        place: String,
    },
    /// Any other failure.
    #[error("{operation} failed in {place}")]
    Failed {
        /// The operation.
        operation: &'static str,
        /// The description by [`NatsOptions::describe`](crate::nats::NatsOptions::describe).
        place: String,
        /// The cause.
        source: BoxError,
    },
}

fn list(differences: &[Difference]) -> String {
    let differences: Vec<_> = differences.iter().map(ToString::to_string).collect();
    differences.join("; ")
}
