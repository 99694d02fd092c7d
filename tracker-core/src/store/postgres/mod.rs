//! A store of activities in a Postgres database: [`PostgresStore`].
//!
//! [`PostgresStore::new`] takes a connection string and uses defaults for everything else.
//! [`PostgresStore::builder`] sets the schema, the number of connections and the time limits:
//!
//! ```no_run
//! use std::time::Duration;
//! use tracker_core::{PostgresStore, Store, Tracker};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = PostgresStore::builder("postgres://worker@localhost/app")
//!     .schema("audit")
//!     .connections_max(2)
//!     .write_timeout(Duration::from_secs(5))
//!     .build()?;
//!
//! // An error here is the reason that no activity can be written. Notes name what may refuse some.
//! store.check().await?;
//! for note in store.notes().await? {
//!     eprintln!("{note}");
//! }
//! let _tracker = Tracker::builder().store(store).build()?.install()?;
//! # Ok(())
//! # }
//! ```
//!
//! [`ConnectionOptions`] documents the options of a connection string and the protection of a
//! connection. It also serves to build a connection pool of your own from the same string.
//!
//! Batches are written by `COPY`. A retry, some of whose rows may be stored already, is written by
//! one `INSERT` that skips those rows.

// `connection_string` parses a connection string, `connect` interprets it, and `tls` protects the
// connections made from it.
//
// `store`, set up by `builder`, runs each operation on a connection that it leases from
// `connections`. The statements are those of `write`, `read`, `table_check` and `migrate`, nearly
// all in a `transaction` of their own. `catalog` asks for what some engines lack. `partitions`
// handles partitioned tables. `watch` has a connection of its own and runs `listen` on it.
// `foreign_text` reads texts that are not UTF-8.
//
// The plan of a page, a `page_statement`, is kept in a `session` that `own_session` finds to be no
// other client's.
//
// `engine` knows the features that the server lacks; `insert_values`, `listen` and `lock` have the
// alternatives. The SQL is in `sql/`, one file for each statement.

mod activity_counts;
mod binary_copy;
mod builder;
mod catalog;
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
mod indexes;
mod insert_values;
mod listen;
mod lock;
mod migrate;
pub(super) mod migrations;
mod notes;
mod own_session;
mod page_statement;
pub mod partitions;
mod read;
mod recognise;
mod room;
mod row;
mod row_security;
mod session;
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

/// The Postgres crates whose clients and transactions are a [`Client`](crate::Client), in the
/// supported versions.
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
