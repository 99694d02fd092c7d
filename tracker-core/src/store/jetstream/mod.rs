//! Activities published to a stream of NATS `JetStream`: [`JetStreamStore`].

// `options` are a URL, understood, and `login` is who one is by it. `connect` makes a client with them, to which a `connection` listens;
// `signs` are what the servers say beside their answers, and a `failure` is an answer that is none. `store` is the handle to `publishing`: `message`s,
// each to a `subject`, at a `pace` that the stream takes. `set_up` makes the streams, by what `info` says of them, and `dead_letters` reads the
// one of dead letters. `consumer` is what the streams' relays share.

mod connect;
pub(crate) mod connection;
pub(crate) mod consumer;
pub(crate) mod dead_letters;
mod difference;
mod error;
pub(crate) mod failure;
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
