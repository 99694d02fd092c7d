//! Activities in a Postgres database: [`PostgresStore`].
//!
//! A connection string is taken apart (`connection_string`), understood ([`ConnectionOptions`]) and protected (`tls`);
//! the store (`store`, set up by `builder`) leases `connections` and runs on them what `write`, `read`, `shape` and
//! `migrate` do, each statement in a `transaction` of its own. The SQL is in `sql/`, one file for each statement.

mod builder;
mod connect;
mod connection_string;
mod connections;
mod error;
mod migrate;
mod read;
mod row;
mod shape;
mod statements;
mod store;
mod tls;
mod transaction;
mod write;

pub(crate) mod caller;

pub use self::{
    builder::PostgresStoreBuilder, connect::ConnectionOptions,
    connection_string::ConnectionStringError, error::PostgresError, store::PostgresStore,
    tls::TlsError,
};
