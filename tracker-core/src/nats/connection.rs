//! A connection to the servers, and what they say without being asked: [`Connection`].

use std::{sync::Arc, time::Duration};

use async_nats::{
    Client, ClientError, ConnectErrorKind, Event, HeaderMap, ServerError,
    connection::State,
    jetstream::{
        Context, ContextBuilder, context::PublishError, publish::PublishAck, response::Response,
    },
};
use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::watch;

use super::{
    connect::{News, connect},
    error::{Failure, NatsError},
    info::{ConsumerInfo, StreamInfo},
    options::NatsOptions,
    pace::{Pace, is_too_many},
    set_up::CONSUMER,
    subject::Subjects,
};
use crate::error_chain::ErrorChain;

/// What a server says of something that it was not told to do, at the beginning.
const VIOLATION: &str = "permissions violation";

/// What it says, at the end, of a user or an account whose time is over, before it ends the connection.
const EXPIRED: &str = "authentication expired";

/// What it says, at the end, of a message that is larger than the user's or the account's may be, before it ends the connection. The client knows
/// the server's own limit alone.
const TOO_LARGE: &str = "maximum payload violation";

/// The request that says nothing but what is asked about.
#[derive(Serialize)]
pub(super) struct Nothing {}

/// One connection, which is made again whenever it breaks.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    pub(super) client: Client,
    pub(super) context: Context,
    /// Of which subjects activities are.
    pub(super) subjects: Subjects,
    answer_limit: Duration,
    options: Arc<NatsOptions>,
    counts: watch::Receiver<Counts>,
}

/// How often what has happened, so that nothing is missed between two looks.
#[derive(Clone, Debug, Default)]
struct Counts {
    disconnected: u64,
    too_large: u64,
    denied: u64,
    denial: Arc<str>,
    /// Why the servers do not take the login, while they do not.
    no_login: Option<Arc<str>>,
}

/// Why an answer will not come.
#[derive(Debug)]
pub(super) enum Sign {
    Disconnected,
    /// The server ends the connection, since a message of it was too large.
    TooLarge,
    /// The server has ended the connection, since it does not take the login any more.
    NoLogin(NatsError),
    /// What the server said: it names the subject.
    Denied(String),
}

impl Connection {
    /// Connects. An answer is waited for as long as `answer_limit`, and there are at most `unanswered_max` publishes without one.
    pub(super) async fn make(
        options: &NatsOptions,
        connect_limit: Duration,
        answer_limit: Duration,
        unanswered_max: usize,
    ) -> Result<Self, NatsError> {
        let (told, counts) = watch::channel(Counts::default());
        let told = Arc::new(told);
        let own = Arc::new(options.clone());
        let heard = Arc::clone(&own);
        let client = connect(options, connect_limit, move |news| {
            hear(&told, &heard, &news);
        })
        .await?;
        let context = ContextBuilder::new()
            .timeout(answer_limit)
            .max_ack_inflight(unanswered_max)
            .backpressure_on_inflight(true);
        let version = client.server_info().version;
        let subjects = options
            .subjects
            .unwrap_or_else(|| Subjects::for_server(&version));
        let context = match &options.domain {
            Some(domain) => context.domain(domain).build(client.clone()),
            None => context.build(client.clone()),
        };
        Ok(Self {
            client,
            context,
            subjects,
            answer_limit,
            options: own,
            counts,
        })
    }

    /// An error while there is no connection: why, as far as it is known.
    pub(super) fn is_connected(&self) -> Result<(), NatsError> {
        if self.client.connection_state() == State::Connected {
            return Ok(());
        }
        if let Some(why) = &self.counts.borrow().no_login {
            return Err(NatsError::no_login(&self.options, why));
        }
        Err(NatsError::Unreachable {
            place: self.options.describe(),
            source: "the connection is lost, and is being made again".into(),
        })
    }

    /// Which stream on which servers, for logs.
    pub(super) fn place(&self) -> String {
        self.options.describe()
    }

    /// How often it has been lost.
    pub(super) fn losses(&self) -> u64 {
        self.counts.borrow().disconnected
    }

    /// Ends once there is a connection that was made after so many losses.
    pub(super) async fn made_again(&self, losses: u64) {
        let mut counts = self.counts.clone();
        // The client goes with this.
        let _ = counts
            .wait_for(|counts| counts.disconnected > losses && self.is_connected().is_ok())
            .await;
    }

    /// Asks `JetStream` for something.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        subject: String,
        request: &impl Serialize,
    ) -> Result<T, Failure> {
        let asked = self.context.request(subject, request);
        match self.answered(asked).await {
            Ok(Response::Ok(answer)) => Ok(answer),
            Ok(Response::Err { error }) => Err(Failure::Said(error)),
            Err(Unanswered::Error(error)) => Err(Failure::Request(error)),
            Err(Unanswered::Sign(sign)) => Err(Failure::Unanswered(sign)),
        }
    }

    /// Asks about a stream.
    pub(super) async fn stream_info(&self, name: &str) -> Result<StreamInfo, Failure> {
        self.ask(format!("STREAM.INFO.{name}"), &Nothing {}).await
    }

    /// Asks about the consumer that relays share.
    pub(super) async fn consumer_info(
        &self,
        options: &NatsOptions,
    ) -> Result<ConsumerInfo, Failure> {
        let subject = format!("CONSUMER.INFO.{}.{CONSUMER}", options.stream);
        self.ask(subject, &Nothing {}).await
    }

    /// Publishes one message, and waits until a stream has it: again while that has too many to work on, for as long as an answer is waited for.
    pub(super) async fn publish(
        &self,
        subject: String,
        headers: HeaderMap,
        payload: Bytes,
    ) -> Result<PublishAck, PublishError> {
        let mut pace = Pace::new(1);
        loop {
            let published = self
                .publish_once(subject.clone(), headers.clone(), payload.clone())
                .await;
            match published {
                Err(error) if is_too_many(&error) && pace.stands_still() < self.answer_limit => {
                    pace.rest().await;
                }
                published => return published,
            }
        }
    }

    /// Publishes one message, and waits until a stream has it.
    pub(super) async fn publish_once(
        &self,
        subject: String,
        headers: HeaderMap,
        payload: Bytes,
    ) -> Result<PublishAck, PublishError> {
        let sent = self
            .context
            .publish_with_headers(subject, headers, payload)
            .await?;
        sent.await
    }

    /// Does something that waits for answers, but only as long as they can come: the server drops what it does not allow without
    /// an answer, and an answer is lost with the connection.
    pub(super) async fn answered<T, E>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Unanswered<E>> {
        let mut signs = self.signs();
        tokio::select! {
            biased;
            outcome = work => outcome.map_err(Unanswered::Error),
            sign = signs.next() => Err(Unanswered::Sign(sign)),
        }
    }

    /// What will have gone wrong from now on.
    pub(super) fn signs(&self) -> Signs {
        let mut counts = self.counts.clone();
        let before = counts.borrow_and_update().clone();
        let options = Arc::clone(&self.options);
        Signs {
            options,
            counts,
            before,
        }
    }
}

/// Why something that waits for answers did not succeed.
pub(super) enum Unanswered<E> {
    Error(E),
    Sign(Sign),
}

/// The signs of one connection, none of which is missed.
pub(super) struct Signs {
    options: Arc<NatsOptions>,
    counts: watch::Receiver<Counts>,
    before: Counts,
}

impl Signs {
    pub(super) async fn next(&mut self) -> Sign {
        loop {
            if self.counts.changed().await.is_err() {
                // The client is gone.
                return Sign::Disconnected;
            }
            let now = self.counts.borrow_and_update().clone();
            let before = std::mem::replace(&mut self.before, now);
            if self.before.denied > before.denied {
                return Sign::Denied(self.before.denial.to_string());
            }
            if self.before.too_large > before.too_large {
                return Sign::TooLarge;
            }
            if self.before.disconnected > before.disconnected {
                return match &self.before.no_login {
                    Some(why) => Sign::NoLogin(NatsError::no_login(&self.options, why)),
                    None => Sign::Disconnected,
                };
            }
        }
    }
}

fn hear(told: &watch::Sender<Counts>, options: &NatsOptions, news: &News) {
    let no_login = |why: &str| hear_no_login(told, options, why);
    let event = match news {
        News::Event(event) => event,
        News::NoLogin(why) => return no_login(why),
    };
    match event {
        Event::Disconnected | Event::Closed => {
            tracing::debug!("the connection to NATS is lost");
            told.send_modify(|counts| counts.disconnected += 1);
        }
        Event::ServerError(ServerError::Other(text))
            if text.to_ascii_lowercase().contains(VIOLATION) =>
        {
            told.send_modify(|counts| {
                counts.denied += 1;
                counts.denial = (&**text).into();
            });
        }
        Event::ServerError(ServerError::Other(text))
            if text.to_ascii_lowercase().ends_with(EXPIRED) =>
        {
            no_login(text);
        }
        Event::ServerError(ServerError::Other(text))
            if text.to_ascii_lowercase().ends_with(TOO_LARGE) =>
        {
            told.send_modify(|counts| counts.too_large += 1);
        }
        Event::ServerError(error @ ServerError::AuthorizationViolation) => {
            no_login(&error.to_string());
        }
        Event::ClientError(ClientError::Other(kind)) => hear_failed_attempt(told, options, kind),
        Event::Connected => {
            tracing::debug!("connected to NATS");
            told.send_modify(|counts| counts.no_login = None);
        }
        other => tracing::debug!(event = %other, "news of the connection to NATS"),
    }
}

/// Says so once, until there is a connection again.
fn hear_no_login(told: &watch::Sender<Counts>, options: &NatsOptions, why: &str) {
    if told.borrow().no_login.is_none() {
        let error = NatsError::no_login(options, why);
        tracing::warn!(error = %ErrorChain(&error), "the login to NATS is not taken: tried again and again");
    }
    told.send_modify(|counts| counts.no_login = Some(why.into()));
}

/// The client tells the kind of what an attempt to connect again failed with, and nothing more.
fn hear_failed_attempt(told: &watch::Sender<Counts>, options: &NatsOptions, kind: &str) {
    tracing::debug!(kind, "no connection to NATS");
    if kind == ConnectErrorKind::AuthorizationViolation.to_string() {
        // Whether it has expired is known better.
        if told.borrow().no_login.is_none() {
            hear_no_login(told, options, kind);
        }
    } else if kind != ConnectErrorKind::Authentication.to_string() {
        // No server was asked.
        told.send_modify(|counts| counts.no_login = None);
    }
}
