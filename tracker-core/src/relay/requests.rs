//! Asks the consumer for messages: [`Requests`].
//!
//! The client has iterators for this, but they ask for as long as they are read. Here asking can
//! end while the messages that were asked for still arrive.

use std::{collections::VecDeque, time::Duration};

use async_nats::{
    Message, StatusCode, Subscriber,
    jetstream::{self, AckKind},
};
use futures_util::{FutureExt, StreamExt};
use serde::Serialize;
use tokio::{task::coop::unconstrained, time::timeout};

use crate::store::{
    BoxError,
    jetstream::{
        NatsOptions,
        connection::Connection,
        consumer::{CONSUMER, EXPIRES, REQUESTS_WAITING_MIN},
        info::{self, ConsumerInfo},
        signs::{Sign, Signs},
    },
};

/// The most requests for which messages are asked at once, if the consumer allows few messages in
/// each.
const REQUESTS_MAX: usize = 8;

/// After how long without a word the request is made again, to whoever leads the consumer now.
const SILENCE_MAX: Duration = Duration::from_secs(4);

/// A request, as the server reads it. Times are in nanoseconds.
#[derive(Serialize)]
struct Request {
    batch: usize,
    expires: u128,
    idle_heartbeat: u128,
}

/// The limits that the consumer sets on requests. They are lower than wanted if an operator, or a
/// limit of the server (`max_request_batch`), says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Allowed {
    messages: usize,
    expires: Duration,
    /// True if there is room for only one request of each relay. Server 2.9 reports a request that
    /// had no room; 2.15 does not.
    is_one_at_a_time: bool,
}

impl Allowed {
    const ALL: Self = Self {
        messages: usize::MAX,
        expires: EXPIRES,
        is_one_at_a_time: false,
    };

    fn by(consumer: &ConsumerInfo, wanted: usize) -> Self {
        let limit = |name| {
            let limit = info::limit(&consumer.config, name)?;
            usize::try_from(limit).ok()
        };
        let expires = info::duration(&consumer.config, "max_expires");
        Self {
            messages: limit("max_batch").map_or(wanted, |most| most.min(wanted)),
            expires: expires.map_or(EXPIRES, |most| most.min(EXPIRES)),
            is_one_at_a_time: limit("max_waiting").is_some_and(|most| most < REQUESTS_WAITING_MIN),
        }
    }
}

/// One subscription, to which the server sends what is asked for.
pub(super) struct Requests {
    connection: Connection,
    subject: String,
    inbox: String,
    subscriber: Subscriber,
    signs: Signs,
    /// The largest number of messages that are asked for together.
    batch: usize,
    allowed: Allowed,
    /// The number of these messages that may still arrive.
    expected: usize,
    /// The messages that have arrived before they are wanted.
    ahead: VecDeque<jetstream::Message>,
}

impl Requests {
    pub(super) async fn new(
        connection: &Connection,
        options: &NatsOptions,
        batch: usize,
        consumer: &ConsumerInfo,
    ) -> Result<Self, BoxError> {
        let inbox = connection.client.new_inbox();
        let subscriber = connection.client.subscribe(inbox.clone()).await?;
        let prefix = options.api_prefix();
        let stream = options.stream();
        let mut requests = Self {
            connection: connection.clone(),
            subject: format!("{prefix}.CONSUMER.MSG.NEXT.{stream}.{CONSUMER}"),
            inbox,
            subscriber,
            signs: connection.signs(),
            batch,
            allowed: Allowed::ALL,
            expected: 0,
            ahead: VecDeque::new(),
        };
        requests.allow(consumer);
        Ok(requests)
    }

    /// Limits later requests to what the consumer allows, and logs a limit that became lower.
    pub(super) fn allow(&mut self, consumer: &ConsumerInfo) {
        let wanted = 2 * self.batch;
        let allowed = Allowed::by(consumer, wanted);
        if allowed.messages < wanted.min(self.allowed.messages) {
            tracing::warn!(
                max_batch = allowed.messages,
                place = self.connection.place(),
                "the consumer {CONSUMER} allows fewer activities in a request than this relay wants: it asks more often"
            );
        }
        self.allowed = allowed;
    }

    /// Returns the next message, once there is one. After an error, nothing is asked for until the
    /// next call.
    pub(super) async fn next(&mut self) -> Result<jetstream::Message, BoxError> {
        loop {
            let asked = match self.connection.is_connected() {
                Ok(()) => self.ask().await,
                Err(why) => Err(why.into()),
            };
            if let Some(message) = self.ahead.pop_front() {
                return Ok(message);
            }
            asked?;
            let message = tokio::select! {
                biased;
                message = timeout(SILENCE_MAX, self.subscriber.next()) => message,
                sign = self.signs.next() => {
                    self.expected = 0;
                    return Err(match sign {
                        Sign::Disconnected | Sign::TooLarge => "the connection broke".into(),
                        Sign::NoLogin(error) => error.into(),
                        Sign::Denied(text) => text.into(),
                    });
                }
            };
            let outcome = match message {
                Ok(Some(message)) => self.read(message),
                Ok(None) => Err("the connection is closed".into()),
                Err(_) => Err("the server has not said for some time that it is there".into()),
            };
            match outcome {
                Ok(Some(message)) => return Ok(message),
                Ok(None) => {}
                Err(error) => {
                    self.expected = 0;
                    return Err(error);
                }
            }
        }
    }

    /// A message that is there already.
    pub(super) fn next_at_once(&mut self) -> Option<jetstream::Message> {
        self.ahead.pop_front().or_else(|| self.next_arrived())
    }

    /// Extends the ack deadline of all messages that have arrived before they are wanted, so that
    /// the server does not give them to other relays.
    pub(super) async fn extend(&mut self) {
        while let Some(message) = self.next_arrived() {
            self.ahead.push_back(message);
        }
        for message in &self.ahead {
            extend(message).await;
        }
    }

    fn next_arrived(&mut self) -> Option<jetstream::Message> {
        loop {
            // Opts out of tokio's cooperative budget, which would end a large batch early. A batch
            // is bounded itself.
            let message = unconstrained(self.subscriber.next()).now_or_never()??;
            // The next request shows the error again.
            if let Some(message) = self.read(message).unwrap_or_default() {
                return Some(message);
            }
        }
    }

    /// Returns a message that was asked for before asking ended. Returns `None` when all requests
    /// are served or have expired.
    pub(super) async fn next_of_the_last(&mut self) -> Option<jetstream::Message> {
        if let Some(message) = self.ahead.pop_front() {
            return Some(message);
        }
        while self.expected > 0 {
            let message = self.subscriber.next().await?;
            match self.read(message) {
                Ok(Some(message)) => return Some(message),
                Ok(None) => {}
                Err(_) => self.expected = 0,
            }
        }
        None
    }

    /// Keeps two batches asked for, less half of one: the batch that is there when the next is
    /// wanted, and one that arrives meanwhile. If that is more than the consumer allows in a
    /// request, several requests ask for it.
    async fn ask(&mut self) -> Result<(), BoxError> {
        let allowed = self.allowed;
        if allowed.is_one_at_a_time && self.expected > 0 {
            return Ok(());
        }
        let requests = if allowed.is_one_at_a_time {
            1
        } else {
            REQUESTS_MAX
        };
        let whole = allowed
            .messages
            .saturating_mul(requests)
            .min(2 * self.batch);
        let mut missing = whole.saturating_sub(self.expected + self.ahead.len());
        if missing <= whole / 4 {
            return Ok(());
        }
        while missing > 0 {
            let batch = missing.min(allowed.messages);
            let request = Request {
                batch,
                expires: allowed.expires.as_nanos(),
                // That the server is there, as rarely as it takes to say so.
                idle_heartbeat: allowed.expires.as_nanos() / 2,
            };
            let request = serde_json::to_vec(&request)?;
            let client = &self.connection.client;
            client
                .publish_with_reply(self.subject.clone(), self.inbox.clone(), request.into())
                .await?;
            self.expected += batch;
            missing -= batch;
        }
        Ok(())
    }

    /// A message of the stream, or what the server says in its place.
    fn read(&mut self, message: Message) -> Result<Option<jetstream::Message>, BoxError> {
        let Some(status) = message.status.filter(|status| *status != StatusCode::OK) else {
            self.expected = self.expected.saturating_sub(1);
            return Ok(Some(jetstream::Message {
                message,
                context: self.connection.context.clone(),
            }));
        };
        if status == StatusCode::IDLE_HEARTBEAT {
            return Ok(None);
        }
        if status == StatusCode::NO_RESPONDERS {
            return Err(format!("there is no consumer {CONSUMER} now").into());
        }
        // A request is over, or will not be served any further.
        let headers = message.headers.as_ref();
        let unserved = headers
            .and_then(|headers| headers.get("Nats-Pending-Messages"))
            .and_then(|unserved| unserved.as_str().parse().ok());
        match unserved {
            Some(unserved) => {
                self.expected = self.expected.saturating_sub(unserved);
                Ok(None)
            }
            None if status == StatusCode::TIMEOUT => {
                self.expected = 0;
                Ok(None)
            }
            None => {
                let why = message.description.unwrap_or_else(|| status.to_string());
                Err(format!("the consumer says: {why}").into())
            }
        }
    }
}

/// Says that a message is being worked on.
pub(super) async fn extend(message: &jetstream::Message) {
    // Without it the message is delivered again, and its row is passed over.
    let _ = message.ack_with(AckKind::Progress).await;
}
