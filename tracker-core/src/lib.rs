#![doc = include_str!("../README.md")]
//!
//! # The way of an activity
//!
//! [`#[tracked]`](macro@tracked) wraps a function, async or not, without changing its behaviour.
//! For each successful call it gives one [`Activity`] to the [`Tracker`]. The tracker writes it to
//! a [`Store`] on a thread of its own: to Postgres ([`PostgresStore`]), to an SQLite file
//! ([`SqliteStore`]), or to memory ([`MemoryStore`]). The function neither waits for this nor fails
//! with it. Failures are logged through `tracing` and counted in [`Stats`].
//!
//! The user, the request, the project and the environment come from the attribute, else from
//! parameters named `user_id`, `request_id`, `project_id` and `environment`, else from the ambient
//! [`Context`]. Nothing else is recorded unless the attribute names it. [`ContextExt`] carries the
//! context into spawned tasks.
//!
//! | to do this | see |
//! | --- | --- |
//! | record calls of a function | [`#[tracked]`](macro@tracked), with five examples |
//! | record by hand | [`Tracker::record`] |
//! | record in your own transaction | [`Client`], [`Tracker::record_in`] |
//! | name action types of your own | [`#[derive(ActionSet)]`](macro@ActionSet) |
//! | know who asked | [`context`], and `tower` for web frameworks |
//! | set the tracker up | [`TrackerBuilder`] |
//! | keep activities through outages | the module `journal` |
//! | read activities | [`timeline`] |
//! | test what is recorded | [`testing`] |
//! | write a store of your own | [`store`] |
//!
//! # Features
//!
//! - `diesel-async`: recording on the caller's own Postgres [`Client`] of diesel-async 0.9.
//! - `enable` (default): `#[tracked]` records. In a binary that depends on this crate without the
//!   feature, a function is the same as without the attribute, to the instruction. The attribute's
//!   arguments are then checked as far as possible without expanding them: their names and kinds,
//!   the built-in action types, and the first names of placeholders. Tests that expect activities
//!   can check [`ENABLED`].
//! - `call-sites` (default): [`call_sites`], the list of the program's tracked functions.
//! - `journal` (default): the [`journal`], which keeps activities on the local disk until they are
//!   in the store.
//! - `metrics`: the counters of [`Stats`] through the facade of the crate `metrics`, with the rows
//!   of each batch and the duration of its write. All names begin with `tracker_`.
//! - `nats`: `JetStreamStore`, which publishes to a stream, and the relay that moves activities
//!   from the stream to another store.
//! - `opentelemetry`: the ID of the current OpenTelemetry [trace](context#traces) as an activity's
//!   reference `trace_id`, with the crates `opentelemetry` 0.33 and `tracing-opentelemetry` 0.34.
//! - `p521`: TLS 1.3 with Postgres servers whose key is on the curve P-521, and certificates signed
//!   with such a key.
//! - `postgres` (default): [`PostgresStore`], and recording on the caller's own Postgres
//!   [`Client`].
//! - `sea-orm`: recording on the caller's own [`Client`] of SeaORM 2: on Postgres, and with
//!   `sqlite` on SQLite. Needs Rust 1.94.
//! - `sqlite` (default): [`SqliteStore`], and recording on the caller's own SQLite connection.
//! - `sqlx-postgres`: recording on the caller's own Postgres [`Client`] of sqlx 0.9. Needs Rust
//!   1.94.
//! - `sqlx-sqlite`: recording on the caller's own SQLite [`Client`] of sqlx 0.9. Needs Rust 1.94.
//! - `sslpassword`: encrypted keys of client certificates for Postgres.
//! - `tower`: a layer that sets the [`Context`] of each request, on request also from a trusted
//!   `traceparent` header.

#![cfg_attr(docsrs, feature(doc_cfg))]

/// True if `#[tracked]` records, which is the case with the feature `enable`.
///
/// A test that expects activities can't pass without it:
///
/// ```
/// if !tracker_core::ENABLED {
///     return;
/// }
/// ```
pub const ENABLED: bool = cfg!(feature = "enable");

mod action;
mod action_id;
mod activity;
mod ambient;
mod bounded_text;
mod call;
#[cfg(feature = "call-sites")]
pub mod call_sites;
mod client;
mod clock;
pub mod context;
mod details;
mod draft;
mod error_chain;
#[cfg(feature = "journal")]
pub mod journal;
pub mod limits;
mod macros;
#[cfg(feature = "nats")]
pub mod nats;
mod panics;
mod pipeline;
#[doc(hidden)]
pub mod private;
mod record_error;
pub mod reference_ids;
#[cfg(feature = "nats")]
mod relay;
mod row;
#[cfg(any(feature = "journal", feature = "sqlite"))]
mod sqlite_file;
#[cfg(any(feature = "journal", feature = "sqlite"))]
mod sqlite_rows;
mod stats;
mod status;
pub mod store;
pub mod testing;
pub mod timeline;
#[cfg(feature = "tower")]
pub mod tower;
mod tracker;

#[cfg(feature = "journal")]
pub use self::journal::{Durability, Journal};
pub use self::macros::{ActionSet, ReferenceIds, tracked};
#[doc(hidden)]
pub use self::private as __private;
#[cfg(feature = "nats")]
pub use self::store::jetstream::JetStreamStore;
#[cfg(feature = "postgres")]
pub use self::store::postgres::PostgresStore;
#[cfg(feature = "sqlite")]
pub use self::store::sqlite::SqliteStore;
pub use self::{
    action::{ActionSet, ActionType, NamedAction},
    activity::Activity,
    ambient::Context,
    client::Client,
    record_error::RecordError,
    reference_ids::{HasReferenceIds, ReferenceIds},
    stats::{Dropped, Stats},
    status::Status,
    store::{MemoryStore, Store, StoreError},
    tracker::{
        AlreadyInstalled, BuildError, ContextExt, InContext, Installed, Tracker, TrackerBuilder,
    },
};
