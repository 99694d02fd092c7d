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

// `options` are a URL, understood, and `login` is who one is by it. `connect` makes a client with them, to which a `connection` listens.
// `store` is the handle to `publishing`: `message`s, each to a `subject`, at a `pace` that the stream takes. `set_up` makes the streams, by what
// `info` says of them, `relay` empties one, and `dead_letters` reads the other.

mod connect;
mod connection;
mod dead_letters;
mod error;
mod info;
mod login;
mod message;
mod options;
mod pace;
mod publishing;
mod relay;
mod set_up;
mod store;
mod store_error;
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
