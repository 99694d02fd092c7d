//! A connection to the servers, and what they say without being asked: [`Connection`].

use std::{sync::Arc, time::Duration};

use async_nats::{
    Client, Event, HeaderMap, ServerError,
    connection::State,
    jetstream::{
        Context, ContextBuilder, consumer, context::PublishError, publish::PublishAck,
        response::Response, stream,
    },
};
use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::watch;

use super::{
    error::{Failure, NatsError},
    options::NatsOptions,
    set_up::CONSUMER,
    subject::Subjects,
};

/// What a server says of something that it was not told to do, at the beginning.
const VIOLATION: &str = "permissions violation";

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
    counts: watch::Receiver<Counts>,
}

/// How often what has happened, so that nothing is missed between two looks.
#[derive(Clone, Debug, Default)]
struct Counts {
    disconnected: u64,
    denied: u64,
    denial: Arc<str>,
}

/// Why an answer will not come.
#[derive(Debug)]
pub(super) enum Sign {
    Disconnected,
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
        let client = options
            .connect(connect_limit, move |event| hear(&told, &event))
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
            counts,
        })
    }

    pub(super) fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
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
    pub(super) async fn stream_info(&self, name: &str) -> Result<stream::Info, Failure> {
        self.ask(format!("STREAM.INFO.{name}"), &Nothing {}).await
    }

    /// Asks about the consumer that relays share.
    pub(super) async fn consumer_info(
        &self,
        options: &NatsOptions,
    ) -> Result<consumer::Info, Failure> {
        let subject = format!("CONSUMER.INFO.{}.{CONSUMER}", options.stream);
        self.ask(subject, &Nothing {}).await
    }

    /// Publishes one message, and waits until a stream has it.
    pub(super) async fn publish(
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
        Signs { counts, before }
    }
}

/// Why something that waits for answers did not succeed.
pub(super) enum Unanswered<E> {
    Error(E),
    Sign(Sign),
}

/// The signs of one connection, none of which is missed.
pub(super) struct Signs {
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
            if self.before.disconnected > before.disconnected {
                return Sign::Disconnected;
            }
        }
    }
}

fn hear(told: &watch::Sender<Counts>, event: &Event) {
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
        Event::Connected => tracing::debug!("connected to NATS"),
        other => tracing::debug!(event = %other, "news of the connection to NATS"),
    }
}
