//! Shipping a chunk: from messages to rows, and what becomes of each message.

use std::time::Duration;

use async_nats::{
    HeaderMap,
    header::NATS_MESSAGE_ID,
    jetstream::{AckKind, Message},
};
use tokio::{sync::watch, time::sleep};

use super::{
    Phase,
    intake::{Chunk, give_back},
    requests::hold,
    stats::Counts,
};
use crate::{
    error_chain::ErrorChain,
    nats::{NatsOptions, connection::Connection, dead_letters, message},
    pipeline::{
        deliver::{Delivery, Fate, reason},
        throttle::is_worth_a_line,
    },
    quietly::quietly,
    store::Batch,
};

/// How long a message is left alone that could be neither stored nor put aside.
const UNBURIED_PAUSE: Duration = Duration::from_secs(30);

/// The header that a server adds in place of a payload.
const MESSAGE_SIZE: &str = "Nats-Msg-Size";

/// What shipping needs of its relay.
#[derive(Clone, Copy)]
pub(super) struct Shipping<'a> {
    pub(super) connection: &'a Connection,
    pub(super) options: &'a NatsOptions,
    pub(super) delivery: &'a Delivery,
    pub(super) counts: &'a Counts,
    /// How long the stream waits for an acknowledgement.
    pub(super) wait: Duration,
}

/// Why a message is put aside.
type Reason = String;

impl Shipping<'_> {
    /// Brings a chunk to the store, and ends when each of its messages is acknowledged or given back.
    pub(super) async fn ship(self, chunk: Chunk, mut phases: watch::Receiver<Phase>) {
        let (mut messages, mut activities) = (Vec::new(), Vec::new());
        let mut without_payload = 0_u64;
        for message in chunk.messages {
            if is_without_payload(&message) {
                without_payload += 1;
                self.leave_alone(&message).await;
                continue;
            }
            match message::activity(&message.payload) {
                Ok(activity) => {
                    messages.push(message);
                    activities.push(activity);
                }
                Err(error) => {
                    let reason = ErrorChain(&error).to_string();
                    self.bury(&message, &reason).await;
                }
            }
        }
        if without_payload > 0 {
            tracing::error!(
                messages = without_payload,
                "the consumer delivers headers alone: its activities stay in the stream until `tracker nats setup --update` has mended it"
            );
        }
        let batch = Batch::from(activities);
        let batch = if chunk.may_be_stored {
            batch.retry()
        } else {
            batch
        };

        // Those of the first messages: delivery may be given up in the middle.
        let mut fates: Vec<Option<Reason>> = Vec::new();
        let settled = |part: &Batch, fate: Fate<'_>| {
            let reason = match fate {
                Fate::Stored => None,
                Fate::Undeliverable(error) => Some(reason(error)),
            };
            fates.extend(part.activities().iter().map(|_| reason.clone()));
        };
        tokio::select! {
            biased;
            () = self.delivery.deliver(batch, settled) => {}
            () = Phase::GivingUp.reached(&mut phases) => {}
            () = self.hold(&messages) => {}
        }
        let mut fates = fates.into_iter();
        for message in &messages {
            match fates.next() {
                Some(None) => self.acknowledge(message).await,
                Some(Some(reason)) => self.bury(message, &reason).await,
                None => give_back(message, self.counts).await,
            }
        }
    }

    /// Says again and again that the messages are being worked on; never ends.
    async fn hold(&self, messages: &[Message]) {
        loop {
            sleep(self.wait / 3).await;
            for message in messages {
                hold(message).await;
            }
        }
    }

    async fn acknowledge(&self, message: &Message) {
        self.counts.stored(1);
        // Without it the message is delivered again, and its row is passed over.
        if let Err(error) = message.ack().await {
            tracing::debug!(%error, "a message could not be acknowledged");
        }
    }

    /// Puts a message into the stream of dead letters; where that fails it stays in its own.
    async fn bury(&self, message: &Message, reason: &str) {
        let action_id = action_id(message.headers.as_ref());
        let buried = dead_letters::bury(self.connection, self.options, message, reason).await;
        match buried {
            Ok(()) => {
                let count = self.counts.dead_lettered();
                if is_worth_a_line(count, 1) {
                    quietly(|| {
                        tracing::error!(
                            reason,
                            action_id,
                            dead_letters = count,
                            "an activity is put aside as a dead letter: it can't be stored"
                        );
                    });
                }
                if let Err(error) = message.ack().await {
                    tracing::debug!(%error, "a message could not be acknowledged");
                }
            }
            Err(error) => {
                quietly(|| {
                    tracing::error!(
                        reason,
                        action_id,
                        error = %ErrorChain(&error),
                        retry_in = ?UNBURIED_PAUSE,
                        "an activity can be neither stored nor put aside: it stays in the stream"
                    );
                });
                self.leave_alone(message).await;
            }
        }
    }

    /// Lets the stream deliver a message again, but not at once.
    async fn leave_alone(&self, message: &Message) {
        let _ = message.ack_with(AckKind::Nak(Some(UNBURIED_PAUSE))).await;
        self.counts.gave_back();
    }
}

/// Whether the consumer has kept the payload (`headers_only`): that says nothing of the activity, which would be lost as a dead letter without it.
fn is_without_payload(message: &Message) -> bool {
    let headers = message.headers.as_ref();
    headers.is_some_and(|headers| headers.get(MESSAGE_SIZE).is_some())
}

fn action_id(headers: Option<&HeaderMap>) -> Option<&str> {
    Some(headers?.get(NATS_MESSAGE_ID)?.as_str())
}
