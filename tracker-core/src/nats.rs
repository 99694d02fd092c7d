//! Delivery of activities through NATS `JetStream`, for more workers than a database has
//! connections.
//!
//! ```text
//! workers: Tracker ─► JetStreamStore ─► a stream ─► Relay ─► any Store, as PostgresStore
//!                      (publishes)     (replicated)    │
//!                                                      └► the stream of dead letters
//! ```
//!
//! An operator creates the streams once. Each worker then has a store that publishes:
//!
//! ```no_run
//! use tracker_core::{Tracker, nats::{JetStreamStore, StreamSettings}};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Once, by an operator: three replicas in a cluster by default.
//! let operator = JetStreamStore::new("nats://operator:secret@nats.example")?;
//! operator.set_up(&StreamSettings::default()).await?;
//!
//! // In each worker.
//! let store = JetStreamStore::new("nats://worker:secret@nats.example")?;
//! let _tracker = Tracker::builder().store(store).build()?.install()?;
//! # Ok(())
//! # }
//! ```
//!
//! [`Relay`] has the example of the other end.
//!
//! A worker's [`JetStreamStore`] publishes each activity to the subject of its project. The
//! activity counts as stored once the stream has acknowledged it. Any number of [`Relay`]s
//! (`tracker relay`) share the stream's messages. They write them in batches and acknowledge them
//! after the commit.
//! Activities that the store refuses go to a stream of [dead letters](DeadLetters).
//! [`StreamSettings`] (`tracker nats setup`) creates the streams and the relays' consumer.
//!
//! No activity is lost: a message leaves the stream only after its row is committed. No activity is
//! stored twice: the stream drops messages published again under the same `action_id` within its
//! duplicate window, and the table drops later duplicates.

/// The version of the client.
#[doc(no_inline)]
pub use async_nats;

pub use crate::{
    relay::{Relay, RelayBuilder, RelayStats},
    store::jetstream::{
        DeadLetter, DeadLetters, Difference, JetStreamStore, JetStreamStoreBuilder, Limit,
        NatsError, NatsOptions, NatsOptionsError, ServerSaid, StreamSettings,
    },
};
