//! What can't be stored, in a stream of its own: [`DeadLetters`].

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

/// Why it is one.
const REASON: &str = "Tracker-Reason";
/// The subject that it came by.
const SUBJECT: &str = "Tracker-Subject";
/// When it became one, in milliseconds since the Unix epoch.
const DIED_AT: &str = "Tracker-Died-At";

/// The longest reason that is kept, in characters.
const REASON_CHARS_MAX: usize = 1_000;

/// The most acknowledgements that are waited for at once.
const UNANSWERED_MAX: usize = 16;

/// The dead letters of a stream: what relays could not store, to be looked at, put back or removed.
#[derive(Debug)]
pub struct DeadLetters {
    connection: Connection,
    options: NatsOptions,
}

/// One message that could not be stored.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DeadLetter {
    /// Its number in the stream of dead letters.
    pub number: u64,
    /// Why it could not be stored.
    pub reason: String,
    /// When, in milliseconds since the Unix epoch.
    pub died_at: Option<i64>,
    /// The subject that it came by.
    pub subject: String,
    /// The activity; `None` where the message is none.
    pub activity: Option<Activity>,
    /// The message.
    pub payload: Vec<u8>,
}

impl DeadLetters {
    /// Connects to the stream of dead letters. Each answer of the server is waited for as long as `limit`.
    ///
    /// It needs the permissions to publish to `$JS.API.STREAM.INFO.<stream>_DEAD`, `$JS.API.STREAM.MSG.GET.<stream>_DEAD` and, to put
    /// back or remove, `$JS.API.STREAM.MSG.DELETE.<stream>_DEAD` and `<subject>.*`.
    ///
    /// # Errors
    ///
    /// A [`NatsError`] if no server can be reached or takes the login, or there is no such stream.
    pub async fn open(options: NatsOptions, limit: Duration) -> Result<Self, NatsError> {
        let connection = Connection::make(&options, limit, limit, UNANSWERED_MAX).await?;
        let letters = Self {
            connection,
            options,
        };
        letters.count().await?;
        Ok(letters)
    }

    /// How many there are.
    ///
    /// # Errors
    ///
    /// A [`NatsError`] if the server does not say.
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

    /// The first one from this number on; `None` behind the last one.
    ///
    /// # Errors
    ///
    /// A [`NatsError`] if it can't be read.
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

    /// Puts one back into the stream that it came by, from which a relay will try it again, and removes it.
    ///
    /// # Errors
    ///
    /// A [`NatsError`], after which it is still there. It may have been put back: the next time, the stream and the table drop the repetition.
    pub async fn put_back(&self, letter: &DeadLetter) -> Result<(), NatsError> {
        let mut headers = HeaderMap::new();
        // Under the ID alone, the stream would drop it as a repetition.
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

    /// Removes one. That there is none of this number is no error.
    ///
    /// # Errors
    ///
    /// A [`NatsError`], after which it is still there.
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

/// The request for the first message from a number on.
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

/// Puts a message of the stream of activities into that of dead letters; once, however often it is called for the message.
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

/// A header is one line.
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
