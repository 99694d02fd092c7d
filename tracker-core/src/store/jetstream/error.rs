//! What goes wrong with NATS: [`NatsError`].

use std::{io, path::PathBuf};

use async_nats::jetstream;
use thiserror::Error;

use super::difference::Difference;
use crate::store::BoxError;

/// What a `JetStream` server said of a request that it refused.
#[derive(Debug, Error)]
#[error("{description}")]
pub struct ServerSaid {
    /// `JetStream`'s number of the error.
    pub code: u64,
    /// Its text.
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

/// Why something about a stream, other than publishing to it, could not be done.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NatsError {
    /// A file that the URL names can't be read.
    #[error("can't read {}, which the URL of the NATS servers names", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// No server takes a connection, or it broke.
    #[error("can't reach {place}: check that a NATS server runs there and accepts connections")]
    Unreachable {
        /// What [`NatsOptions::describe`](crate::nats::NatsOptions::describe) says.
        place: String,
        /// The error of the client.
        source: BoxError,
    },
    /// The server refused the login, or what was asked for.
    #[error(
        "{place} denied access: check the user or the credentials file, and the permissions of the user (docs/scale.md names those that publishing, relaying and setting up need)"
    )]
    Denied {
        /// What [`NatsOptions::describe`](crate::nats::NatsOptions::describe) says.
        place: String,
        /// The error of the server.
        source: BoxError,
    },
    /// The server, or the account on it, has no `JetStream`.
    #[error(
        "{place} has no JetStream: turn it on in the server's configuration, and for the account"
    )]
    NoJetStream {
        /// What [`NatsOptions::describe`](crate::nats::NatsOptions::describe) says.
        place: String,
        /// The error of the server.
        source: BoxError,
    },
    /// A stream is missing.
    #[error("there is no stream {stream} in {place}: make it with `tracker nats setup`")]
    NoStream {
        /// What [`NatsOptions::describe`](crate::nats::NatsOptions::describe) says.
        place: String,
        /// The name of the stream.
        stream: String,
    },
    /// The consumer that relays share is missing.
    #[error(
        "the stream {stream} in {place} has no consumer {consumer}: make it with `tracker nats setup`"
    )]
    NoConsumer {
        /// What [`NatsOptions::describe`](crate::nats::NatsOptions::describe) says.
        place: String,
        /// The name of the stream.
        stream: String,
        /// The consumer.
        consumer: String,
    },
    /// What is there was set up in another way.
    #[error("{place} is set up in another way: {}", list(differences))]
    Different {
        /// What [`NatsOptions::describe`](crate::nats::NatsOptions::describe) says.
        place: String,
        /// In what; never empty.
        differences: Vec<Difference>,
    },
    /// One server alone can't have more than one replica; with such a setting it would not find the stream after its next start. Nothing was changed.
    #[error("{place} is a single server, and can't have {replicas} replicas")]
    SingleServer {
        /// What [`NatsOptions::describe`](crate::nats::NatsOptions::describe) says.
        place: String,
        /// As many as were asked for.
        replicas: usize,
    },
    /// The cluster can't do what was asked for now, or with as many servers as it has.
    #[error("{place} can't do this: {operation}")]
    Refused {
        /// The operation.
        operation: &'static str,
        /// What [`NatsOptions::describe`](crate::nats::NatsOptions::describe) says.
        place: String,
        /// The error of the server.
        source: ServerSaid,
    },
    /// The answer did not come in time.
    #[error("{place} did not answer in time: {operation}")]
    Timeout {
        /// The operation.
        operation: &'static str,
        /// What [`NatsOptions::describe`](crate::nats::NatsOptions::describe) says.
        place: String,
    },
    /// Anything else.
    #[error("{operation} failed in {place}")]
    Failed {
        /// The operation.
        operation: &'static str,
        /// What [`NatsOptions::describe`](crate::nats::NatsOptions::describe) says.
        place: String,
        /// What went wrong.
        source: BoxError,
    },
}

fn list(differences: &[Difference]) -> String {
    let differences: Vec<_> = differences.iter().map(ToString::to_string).collect();
    differences.join("; ")
}
