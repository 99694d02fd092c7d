//! Delivery of activities through NATS `JetStream`, for more workers than a database has
//! connections.
//!
//! ```text
//! workers: Tracker ─► JetStreamStore ─► a stream ─► Relay ─► any Store, as PostgresStore
//!                      (publishes)     (replicated)    │
//!                                                      └► the stream of dead letters
//! ```
//!
//! A worker's [`JetStreamStore`] publishes each activity to the subject of its project. The
//! activity counts as stored once the stream has acknowledged it. Any number of [`Relay`]s
//! (`tracker relay`)
//! share the stream's messages: they write them in batches and acknowledge them after the commit.
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
