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

/// The request that says nothing but what is asked about.
#[derive(Serialize)]
pub(super) struct Nothing {}

/// One connection, which is made again whenever it breaks.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    pub(crate) client: Client,
    pub(crate) context: Context,
    /// Of which subjects activities are.
    pub(super) subjects: Subjects,
    answer_limit: Duration,
    options: Arc<NatsOptions>,
    counts: watch::Receiver<EventCounts>,
}

impl Connection {
    /// Connects. An answer is waited for as long as `answer_limit`, and there are at most `unanswered_max` publishes without one.
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

    /// An error while there is no connection: why, as far as it is known.
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

    /// Which stream on which servers, for logs.
    pub(crate) fn place(&self) -> String {
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
    pub(crate) async fn consumer_info(
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
    pub(crate) fn signs(&self) -> Signs {
        Signs::from_now_on(Arc::clone(&self.options), self.counts.clone())
    }
}
