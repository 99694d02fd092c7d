//! Shipping a chunk: from messages to rows, and what becomes of each message.

use std::{
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_nats::{
    HeaderMap,
    header::NATS_MESSAGE_ID,
    jetstream::{AckKind, Message},
};
use futures_util::{StreamExt, future::join};
use tokio::{
    sync::{
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        watch,
    },
    time::sleep,
};

use super::{
    intake::{Chunk, nak},
    phase::Phase,
    requests::extend,
    stats::Counts,
};
use crate::{
    error_chain::ErrorChain,
    panics::quietly,
    pipeline::{
        deferral::{Deferral, Deferred},
        delivery::{Delivery, Fate, reason},
        log_throttle::is_worth_a_line,
    },
    store::{
        Batch,
        jetstream::{NatsOptions, connection::Connection, dead_letters, message},
    },
};

/// The pause before a message that could be neither stored nor dead-lettered is tried again.
const RETRY_PAUSE: Duration = Duration::from_secs(30);

/// The header that a server adds in place of a payload.
const MESSAGE_SIZE: &str = "Nats-Msg-Size";

/// The parts of a relay that writing a chunk needs.
#[derive(Clone, Copy)]
pub(super) struct Shipping<'a> {
    pub(super) connection: &'a Connection,
    pub(super) options: &'a NatsOptions,
    pub(super) delivery: &'a Delivery,
    pub(super) counts: &'a Counts,
    /// The time for which the stream waits for an acknowledgement.
    pub(super) wait: Duration,
}

/// The end of a message.
enum End {
    Stored,
    /// It is put aside, for this reason.
    Dead(String),
    Deferred(Batch, Deferral),
}

impl Shipping<'_> {
    /// Brings a chunk to the store, and ends when each of its messages is acknowledged, given back
    /// or deferred.
    ///
    /// Those of rows that the store does not take yet are left to
    /// [`ship_deferred`](Self::ship_deferred).
    pub(super) async fn ship(
        self,
        chunk: Chunk,
        defer: UnboundedSender<Deferred<Arc<Message>>>,
        mut phases: watch::Receiver<Phase>,
    ) {
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
                    self.dead_letter(&message, &reason).await;
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
        let mut ends = Vec::new();
        let settled = |part: &Batch, fate: Fate<'_>| match fate {
            Fate::Stored => ends.extend(part.activities().iter().map(|_| End::Stored)),
            Fate::Undeliverable(error) => {
                let reason = reason(error);
                ends.extend(part.activities().iter().map(|_| End::Dead(reason.clone())));
            }
            Fate::Deferred(deferral) => ends.push(End::Deferred(part.clone(), deferral)),
        };
        tokio::select! {
            biased;
            () = self.delivery.deliver(batch, settled) => {}
            () = Phase::GivingUp.reached(&mut phases) => {}
            () = self.extend(&messages) => {}
        }
        let mut ends = ends.into_iter();
        for message in messages {
            match ends.next() {
                Some(End::Stored) => self.acknowledge(&message).await,
                Some(End::Dead(reason)) => self.dead_letter(&message, &reason).await,
                Some(End::Deferred(row, deferral)) => {
                    // It is received as long as anything is sent.
                    let key = Arc::new(message);
                    let _ = defer.send(Deferred { row, deferral, key });
                }
                None => nak(&message, self.counts).await,
            }
        }
    }

    /// Delivers what the store does not take yet. It ends when no more can come, and gives back
    /// what is left at the deadline: then, so that it does not come again.
    pub(super) async fn ship_deferred(
        self,
        mut deferred: UnboundedReceiver<Deferred<Arc<Message>>>,
        mut phases: watch::Receiver<Phase>,
    ) {
        let held = Mutex::new(Vec::new());
        let lock = || held.lock().unwrap_or_else(PoisonError::into_inner);
        let (defer, taken) = unbounded_channel();
        let taking = async {
            while let Some(row) = deferred.recv().await {
                lock().push(Arc::clone(&row.key));
                // It is received as long as anything is sent.
                let _ = defer.send(row);
            }
            drop(defer);
        };
        let settling = async {
            let mut outcomes = pin!(self.delivery.deliver_deferred(taken));
            while let Some((row, outcome)) = outcomes.next().await {
                match outcome {
                    Ok(()) => self.acknowledge(&row.key).await,
                    Err(error) => self.dead_letter(&row.key, &reason(&error)).await,
                }
                lock().retain(|message| !Arc::ptr_eq(message, &row.key));
            }
        };
        let holding = async {
            loop {
                sleep(self.wait / 3).await;
                let messages = lock().clone();
                for message in messages {
                    extend(&message).await;
                }
            }
        };
        tokio::select! {
            biased;
            _ = join(taking, settling) => {}
            () = Phase::GivingUp.reached(&mut phases) => {}
            () = holding => {}
        }
        while let Some(row) = deferred.recv().await {
            lock().push(row.key);
        }
        let left = std::mem::take(&mut *lock());
        for message in left {
            nak(&message, self.counts).await;
        }
    }

    /// Says again and again that the messages are being worked on; never ends.
    async fn extend(&self, messages: &[Message]) {
        loop {
            sleep(self.wait / 3).await;
            for message in messages {
                extend(message).await;
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
    async fn dead_letter(&self, message: &Message, reason: &str) {
        let action_id = action_id(message.headers.as_ref());
        let published =
            dead_letters::dead_letter(self.connection, self.options, message, reason).await;
        match published {
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
                        retry_in = ?RETRY_PAUSE,
                        "an activity can be neither stored nor put aside: it stays in the stream"
                    );
                });
                self.leave_alone(message).await;
            }
        }
    }

    /// Lets the stream deliver a message again, but not at once.
    async fn leave_alone(&self, message: &Message) {
        let _ = message.ack_with(AckKind::Nak(Some(RETRY_PAUSE))).await;
        self.counts.count_nak();
    }
}

/// Returns whether the consumer has withheld the payload (`headers_only`). This says nothing of the
/// activity, which would be lost as a dead letter without its payload.
fn is_without_payload(message: &Message) -> bool {
    let headers = message.headers.as_ref();
    headers.is_some_and(|headers| headers.get(MESSAGE_SIZE).is_some())
}

fn action_id(headers: Option<&HeaderMap>) -> Option<&str> {
    Some(headers?.get(NATS_MESSAGE_ID)?.as_str())
}
