//! Activity tracking for worker functions.

mod action;
mod activity;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod background;
pub mod context;
pub mod limits;
pub mod reference_ids;
mod status;
pub mod store;
pub mod timeline;

#[cfg(feature = "postgres")]
pub use self::store::postgres::ConnectionStringError;
pub use self::{
    action::{ActionSet, ActionType},
    activity::Activity,
    context::Context,
    reference_ids::{HasReferenceIds, ReferenceIds},
    status::Status,
    store::{MemoryStore, Store, StoreError},
};
