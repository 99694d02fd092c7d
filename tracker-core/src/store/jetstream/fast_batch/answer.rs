//! The answers to the messages of a fast batch: [`Answer`].

use async_nats::{
    Message, StatusCode,
    jetstream::{self, ErrorCode},
};
use serde::Deserialize;

/// The error of a stream in which too many fast batches are under way. The client has no name for
/// the code.
const TOO_MANY_BATCHES: ErrorCode = ErrorCode(10_211);

/// An answer of the server, or of nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The stream has as many of the first messages. Zero shows only that the server takes the
    /// batch.
    Covers(usize),
    /// The server takes no further message of the batch. The answer to its end will follow.
    Ends,
    /// The batch has ended, and the stream has as many of the first messages.
    Ended(usize),
    /// The stream has this message, and the server doesn't know of batches.
    Plain,
    /// The stream takes no fast batches, or none at present.
    NoBatches,
    /// The server doesn't know this batch, or not any more.
    Unknown,
    /// The server refused the message, and the batch may go on.
    Refused,
    /// The stream has no leader, or there is none.
    NoStream,
}

impl Answer {
    /// Reads an answer. Anything unknown covers no message.
    pub(super) fn read(message: &Message) -> Self {
        if message.status == Some(StatusCode::NO_RESPONDERS) {
            return Self::NoStream;
        }
        let Ok(said) = serde_json::from_slice::<Said>(&message.payload) else {
            return Self::Covers(0);
        };
        match said {
            Said {
                error: Some(error),
                kind: None,
                ..
            } => match error.error_code() {
                ErrorCode::BATCH_PUBLISH_DISABLED
                | ErrorCode::BATCH_PUBLISH_INVALID_PATTERN
                | ErrorCode::BATCH_PUBLISH_INVALID_BATCH_ID
                | TOO_MANY_BATCHES => Self::NoBatches,
                ErrorCode::BATCH_PUBLISH_UNKNOWN_BATCH_ID | ErrorCode::STREAM_NOT_MATCH => {
                    Self::Unknown
                }
                _ => Self::Refused,
            },
            Said {
                kind: Some(kind),
                seq,
                ..
            } => match &*kind {
                "gap" | "err" => Self::Ends,
                "ack" => Self::Covers(seq),
                _ => Self::Covers(0),
            },
            Said {
                batch: Some(_),
                count,
                ..
            } => Self::Ended(count),
            Said { .. } => Self::Plain,
        }
    }
}

/// All kinds of answers in one.
#[derive(Deserialize)]
struct Said {
    #[serde(rename = "type")]
    kind: Option<String>,
    /// The number of a message in the batch, where there is a kind. Else the number in the stream.
    #[serde(default)]
    seq: usize,
    batch: Option<String>,
    #[serde(default)]
    count: usize,
    error: Option<jetstream::Error>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(payload: &'static str, status: Option<StatusCode>) -> Answer {
        Answer::read(&Message {
            subject: "_INBOX.a.10.fail.1.1.$FI".into(),
            reply: None,
            payload: payload.into(),
            headers: None,
            status,
            description: None,
            length: payload.len(),
        })
    }

    #[test]
    fn each_answer_of_a_server_is_told_from_the_others() {
        let refused = |code: u64| {
            let error = format!(r#"{{"code":400,"err_code":{code},"description":"no"}}"#);
            let answer = format!(r#"{{"error":{error},"stream":"S","seq":0}}"#);
            read(answer.leak(), None)
        };
        for (payload, answer) in [
            (r#"{"type":"ack","seq":0,"msgs":500}"#, Answer::Covers(0)),
            (r#"{"type":"ack","seq":70,"msgs":1}"#, Answer::Covers(70)),
            (r#"{"type":"gap","last_seq":10,"seq":15}"#, Answer::Ends),
            (
                r#"{"type":"err","seq":9,"error":{"code":400,"err_code":10208,"description":"no"}}"#,
                Answer::Ends,
            ),
            (
                r#"{"stream":"S","seq":7123,"batch":"a","count":9}"#,
                Answer::Ended(9),
            ),
            (r#"{"stream":"S","seq":7123}"#, Answer::Plain),
            (
                r#"{"stream":"S","domain":"d","seq":7,"duplicate":true}"#,
                Answer::Plain,
            ),
            (r#"{"type":"of tomorrow","seq":70}"#, Answer::Covers(0)),
            ("", Answer::Covers(0)),
            ("[1]", Answer::Covers(0)),
        ] {
            assert_eq!(read(payload, None), answer, "{payload}");
        }
        assert_eq!(refused(10_205), Answer::NoBatches);
        assert_eq!(refused(10_211), Answer::NoBatches);
        assert_eq!(refused(10_208), Answer::Unknown);
        assert_eq!(refused(10_060), Answer::Unknown);
        assert_eq!(refused(10_077), Answer::Refused);
        let nobody = Some(StatusCode::NO_RESPONDERS);
        assert_eq!(read("", nobody), Answer::NoStream);
    }
}
