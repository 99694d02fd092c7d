//! A connection to the servers: [`Connection`].

use std::{sync::Arc, time::Duration};

use async_nats::{
    Client, HeaderMap,
    connection::State,
    jetstream::{
        Context, ContextBuilder, context::PublishError, publish::PublishAck, response::Response,
    },
};
use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::watch;

use super::{
    connect::{connect, no_login},
    consumer::CONSUMER,
    error::NatsError,
    failure::Failure,
    info::{ConsumerInfo, StreamInfo},
    options::NatsOptions,
    pace::{Pace, is_too_many},
    signs::{EventCounts, Signs, Unanswered, listen},
    subject::Subjects,
};

/// The empty request: its subject alone names what it asks about.
#[derive(Serialize)]
pub(super) struct Nothing {}

/// A connection that is made again whenever it breaks.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    pub(crate) client: Client,
    pub(crate) context: Context,
    /// The subjects to which activities are published.
    pub(super) subjects: Subjects,
    answer_limit: Duration,
    options: Arc<NatsOptions>,
    counts: watch::Receiver<EventCounts>,
}

impl Connection {
    /// Connects. Each request waits at most `answer_limit` for its answer, and at most
    /// `unanswered_max` publishes are unacknowledged at once.
    pub(crate) async fn make(
        options: &NatsOptions,
        connect_limit: Duration,
        answer_limit: Duration,
        unanswered_max: usize,
    ) -> Result<Self, NatsError> {
        let own = Arc::new(options.clone());
        let (listener, counts) = listen(Arc::clone(&own));
        let client = connect(options, connect_limit, listener).await?;
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

    /// Returns an error while there is no connection, with the reason as far as it is known.
    pub(crate) fn is_connected(&self) -> Result<(), NatsError> {
        if self.client.connection_state() == State::Connected {
            return Ok(());
        }
        if let Some(why) = &self.counts.borrow().no_login {
            return Err(no_login(&self.options, why));
        }
        Err(NatsError::Unreachable {
            place: self.options.describe(),
            source: "the connection is lost, and is being made again".into(),
        })
    }

    /// Describes the stream and its servers, for logs.
    pub(crate) fn place(&self) -> String {
        self.options.describe()
    }

    /// Returns the time that an answer may take.
    pub(super) fn answer_limit(&self) -> Duration {
        self.answer_limit
    }

    /// Returns the number of times that the connection has been lost.
    pub(super) fn losses(&self) -> u64 {
        self.counts.borrow().disconnected
    }

    /// Waits until the connection is up after more than `losses` losses.
    pub(super) async fn made_again(&self, losses: u64) {
        let mut counts = self.counts.clone();
        // Waiting fails only when the client is gone, and `self` keeps the client.
        let _ = counts
            .wait_for(|counts| counts.disconnected > losses && self.is_connected().is_ok())
            .await;
    }

    /// Sends a request to the `JetStream` API.
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

    /// Requests the info of a stream.
    pub(super) async fn stream_info(&self, name: &str) -> Result<StreamInfo, Failure> {
        self.ask(format!("STREAM.INFO.{name}"), &Nothing {}).await
    }

    /// Requests the info of the consumer that all relays share.
    pub(crate) async fn consumer_info(
        &self,
        options: &NatsOptions,
    ) -> Result<ConsumerInfo, Failure> {
        let subject = format!("CONSUMER.INFO.{}.{CONSUMER}", options.stream);
        self.ask(subject, &Nothing {}).await
    }

    /// Publishes one message and waits for the acknowledgement of a stream. While the stream has
    /// too many messages pending, it publishes again for up to the answer limit.
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

    /// Publishes one message and waits for the acknowledgement of a stream.
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

    /// Runs `work`, which waits for answers, and ends it early once no answer can come. The server
    /// drops requests that it does not allow without an answer. Answers are lost with a connection.
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

    /// Returns the signs that arrive from now on.
    pub(crate) fn signs(&self) -> Signs {
        Signs::from_now_on(Arc::clone(&self.options), self.counts.clone())
    }
}
