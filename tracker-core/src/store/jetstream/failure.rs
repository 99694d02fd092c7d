//! The failure of a `JetStream` request, before it becomes a public error: [`Failure`].

use std::error::Error;

use async_nats::jetstream::{
    self, ErrorCode,
    context::{PublishError, PublishErrorKind, RequestError, RequestErrorKind},
};

use super::{
    error::{NatsError, ServerSaid},
    options::NatsOptions,
    signs::{Sign, Unanswered},
};

/// The reason given for a message larger than a limit that only the server knows.
pub(super) const TOO_LARGE: &str =
    "it is larger than messages of this user or of its account may be (Maximum Payload Violation)";

pub(crate) enum Failure {
    Said(jetstream::Error),
    Unanswered(Sign),
    Request(RequestError),
    Publish(PublishError),
}

impl Failure {
    pub(crate) fn is(&self, code: ErrorCode) -> bool {
        matches!(self, Self::Said(said) if said.error_code() == code)
    }

    /// Returns whether the server's description contains `text`, for errors that share an error
    /// code.
    pub(super) fn says(&self, text: &str) -> bool {
        matches!(self, Self::Said(said) if said.to_string().contains(text))
    }

    pub(crate) fn into_error(self, operation: &'static str, options: &NatsOptions) -> NatsError {
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

/// Returns the first error of type `E`: the error itself or one of its sources.
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
