//! Who did what, in which request, with which resulting records: one attribute on a function, one row in a table.
//!
//! ```
//! use std::time::Duration;
//! use tracker_core::{Context, MemoryStore, ReferenceIds, Tracker, timeline::Query, tracked};
//!
//! #[derive(ReferenceIds)]
//! struct Deployment {
//!     #[reference(rename = "deployment_id")]
//!     id: String,
//!     url: String,
//! }
//!
//! #[tracked(action = "deployment", details = "deployed {image} to {output.url}")]
//! async fn deploy(project_id: &str, image: &str) -> Result<Deployment, std::io::Error> {
//!     Ok(Deployment { id: "deploy_xyz789".into(), url: format!("https://{project_id}.example.org") })
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Once, when the program starts. Dropping `tracker` at the end delivers what is still on its way.
//! let tracker = Tracker::builder().store(MemoryStore::new()).build()?.install()?;
//!
//! // Once per request or job: whatever runs inside knows who asked for it.
//! let context = Context::new().with_user_id("user_1").with_request_id("req_9f2");
//! context.scope(deploy("project_7", "api:4")).await?;
//!
//! // Once, before it ends.
//! tracker.shutdown(Duration::from_secs(5)).await;
//!
//! let timeline = tracker.store().timeline(Query::project("project_7")).await?;
//! let activity = &timeline.activities[0];
//! assert_eq!(activity.user_id.as_deref(), Some("user_1"));
//! assert_eq!(activity.action_details.as_deref(), Some("deployed api:4 to https://project_7.example.org"));
//! assert_eq!(activity.reference_ids.get("deployment_id"), Some("deploy_xyz789"));
//! # Ok(())
//! # }
//! ```
//!
//! [`#[tracked]`](macro@tracked) wraps a function, async or not, without changing what it does. When a call succeeds, it gives one
//! [`Activity`] to the [`Tracker`], which brings it to a [`Store`] on a thread of its own: to Postgres
//! ([`PostgresStore`]), to an SQLite file ([`SqliteStore`]), or to memory ([`MemoryStore`]). The function
//! neither waits for that nor fails with it: what goes wrong is logged through `tracing` and counted in [`Stats`].
//!
//! Who is acting, in which request and on which project comes from the attribute, from parameters named `user_id`,
//! `request_id`, `project_id` and `environment`, or from the ambient [`Context`], in this order. Nothing else is recorded unless
//! the attribute names it. [`ContextExt`] takes the context along to spawned tasks.
//!
//! [`testing`] shows your own tests what a piece of work records.
//!
//! # Features
//!
//! - `diesel-async`: recording on the caller's own Postgres [`Client`] of diesel-async 0.9.
//! - `enable` (default): `#[tracked]` records. A binary that depends on this crate without it gets the same functions as without
//!   the attribute, to the instruction. Of the attribute's arguments those are still checked that can be without expanding them: their names
//!   and kinds, the built-in action types, and what placeholders begin with. Tests that expect activities can ask [`ENABLED`].
//! - `call-sites` (default): [`call_sites`], the list of the program's tracked functions.
//! - `journal` (default): the [`journal`], which keeps activities on the local disk until they are in
//!   the store.
//! - `metrics`: the tracker's figures through the facade of the crate `metrics`, as [`Stats`] has them, with the rows of each batch and how
//!   long writing it took; all under names that begin with `tracker_`.
//! - `nats`: `JetStreamStore`, which publishes to a stream, and what takes activities out of it.
//! - `opentelemetry`: the ID of the OpenTelemetry [trace](context#traces) that an activity is recorded in, as its reference `trace_id`; with the
//!   crates `opentelemetry` 0.33 and `tracing-opentelemetry` 0.34.
//! - `p521`: TLS 1.3 with Postgres servers whose key is on the curve P-521, and certificates that such a key has signed.
//! - `postgres` (default): [`PostgresStore`], and recording on the caller's own Postgres [`Client`].
//! - `sea-orm`: recording on the caller's own [`Client`] of SeaORM 2: on Postgres, and with `sqlite` on SQLite. Needs
//!   Rust 1.94.
//! - `sqlite` (default): [`SqliteStore`], and recording on the caller's own SQLite connection.
//! - `sqlx-postgres`: recording on the caller's own Postgres [`Client`] of sqlx 0.9. Needs Rust 1.94.
//! - `sqlx-sqlite`: recording on the caller's own SQLite [`Client`] of sqlx 0.9. Needs Rust 1.94.
//! - `sslpassword`: keys of client certificates towards Postgres that are encrypted with a password.
//! - `tower`: a layer that sets the [`Context`] of each request, from a `traceparent` header too if it is told to trust that.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(all(doctest, feature = "sqlite"))]
#[doc = include_str!("../README.md")]
mod readme {}

/// Whether `#[tracked]` records: whether the feature `enable` is on.
///
/// A test of what is recorded can't pass without it:
///
/// ```
/// if !tracker_core::ENABLED {
///     return;
/// }
/// ```
pub const ENABLED: bool = cfg!(feature = "enable");

mod action;
mod activity;
mod call;
#[cfg(feature = "call-sites")]
pub mod call_sites;
mod client;
mod clock;
pub mod context;
mod draft;
mod error_chain;
#[cfg(feature = "journal")]
pub mod journal;
pub mod limits;
mod macros;
#[cfg(feature = "nats")]
pub mod nats;
mod pipeline;
#[doc(hidden)]
pub mod private;
mod quietly;
mod record_error;
mod recording;
pub mod reference_ids;
mod register;
#[cfg(feature = "nats")]
mod relay;
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
    client::Client,
    context::{Context, ContextExt, InContext},
    record_error::RecordError,
    reference_ids::{HasReferenceIds, ReferenceIds},
    stats::{Dropped, Stats},
    status::Status,
    store::{MemoryStore, Store, StoreError},
    tracker::{AlreadyInstalled, BuildError, Installed, Tracker, TrackerBuilder},
};
