//! The stream of activities that can't be stored: [`DeadLetters`].

use std::time::Duration;

use async_nats::{
    HeaderMap, HeaderValue,
    header::NATS_MESSAGE_ID,
    jetstream::{
        ErrorCode, Message,
        message::StreamMessage,
        stream::{DeleteStatus, RawMessage},
    },
};
use serde::{Deserialize, Serialize};

use super::{
    connection::Connection, error::NatsError, failure::Failure, message, options::NatsOptions,
    subject,
};
use crate::{Activity, clock::now_ms};

/// The header with the reason why the message could not be stored.
const REASON: &str = "Tracker-Reason";
/// The header with the subject on which the message arrived first.
const SUBJECT: &str = "Tracker-Subject";
/// The header with the time of dead-lettering, in milliseconds since the Unix epoch.
const DIED_AT: &str = "Tracker-Died-At";

/// The number of characters after which a header's value is cut off.
const REASON_CHARS_MAX: usize = 1_000;

/// The most unacknowledged publishes at once.
const UNANSWERED_MAX: usize = 16;

/// The dead letters of a stream: messages that relays could not store. They can be read, put back
/// or removed.
#[derive(Debug)]
pub struct DeadLetters {
    connection: Connection,
    options: NatsOptions,
}

/// A message that could not be stored.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DeadLetter {
    /// The sequence number in the stream of dead letters.
    pub number: u64,
    /// The reason why the message could not be stored.
    pub reason: String,
    /// The time of dead-lettering, in milliseconds since the Unix epoch.
    pub died_at: Option<i64>,
    /// The subject on which the message arrived first.
    pub subject: String,
    /// The activity, or `None` if the message does not hold one.
    pub activity: Option<Activity>,
    /// The payload of the message.
    pub payload: Vec<u8>,
}

impl DeadLetters {
    /// Connects to the stream of dead letters. Each request waits at most `limit` for its answer.
    ///
    /// The user needs the permissions to publish to `$JS.API.STREAM.INFO.<stream>_DEAD` and
    /// `$JS.API.STREAM.MSG.GET.<stream>_DEAD`. To put back or remove dead letters, it also needs
    /// `$JS.API.STREAM.MSG.DELETE.<stream>_DEAD` and `<subject>.*`.
    ///
    /// # Errors
    ///
    /// Returns a [`NatsError`] if no server can be reached or accepts the login, or if there is no
    /// such stream.
    pub async fn open(options: NatsOptions, limit: Duration) -> Result<Self, NatsError> {
        let connection = Connection::make(&options, limit, limit, UNANSWERED_MAX).await?;
        let letters = Self {
            connection,
            options,
        };
        letters.count().await?;
        Ok(letters)
    }

    /// Returns the number of dead letters.
    ///
    /// # Errors
    ///
    /// Returns a [`NatsError`] if the server does not return it.
    pub async fn count(&self) -> Result<u64, NatsError> {
        let name = self.options.dead_letter_stream();
        match self.connection.stream_info(&name).await {
            Ok(info) => Ok(info.state.messages),
            Err(failure) if failure.is(ErrorCode::STREAM_NOT_FOUND) => Err(NatsError::NoStream {
                place: self.options.describe(),
                stream: name,
            }),
            Err(failure) => Err(failure.into_error("counting the dead letters", &self.options)),
        }
    }

    /// Returns the first dead letter whose number is at least `number`, or `None` after the last
    /// one.
    ///
    /// # Errors
    ///
    /// Returns a [`NatsError`] if it can't be read.
    pub async fn next(&self, number: u64) -> Result<Option<DeadLetter>, NatsError> {
        let request = Get {
            seq: number.max(1),
            next_by_subj: subject::all(&self.options.dead_letter_subject()),
        };
        let subject = format!("STREAM.MSG.GET.{}", self.options.dead_letter_stream());
        match self.connection.ask::<Got>(subject, &request).await {
            Ok(got) => {
                let message = StreamMessage::try_from(got.message);
                let message = message.map_err(|source| NatsError::Failed {
                    operation: "reading a dead letter",
                    place: self.options.describe(),
                    source,
                })?;
                Ok(Some(message.into()))
            }
            Err(failure) if failure.is(ErrorCode::NO_MESSAGE_FOUND) => Ok(None),
            Err(failure) => Err(failure.into_error("reading a dead letter", &self.options)),
        }
    }

    /// Publishes a dead letter to the stream of activities again, from which a relay will retry it,
    /// and removes it.
    ///
    /// # Errors
    ///
    /// Returns a [`NatsError`], after which the dead letter is still there. It may have been
    /// published nevertheless: the next time, the stream and the table drop the duplicate.
    pub async fn put_back(&self, letter: &DeadLetter) -> Result<(), NatsError> {
        let mut headers = HeaderMap::new();
        // With the `action_id` alone as its ID, the stream would drop the message as a duplicate.
        let action_id = letter.activity.as_ref().map(|row| row.action_id.clone());
        let id = action_id.unwrap_or_default();
        headers.insert(NATS_MESSAGE_ID, format!("{id} again {}", letter.number));
        let subject = subject::moved(&letter.subject, self.options.subject());
        let payload = letter.payload.clone().into();
        let publishing = self.connection.publish(subject, headers, payload);
        let published = self.connection.answered(publishing).await;
        published.map_err(|unanswered| {
            Failure::from(unanswered).into_error("putting a dead letter back", &self.options)
        })?;
        self.remove(letter.number).await
    }

    /// Removes a dead letter. If there is none of this number, this does nothing.
    ///
    /// # Errors
    ///
    /// Returns a [`NatsError`], after which the dead letter is still there.
    pub async fn remove(&self, number: u64) -> Result<(), NatsError> {
        let subject = format!("STREAM.MSG.DELETE.{}", self.options.dead_letter_stream());
        let removed = self.connection.ask(subject, &Delete { seq: number }).await;
        match removed {
            Ok(DeleteStatus { .. }) => Ok(()),
            Err(failure) if failure.says("no message found") => Ok(()),
            Err(failure) => Err(failure.into_error("removing a dead letter", &self.options)),
        }
    }
}

/// The request for the first message from a sequence number on.
#[derive(Serialize)]
struct Get {
    seq: u64,
    next_by_subj: String,
}

#[derive(Deserialize)]
struct Got {
    message: RawMessage,
}

#[derive(Serialize)]
struct Delete {
    seq: u64,
}

/// Copies a message of the stream of activities to the stream of dead letters. Calling it
/// repeatedly for one message stores one copy, because the message ID is the stream's name and
/// sequence number.
pub(crate) async fn dead_letter(
    connection: &Connection,
    options: &NatsOptions,
    message: &Message,
    reason: &str,
) -> Result<(), NatsError> {
    let mut headers = HeaderMap::new();
    if let Ok(info) = message.info() {
        headers.insert(
            NATS_MESSAGE_ID,
            format!("{} {}", info.stream, info.stream_sequence),
        );
    }
    headers.insert(REASON, header_value(reason));
    headers.insert(SUBJECT, header_value(&message.subject));
    headers.insert(DIED_AT, now_ms().to_string());
    let to = subject::moved(&message.subject, &options.dead_letter_subject());
    let publishing = connection.publish(to, headers, message.payload.clone());
    let published = connection.answered(publishing).await;
    published.map_err(|unanswered| {
        Failure::from(unanswered).into_error("putting an activity aside", options)
    })?;
    Ok(())
}

/// Makes a header's value, which must be one line. Control characters become spaces.
fn header_value(text: &str) -> HeaderValue {
    let line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let line: String = line.take(REASON_CHARS_MAX).collect();
    HeaderValue::from(line)
}

impl From<StreamMessage> for DeadLetter {
    fn from(message: StreamMessage) -> Self {
        let header = |name| {
            let value = message.headers.get(name)?;
            Some(value.as_str().to_owned())
        };
        Self {
            number: message.sequence,
            reason: header(REASON).unwrap_or_default(),
            died_at: header(DIED_AT).and_then(|text| text.parse().ok()),
            subject: header(SUBJECT).unwrap_or_else(|| message.subject.to_string()),
            activity: message::activity(&message.payload).ok(),
            payload: message.payload.to_vec(),
        }
    }
}
