//! Activities in a Postgres database: [`PostgresStore`].
//!
//! [`PostgresStore::new`] takes a connection string with all defaults, [`PostgresStore::builder`] has the knobs: the
//! schema, the number of connections and the time limits. [`ConnectionOptions`] tells which options a connection
//! string can have and how a connection is protected; it also serves to make a pool of your own with the same string.
//!
//! Batches are written by `COPY`; a retry, in which rows may be there already, by one `INSERT` that passes over those.

// A connection string is taken apart (`connection_string`), understood (`connect`) and protected (`tls`); the store
// (`store`, set up by `builder`) leases `connections` and runs on them what `write`, `read`, `shape` and `migrate` do,
// each statement in a `transaction` of its own; `partitions` knows of a table in partitions; `watch` has a connection of its own, on which it
// does `listen`. Texts that are no UTF-8 are read by `foreign_text`. What a server may lack is known to `engine`, and done otherwise by `values`, `listen` and `lock`. The SQL is in `sql/`, one file for each statement.

mod builder;
mod characters;
pub(crate) mod class;
mod connect;
mod connection_string;
mod connections;
mod dedicated_session;
mod engine;
pub(crate) mod error;
pub(crate) mod error_context;
mod filter;
mod foreign_text;
mod identifier;
mod insert_values;
mod listen;
mod lock;
pub(super) mod migrate;
mod notes;
pub mod partitions;
mod read;
mod recognise;
mod room;
mod row;
mod row_security;
mod sqlstate;
mod statements;
mod store;
mod table_check;
mod tls;
mod transaction;
mod watch;
mod write;

pub(crate) mod client;

pub(crate) use self::connection_string::url_scheme;

/// The versions of the Postgres crates whose clients and transactions are a [`Client`](crate::Client).
#[doc(no_inline)]
pub use {deadpool_postgres, tokio_postgres};

pub use self::{
    builder::PostgresStoreBuilder,
    connect::ConnectionOptions,
    connection_string::{ConnectionStringError, Environment, Ignored},
    error::PostgresError,
    store::PostgresStore,
    tls::TlsError,
};
