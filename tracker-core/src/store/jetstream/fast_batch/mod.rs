//! Publishes many messages with few acknowledgements: [`FastBatch`].
//!
//! Servers from 2.14 on take such batches into a stream that allows them (`allow_batched`). ADR-50
//! of NATS calls this *fast ingest*. The reply subject of a message names its batch by an inbox,
//! and the message by its number:
//!
//! ```text
//! _INBOX.<batch>.<flow>.fail.<number>.<operation>.$FI
//! ```
//!
//! The server acknowledges at least each `flow`-th message. An acknowledgement covers all messages
//! up to its number: the stream has stored each of them, or had its `Nats-Msg-Id` before. With
//! `fail`, the server takes no message after one that is missing or refused. It then ends the batch
//! and tells how many it has.
//!
//! The server also counts a message as covered that another attempt has published and that is not
//! stored yet. So a batch that may have been published before must not be published in this way.

mod answer;

use std::time::Duration;

use async_nats::{
    HeaderMap, Subscriber,
    client::PublishErrorKind as SendErrorKind,
    header::NATS_EXPECTED_STREAM,
    jetstream::context::{PublishError, PublishErrorKind},
};
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::time::{Instant, timeout};

use self::answer::Answer;
use super::{
    connection::Connection,
    message::{Message, NO_STREAM},
};

/// The most messages for one acknowledgement. A server starts with no more than that.
const FLOW_MAX: usize = 500;

/// The time without an answer after which the server is asked how far it is. Acknowledgements can
/// be lost, for example when the stream gets another leader.
const ASK_AFTER: Duration = Duration::from_secs(1);

/// The place of a message in its batch.
#[derive(Clone, Copy)]
enum Operation {
    Start = 0,
    Append = 1,
    /// The last message, which is stored.
    Commit = 2,
    /// The end, which is not stored.
    End = 3,
    /// The question how far the server is.
    Ask = 4,
}

/// The end of a fast batch.
pub(super) struct Ended {
    /// The number of first messages that the stream has.
    pub(super) covered: usize,
    /// False if the server takes no fast batches into the stream.
    pub(super) is_supported: bool,
}

/// A batch on its way.
pub(super) struct FastBatch<'a> {
    connection: &'a Connection,
    answers: Subscriber,
    /// The beginning of all reply subjects.
    reply: String,
    /// The subject of the first message, to which questions are published.
    subject: String,
    unanswered_max: usize,
    sent: usize,
    covered: usize,
    /// True once the server has answered that it takes the batch.
    is_open: bool,
    /// True if no further message is sent.
    is_ending: bool,
    /// The time at which the server has covered a further message.
    covered_at: Instant,
}

impl<'a> FastBatch<'a> {
    /// Makes an empty batch, whose answers come to subjects below `inbox`. At most `unanswered_max`
    /// messages are in flight; at least two.
    pub(super) async fn new(
        connection: &'a Connection,
        inbox: &str,
        unanswered_max: usize,
    ) -> Result<Self, PublishError> {
        let answers = connection.client.subscribe(format!("{inbox}.>")).await;
        let answers = answers
            .map_err(|error| PublishError::with_source(PublishErrorKind::BrokenPipe, error))?;
        let flow = (unanswered_max / 2).clamp(1, FLOW_MAX);
        Ok(Self {
            connection,
            answers,
            reply: format!("{inbox}.{flow}.fail"),
            subject: String::new(),
            unanswered_max,
            sent: 0,
            covered: 0,
            is_open: false,
            is_ending: false,
            covered_at: Instant::now(),
        })
    }

    /// Publishes `count` messages, at least two. `message` makes each, and expects the stream
    /// `stream` in the first one. Ends early if a message can't be made or sent or is refused, or
    /// if the server can't go on with the batch.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection or the stream is gone, or if no further message is
    /// covered within the time limit of the connection's answers.
    pub(super) async fn publish<E>(
        mut self,
        stream: &str,
        count: usize,
        message: impl Fn(usize) -> Result<Message, E>,
    ) -> Result<Ended, PublishError> {
        loop {
            while self.has_room(count) {
                match message(self.sent) {
                    Ok(message) => self.send(stream, count, message).await?,
                    Err(_) => self.end().await?,
                }
            }
            if self.sent == 0 {
                return Ok(self.ended(true));
            }
            match self.answer().await? {
                Answer::Covers(number) => {
                    self.is_open = true;
                    self.covers(number);
                }
                Answer::Ends => self.is_ending = true,
                Answer::Ended(number) => {
                    self.covers(number);
                    return Ok(self.ended(true));
                }
                Answer::Plain if !self.is_open => {
                    self.covers(1);
                    return Ok(self.ended(false));
                }
                Answer::Plain | Answer::NoBatches => return Ok(self.ended(false)),
                Answer::Refused if self.is_open => self.end().await?,
                Answer::Unknown | Answer::Refused => return Ok(self.ended(true)),
                Answer::NoStream => {
                    return Err(PublishError::new(PublishErrorKind::StreamNotFound));
                }
            }
        }
    }

    /// Returns whether another message may be sent. The first one waits for its answer alone.
    fn has_room(&self, count: usize) -> bool {
        let unanswered_max = if self.is_open { self.unanswered_max } else { 1 };
        !self.is_ending && self.sent < count && self.sent - self.covered < unanswered_max
    }

    async fn send(
        &mut self,
        stream: &str,
        count: usize,
        message: Message,
    ) -> Result<(), PublishError> {
        let mut headers = message.headers;
        let operation = match self.sent {
            0 => {
                // Another stream that takes the subject refuses it.
                headers.insert(NATS_EXPECTED_STREAM, stream);
                self.subject.clone_from(&message.subject);
                Operation::Start
            }
            sent if sent + 1 == count => Operation::Commit,
            _ => Operation::Append,
        };
        let reply = self.reply(self.sent + 1, operation);
        let client = &self.connection.client;
        let sending =
            client.publish_with_reply_and_headers(message.subject, reply, headers, message.payload);
        match sending.await {
            Ok(()) => {
                self.sent += 1;
                Ok(())
            }
            Err(error) if matches!(error.kind(), SendErrorKind::Send) => Err(
                PublishError::with_source(PublishErrorKind::BrokenPipe, error),
            ),
            // It is too large, for example.
            Err(_) => self.end().await,
        }
    }

    /// Ends the batch after what was sent.
    async fn end(&mut self) -> Result<(), PublishError> {
        if self.is_ending {
            return Ok(());
        }
        self.is_ending = true;
        if self.sent == 0 {
            return Ok(());
        }
        self.ask(self.sent + 1, Operation::End).await
    }

    /// Publishes a message that is not stored, not even by a server that doesn't know batches.
    async fn ask(&self, number: usize, operation: Operation) -> Result<(), PublishError> {
        let mut headers = HeaderMap::new();
        headers.insert(NATS_EXPECTED_STREAM, NO_STREAM);
        let reply = self.reply(number, operation);
        let client = &self.connection.client;
        let subject = self.subject.clone();
        let asked = client.publish_with_reply_and_headers(subject, reply, headers, Bytes::new());
        asked
            .await
            .map_err(|error| PublishError::with_source(PublishErrorKind::BrokenPipe, error))
    }

    fn reply(&self, number: usize, operation: Operation) -> String {
        format!("{}.{number}.{}.$FI", self.reply, operation as u8)
    }

    /// Waits for the next answer, and asks for it if none comes.
    async fn answer(&mut self) -> Result<Answer, PublishError> {
        let limit = self.connection.answer_limit();
        loop {
            let left = limit.saturating_sub(self.covered_at.elapsed());
            match timeout(left.min(ASK_AFTER), self.answers.next()).await {
                Ok(Some(message)) => return Ok(Answer::read(&message)),
                Ok(None) => return Err(PublishError::new(PublishErrorKind::BrokenPipe)),
                Err(_) if self.covered_at.elapsed() >= limit => {
                    return Err(PublishError::new(PublishErrorKind::TimedOut));
                }
                Err(_) if self.is_open => self.ask(self.sent, Operation::Ask).await?,
                Err(_) => {}
            }
        }
    }

    fn covers(&mut self, number: usize) {
        let number = number.min(self.sent);
        if number > self.covered {
            self.covered = number;
            self.covered_at = Instant::now();
        }
    }

    fn ended(&self, is_supported: bool) -> Ended {
        Ended {
            covered: self.covered,
            is_supported,
        }
    }
}
