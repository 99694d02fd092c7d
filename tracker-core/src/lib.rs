//! Activity tracking for worker functions.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod action;
mod activity;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod background;
mod client;
pub mod context;
mod error_chain;
pub mod limits;
mod pipeline;
pub mod reference_ids;
mod stats;
mod status;
pub mod store;
pub mod timeline;
mod tracker;

#[cfg(feature = "postgres")]
pub use self::store::postgres::ConnectionStringError;
pub use self::{
    action::{ActionSet, ActionType},
    activity::Activity,
    client::Client,
    context::Context,
    reference_ids::{HasReferenceIds, ReferenceIds},
    stats::{Dropped, Stats},
    status::Status,
    store::{MemoryStore, Store, StoreError},
    tracker::{AlreadyInstalled, BuildError, Tracker, TrackerBuilder},
};
pub use tracker_macros::{ReferenceIds, tracked};
