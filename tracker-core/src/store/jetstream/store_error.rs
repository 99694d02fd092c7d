//! Conversions of NATS errors to [`StoreError`].

use std::time::Duration;

use async_nats::jetstream::{
    self, ErrorCode,
    context::{PublishError, PublishErrorKind},
};

use super::{
    error::{NatsError, ServerSaid},
    failure::cause,
};
use crate::store::StoreError;

impl From<NatsError> for StoreError {
    fn from(error: NatsError) -> Self {
        match error {
            NatsError::Unreachable { place, source } => Self::Unreachable {
                store: place,
                source,
            },
            NatsError::Denied { place, source } => Self::Denied {
                store: place,
                source,
            },
            NatsError::NoStream {
                ref place,
                ref stream,
            } => Self::NoStream {
                store: place.clone(),
                stream: stream.clone(),
                source: Box::new(error),
            },
            // Access is granted once the file can be read.
            NatsError::File { .. } => Self::Denied {
                store: "NATS".to_owned(),
                source: Box::new(error),
            },
            NatsError::NoJetStream { place, source } => Self::Failed {
                operation: "asking JetStream",
                store: place,
                source,
            },
            NatsError::Different { ref place, .. }
            | NatsError::SingleServer { ref place, .. }
            | NatsError::NoConsumer { ref place, .. } => Self::Migration {
                store: place.clone(),
                source: Box::new(error),
            },
            NatsError::Refused {
                operation,
                place,
                source,
            } => Self::Failed {
                operation,
                store: place,
                source: Box::new(source),
            },
            NatsError::Timeout {
                operation,
                ref place,
            } => Self::Failed {
                operation,
                store: place.clone(),
                source: Box::new(error),
            },
            NatsError::Failed {
                operation,
                place,
                source,
            } => Self::Failed {
                operation,
                store: place,
                source,
            },
        }
    }
}

/// Returns the error of a failed publish.
pub(super) fn of_publishing(
    place: &str,
    stream: &str,
    limit: Duration,
    error: PublishError,
) -> StoreError {
    let store = place.to_owned();
    match error.kind() {
        // The leader of a stream subscribes to its subjects, so without a stream or a leader nobody
        // responds.
        PublishErrorKind::StreamNotFound => StoreError::NoStream {
            store,
            stream: stream.to_owned(),
            source: Box::new(error),
        },
        PublishErrorKind::TimedOut => StoreError::Timeout {
            operation: "waiting for the stream's acknowledgement",
            after: limit,
        },
        PublishErrorKind::BrokenPipe => StoreError::Unreachable {
            store,
            source: Box::new(error),
        },
        PublishErrorKind::MaxPayloadExceeded => StoreError::Refused {
            store,
            source: Box::new(error),
        },
        _ => match cause::<jetstream::Error>(&error) {
            Some(said) => of_server(store, stream, said.clone()),
            None => StoreError::Failed {
                operation: "publishing",
                store,
                source: Box::new(error),
            },
        },
    }
}

/// The error of a stream with `allow_msg_counter`, which takes only numbers. The client has no name
/// for the code.
const COUNTER_WITHOUT_NUMBER: ErrorCode = ErrorCode(10_169);

/// The error [`ErrorCode::STREAM_OFFLINE`] with a reason, for example a setting of the stream that
/// the server does not know. Servers send it from 2.11 on.
const STREAM_OFFLINE_FOR_A_REASON: ErrorCode = ErrorCode(10_194);

fn of_server(store: String, stream: &str, said: jetstream::Error) -> StoreError {
    let code = said.error_code();
    let source = Box::new(ServerSaid::from(said));
    match code {
        ErrorCode::STREAM_STORE_FAILED if source.description.contains("maximum") => {
            StoreError::NoRoom { store, source }
        }
        ErrorCode::ACCOUNT_RESOURCES_EXCEEDED
        | ErrorCode::INSUFFICIENT_RESOURCES
        | ErrorCode::MEMORY_RESOURCES_EXCEEDED
        | ErrorCode::STORAGE_RESOURCES_EXCEEDED
        | ErrorCode::STREAM_TOO_MANY_REQUESTS => StoreError::NoRoom { store, source },
        // The error is not a permanent error of one row.
        ErrorCode::STREAM_SEALED
        | ErrorCode::JETSTREAM_NOT_ENABLED
        | ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT
        | COUNTER_WITHOUT_NUMBER => StoreError::NoStream {
            store,
            stream: stream.to_owned(),
            source,
        },
        ErrorCode::STREAM_MESSAGE_EXCEEDS_MAXIMUM | ErrorCode::STREAM_HEADER_EXCEEDS_MAXIMUM => {
            StoreError::Refused { store, source }
        }
        ErrorCode::CLUSTER_NOT_AVAILABLE
        | ErrorCode::CLUSTER_NOT_ACTIVE
        | ErrorCode::CLUSTER_NOT_LEADER
        | ErrorCode::CLUSTER_INCOMPLETE
        | ErrorCode::STREAM_OFFLINE
        | STREAM_OFFLINE_FOR_A_REASON => StoreError::Unreachable { store, source },
        _ => StoreError::Failed {
            operation: "publishing",
            store,
            source,
        },
    }
}
