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

// `options` are a URL, understood, `login` who one is by it; to `connect` makes a client with them, which a `connection` listens to. `store` publishes `message`s to a `subject`; `set_up` makes the
// streams, `relay` empties one, and `dead_letters` reads the other.

mod connect;
mod connection;
mod dead_letters;
mod error;
mod info;
mod login;
mod message;
mod options;
mod pace;
mod relay;
mod set_up;
mod store;
mod subject;

/// The version of the client.
#[doc(no_inline)]
pub use async_nats;

pub use self::{
    dead_letters::{DeadLetter, DeadLetters},
    error::{NatsError, ServerSaid},
    options::{NatsOptions, NatsOptionsError},
    relay::{Relay, RelayBuilder, RelayStats},
    set_up::{Difference, Limit, StreamSettings},
    store::{JetStreamStore, JetStreamStoreBuilder},
};
