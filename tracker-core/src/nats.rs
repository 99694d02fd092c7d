//! Activities by way of NATS `JetStream`: for more workers than a database has connections.
//!
//! ```text
//! workers: Tracker ─► JetStreamStore ─► a stream ─► Relay ─► any Store, as PostgresStore
//!                      (publishes)     (replicated)    │
//!                                                      └► the stream of dead letters
//! ```
//!
//! A worker's [`JetStreamStore`] publishes each activity to the subject of its project, and has it stored when the stream has
//! acknowledged it. Any number of [`Relay`]s (`tracker relay`) share what is in the stream: they write it in batches and
//! acknowledge it once it is committed. What the store refuses goes to a stream of [dead letters](DeadLetters). The
//! streams and the relays' consumer are made by [`StreamSettings`] (`tracker nats setup`).
//!
//! Nothing is lost between the two: a message leaves the stream when its row is committed. Nothing is doubled: the stream drops what is
//! published again under the same `action_id` within its duplicate window, and the table whatever comes later.

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
