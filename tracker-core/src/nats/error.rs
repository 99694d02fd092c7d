//! What goes wrong with NATS: [`NatsError`].

use std::{error::Error, io, path::PathBuf};

use async_nats::{
    ConnectError, ConnectErrorKind,
    jetstream::{
        self, ErrorCode,
        context::{PublishError, PublishErrorKind, RequestError, RequestErrorKind},
    },
};
use thiserror::Error as ThisError;

use super::{
    NatsOptions,
    connection::{Sign, Unanswered},
    set_up::Difference,
};
use crate::store::BoxError;

/// What a `JetStream` server said of a request that it refused.
#[derive(Debug, ThisError)]
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
#[derive(Debug, ThisError)]
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
        /// What [`NatsOptions::describe`](super::NatsOptions::describe) says.
        place: String,
        /// What the client said.
        source: BoxError,
    },
    /// The server refused the login, or what was asked for.
    #[error(
        "{place} denied access: check the user or the credentials file, and the permissions of the user (docs/scale.md names those that publishing, relaying and setting up need)"
    )]
    Denied {
        /// What [`NatsOptions::describe`](super::NatsOptions::describe) says.
        place: String,
        /// What the server said.
        source: BoxError,
    },
    /// The server, or the account on it, has no `JetStream`.
    #[error(
        "{place} has no JetStream: turn it on in the server's configuration, and for the account"
    )]
    NoJetStream {
        /// What [`NatsOptions::describe`](super::NatsOptions::describe) says.
        place: String,
        /// What the server said.
        source: BoxError,
    },
    /// A stream is missing.
    #[error("there is no stream {stream} in {place}: make it with `tracker nats setup`")]
    NoStream {
        /// What [`NatsOptions::describe`](super::NatsOptions::describe) says.
        place: String,
        /// The stream.
        stream: String,
    },
    /// The consumer that relays share is missing.
    #[error(
        "the stream {stream} in {place} has no consumer {consumer}: make it with `tracker nats setup`"
    )]
    NoConsumer {
        /// What [`NatsOptions::describe`](super::NatsOptions::describe) says.
        place: String,
        /// The stream.
        stream: String,
        /// The consumer.
        consumer: String,
    },
    /// What is there was set up in another way.
    #[error("{place} is set up in another way: {}", list(differences))]
    Different {
        /// What [`NatsOptions::describe`](super::NatsOptions::describe) says.
        place: String,
        /// In what; never empty.
        differences: Vec<Difference>,
    },
    /// One server alone can't have more than one replica; with such a setting it would not find the stream after its next start. Nothing was changed.
    #[error("{place} is a single server, and can't have {replicas} replicas")]
    SingleServer {
        /// What [`NatsOptions::describe`](super::NatsOptions::describe) says.
        place: String,
        /// As many as were asked for.
        replicas: usize,
    },
    /// The cluster can't do what was asked for now, or with as many servers as it has.
    #[error("{place} can't do this: {operation}")]
    Refused {
        /// What was asked for.
        operation: &'static str,
        /// What [`NatsOptions::describe`](super::NatsOptions::describe) says.
        place: String,
        /// What the server said.
        source: ServerSaid,
    },
    /// The answer did not come in time.
    #[error("{place} did not answer in time: {operation}")]
    Timeout {
        /// What was asked for.
        operation: &'static str,
        /// What [`NatsOptions::describe`](super::NatsOptions::describe) says.
        place: String,
    },
    /// Anything else.
    #[error("{operation} failed in {place}")]
    Failed {
        /// What was done.
        operation: &'static str,
        /// What [`NatsOptions::describe`](super::NatsOptions::describe) says.
        place: String,
        /// What went wrong.
        source: BoxError,
    },
}

fn list(differences: &[Difference]) -> String {
    let differences: Vec<_> = differences.iter().map(ToString::to_string).collect();
    differences.join("; ")
}

impl NatsError {
    pub(super) fn of_connecting(options: &NatsOptions, error: ConnectError) -> Self {
        let place = options.describe();
        match error.kind() {
            kind @ ConnectErrorKind::AuthorizationViolation => {
                Self::no_login(options, &kind.to_string())
            }
            ConnectErrorKind::Authentication => Self::no_login(options, &error.to_string()),
            _ => Self::Unreachable {
                place,
                source: Box::new(error),
            },
        }
    }

    /// The servers do not take the login, for this reason.
    pub(super) fn no_login(options: &NatsOptions, why: &str) -> Self {
        let why = match options.login_files() {
            Some(files) => {
                format!("{why}; {files} is read again at each attempt: replace what is in it")
            }
            None => why.to_owned(),
        };
        Self::Denied {
            place: options.describe(),
            source: why.into(),
        }
    }
}

/// Why a message is refused of which the client did not know that it is too large.
pub(super) const TOO_LARGE: &str =
    "it is larger than messages of this user or of its account may be (Maximum Payload Violation)";

/// Why a request to `JetStream` did not succeed, before it is told.
pub(super) enum Failure {
    Said(jetstream::Error),
    Unanswered(Sign),
    Request(RequestError),
    Publish(PublishError),
}

impl Failure {
    pub(super) fn is(&self, code: ErrorCode) -> bool {
        matches!(self, Self::Said(said) if said.error_code() == code)
    }

    /// For what the server has the same number as for other things.
    pub(super) fn says(&self, text: &str) -> bool {
        matches!(self, Self::Said(said) if said.to_string().contains(text))
    }

    pub(super) fn into_error(self, operation: &'static str, options: &NatsOptions) -> NatsError {
        let place = options.describe();
        match self {
            Self::Said(said) => {
                let code = said.error_code();
                let source = ServerSaid::from(said);
                match code {
                    ErrorCode::JETSTREAM_NOT_ENABLED
                    | ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT => NatsError::NoJetStream {
                        place,
                        source: Box::new(source),
                    },
                    _ => NatsError::Refused {
                        operation,
                        place,
                        source,
                    },
                }
            }
            Self::Unanswered(Sign::Denied(text)) => NatsError::Denied {
                place,
                source: text.into(),
            },
            Self::Unanswered(Sign::NoLogin(error)) => error,
            Self::Unanswered(Sign::TooLarge) => NatsError::Failed {
                operation,
                place,
                source: TOO_LARGE.into(),
            },
            Self::Unanswered(Sign::Disconnected) => NatsError::Unreachable {
                place,
                source: "the connection broke before the answer came".into(),
            },
            Self::Request(error) => match error.kind() {
                RequestErrorKind::NoResponders => NatsError::NoJetStream {
                    place,
                    source: Box::new(error),
                },
                RequestErrorKind::TimedOut => NatsError::Timeout { operation, place },
                _ => NatsError::Failed {
                    operation,
                    place,
                    source: Box::new(error),
                },
            },
            Self::Publish(error) => match error.kind() {
                PublishErrorKind::TimedOut => NatsError::Timeout { operation, place },
                _ => NatsError::Failed {
                    operation,
                    place,
                    source: Box::new(error),
                },
            },
        }
    }
}

impl From<Unanswered<PublishError>> for Failure {
    fn from(unanswered: Unanswered<PublishError>) -> Self {
        match unanswered {
            Unanswered::Sign(sign) => Self::Unanswered(sign),
            Unanswered::Error(error) => match cause::<jetstream::Error>(&error) {
                Some(said) => Self::Said(said.clone()),
                None => Self::Publish(error),
            },
        }
    }
}

/// The first error of this type: the error itself, or a source.
pub(super) fn cause<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}
