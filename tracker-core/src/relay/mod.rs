//! From a stream to a store: [`Relay`].
//!
//! ```text
//! stream ─► intake ─► chunk ─► delivery ─► Store
//!             │         │
//!             │         ├─ acknowledged when it is committed
//!             │         └─ refused ─► the stream of dead letters
//!             └─ given back when the relay ends
//! ```

mod builder;
mod chunk;
mod intake;
mod metrics;
mod phase;
mod requests;
mod settings;
mod stats;
mod trouble_log;

use std::{fmt, sync::Arc, time::Duration};

use futures_util::{StreamExt, future::join, stream::FuturesUnordered};
use tokio::{
    sync::{mpsc::unbounded_channel, watch},
    time::sleep,
};

pub use self::{builder::RelayBuilder, stats::RelayStats};
use self::{intake::Intake, phase::Phase, settings::Settings, stats::Counts};
use crate::{
    pipeline::delivery::Delivery,
    store::jetstream::{NatsError, NatsOptions, connection::Connection},
};

/// The number of chunks that are written to the store at the same time. While the store makes one
/// durable, it can work on the other.
const CHUNKS_AT_ONCE: usize = 2;

/// The interval at which the stream is asked for its number of messages.
const LOOK_INTERVAL: Duration = Duration::from_secs(5);

/// Brings activities from a stream to a store; any number of relays share a stream.
///
/// ```no_run
/// use tracker_core::{PostgresStore, nats::{NatsOptions, Relay}};
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let options = NatsOptions::parse("nats://relay:secret@nats.example")?;
/// let store = PostgresStore::new("postgres://writer@db.example/app")?;
/// let relay = Relay::builder(options, store).build();
/// relay.run(async { drop(tokio::signal::ctrl_c().await) }).await?;
/// # Ok(())
/// # }
/// ```
///
/// A message is acknowledged, and thereby leaves the stream, when its activity is committed in the
/// store, or is in the stream of dead letters because the store refused it. If a relay dies,
/// another one gets its messages after the consumer's `ack_wait` (30 s unless set otherwise), and
/// the store skips the rows that it has.
///
/// A row that the store [does not take yet](RelayBuilder::missing_reference_wait) delays no other.
/// Its message stays unacknowledged and is kept in memory, up to a thousand of them at a time.
///
/// While the store can't be written to, a relay keeps the two chunks that it has and the two that
/// it asked for ahead. It takes no more, and asks the store from time to time. Activities that
/// workers publish meanwhile wait in the stream. A slow store is therefore given no more than it
/// takes.
///
/// The store must not be the stream itself, nor one from which a relay brings activities back to
/// it. An activity that is published again within the duplicate window is dropped, and acknowledged
/// all the same.
///
/// A relay needs to publish to `$JS.API.CONSUMER.INFO.<stream>.relay`,
/// `$JS.API.CONSUMER.MSG.NEXT.<stream>.relay`, `$JS.ACK.<stream>.relay.>` and `<subject>_dead.*`,
/// and to subscribe to `_INBOX.>`.
pub struct Relay {
    options: NatsOptions,
    settings: Settings,
    delivery: Delivery,
    counts: Arc<Counts>,
}

impl Relay {
    /// Returns the relay's counts so far. They do not change afterwards: call this again for newer
    /// ones.
    #[must_use]
    pub fn stats(&self) -> RelayStats {
        self.counts.read()
    }

    /// Relays until `end` completes. Then it takes in nothing more and finishes the work under way.
    /// At the [deadline](RelayBuilder::end_deadline), it naks the messages that are not finished,
    /// so that other relays get them. Run a relay once at a time.
    ///
    /// A lost connection is made again, and every failure meanwhile is logged and retried.
    ///
    /// # Errors
    ///
    /// Returns a [`NatsError`] if it can't begin: no server can be reached or accepts the login, or
    /// the stream or its consumer is missing.
    pub async fn run(&self, end: impl Future<Output = ()>) -> Result<(), NatsError> {
        let settings = &self.settings;
        let connection = Connection::make(
            &self.options,
            settings.connect_timeout,
            settings.answer_timeout,
            settings.batch_rows,
        )
        .await?;
        let (phase, phases) = watch::channel(Phase::Running);
        let intake = Intake::open(&connection, &self.options, settings).await?;
        metrics::describe();
        let relayed = self.relay(intake, &connection, phases);
        let ending = async {
            end.await;
            phase.send_replace(Phase::Ending);
            sleep(settings.end_deadline).await;
            phase.send_replace(Phase::GivingUp);
            std::future::pending::<()>().await;
        };
        tokio::select! {
            biased;
            () = relayed => {}
            // Neither of these ends.
            () = ending => {}
            () = self.look_again_and_again(&connection) => {}
        }
        self.report();
        // The last acknowledgements and naks must leave this process.
        let flushed = tokio::time::timeout(settings.answer_timeout, connection.client.flush());
        if let Ok(Err(error)) = flushed.await {
            tracing::warn!(%error, "the last acknowledgements may be lost: those activities are delivered again");
        }
        Ok(())
    }

    /// Takes in and ships until the intake ends.
    async fn relay(
        &self,
        mut intake: Intake<'_>,
        connection: &Connection,
        phases: watch::Receiver<Phase>,
    ) {
        let shipping = chunk::Shipping {
            connection,
            options: &self.options,
            delivery: &self.delivery,
            counts: &self.counts,
            wait: intake.acknowledge_wait(),
        };
        let (defer, deferred) = unbounded_channel();
        let later = shipping.ship_deferred(deferred, phases.clone());
        let taking_in = async {
            let mut under_way = FuturesUnordered::new();
            let mut phase = phases.clone();
            loop {
                let has_room = under_way.len() < CHUNKS_AT_ONCE;
                let next = async {
                    if has_room {
                        return intake.next(&self.counts).await;
                    }
                    match intake.extend().await {}
                };
                tokio::select! {
                    biased;
                    () = Phase::Ending.reached(&mut phase) => break,
                    Some(()) = under_way.next(), if !under_way.is_empty() => self.report(),
                    chunk = next => {
                        under_way.push(shipping.ship(chunk, defer.clone(), phases.clone()));
                    }
                }
            }
            let finishing = async { while under_way.next().await.is_some() {} };
            join(finishing, intake.nak(&self.counts)).await;
            // A message that is nakked from now on does not come to this relay again.
            drop(defer);
        };
        join(taking_in, later).await;
    }

    /// Keeps the figures of the stream, and hands all of them on.
    async fn look_again_and_again(&self, connection: &Connection) {
        let mut paused_until = None;
        loop {
            // While it does not say, the figures stay as they were.
            if let Ok(info) = connection.consumer_info(&self.options).await {
                self.counts.look(info.num_pending, info.num_ack_pending);
                self.tell_of_pause(&mut paused_until, info.paused_until());
            }
            self.report();
            sleep(LOOK_INTERVAL).await;
        }
    }

    /// Says once that an operator has paused the consumer, and once that it goes on.
    fn tell_of_pause(&self, known: &mut Option<String>, until: Option<&str>) {
        if known.as_deref() == until {
            return;
        }
        let place = self.options.describe();
        if let Some(until) = until {
            tracing::warn!(
                until,
                place,
                "the consumer is paused: nothing comes out of the stream until then"
            );
        } else {
            tracing::info!(place, "the consumer is not paused any more");
        }
        *known = until.map(str::to_owned);
    }

    fn report(&self) {
        metrics::report(self.options.stream(), &self.stats());
    }
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay")
            .field("options", &self.options)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
