//! Publishes activities to a stream of NATS `JetStream`: [`JetStreamStore`].

// The modules, from the URL to the streams:
//
// - `options` parses the URL, and `login` holds its credentials.
// - `connect` makes a client from them. A `connection` wraps the client and listens to its events.
// - `signs` are the errors that servers report apart from the answers. A `failure` is a failed
//   request.
// - `store` is the public handle to `publishing`, which sends a `message` to a `subject` for each
//   activity, at the `pace` that the stream takes. Many go in a `fast_batch`.
// - `set_up` makes the streams and compares them with the `info` that the server returns.
// - `dead_letters` reads the stream of dead letters.
// - `consumer` holds the constants of the consumer that all relays share.

mod connect;
pub(crate) mod connection;
pub(crate) mod consumer;
pub(crate) mod dead_letters;
mod difference;
mod error;
pub(crate) mod failure;
mod fast_batch;
pub(crate) mod info;
mod login;
pub(crate) mod message;
mod options;
mod pace;
mod publishing;
pub(crate) mod set_up;
pub(crate) mod signs;
mod store;
mod store_error;
mod subject;

pub use self::{
    dead_letters::{DeadLetter, DeadLetters},
    difference::Difference,
    error::{NatsError, ServerSaid},
    options::NatsOptions,
    set_up::{Limit, StreamSettings},
    store::{JetStreamStore, JetStreamStoreBuilder},
};
pub use crate::store::open_error::nats_options::NatsOptionsError;
