//! The destination of activities: the [`Store`] trait, and its implementations for Postgres, SQLite
//! and memory.
//!
//! A store writes batches, and answers timeline queries. It writes each row at most once, even if a
//! batch is repeated. It does not depend on the pipeline that feeds it, which handles retries, time
//! limits and accounting. A store of your own is therefore a few lines over your database's client.
//!
//! Methods with a default can be left out. Most of them then fail with [`StoreError::Unsupported`];
//! [`migrate`](Store::migrate) does nothing, and [`check`](Store::check) reports no error.
//!
//! ```
//! use std::{collections::BTreeMap, sync::{Mutex, PoisonError}, time::Duration};
//! use tracker_core::{
//!     ActionType, Activity, Store, StoreError, Tracker,
//!     store::{Batch, BoxFuture},
//!     timeline::{Page, Query},
//! };
//!
//! /// Rows by their ID.
//! #[derive(Default)]
//! struct MapStore {
//!     rows: Mutex<BTreeMap<String, Activity>>,
//! }
//!
//! impl Store for MapStore {
//!     fn write(&self, batch: Batch) -> BoxFuture<'_, Result<(), StoreError>> {
//!         Box::pin(async move {
//!             let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
//!             for activity in batch.activities() {
//!                 // A row that exists already is left unchanged.
//!                 rows.entry(activity.action_id.clone()).or_insert_with(|| activity.clone());
//!             }
//!             Ok(())
//!         })
//!     }
//!
//!     fn timeline(&self, query: Query) -> BoxFuture<'_, Result<Page, StoreError>> {
//!         Box::pin(async move {
//!             let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
//!             Ok(Page::from_all(&query, rows.values()))
//!         })
//!     }
//!
//!     fn describe(&self) -> String {
//!         "a map".to_owned()
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let tracker = Tracker::builder().store(MapStore::default()).build()?;
//! assert!(tracker.store().migrate().await?.is_empty());
//! tracker.record(Activity::new(ActionType::Deployment).project_id("project_7"));
//! tracker.shutdown(Duration::from_secs(5)).await;
//!
//! let page = tracker.store().timeline(Query::project("project_7")).await?;
//! assert_eq!(page.activities.len(), 1);
//! # Ok(())
//! # }
//! ```

#[cfg(any(feature = "nats", feature = "postgres", feature = "sqlite"))]
mod background;
mod batch;
mod blocks_by_timeline;
mod boxed;
mod contract;
mod error;
#[cfg(feature = "nats")]
pub(crate) mod jetstream;
mod memory;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod migration;
mod open;
mod open_error;
#[cfg(feature = "postgres")]
pub mod postgres;
mod projects_by_ids;
mod pruning;
#[cfg(feature = "sqlite")]
pub mod sqlite;
mod url;
mod watch;

pub(crate) use self::batch::{BATCH_BYTES, PackedRows};
pub use self::{
    batch::Batch,
    boxed::{BoxError, BoxFuture},
    contract::{DEFAULT_SCHEMA, Store},
    error::{FileProblem, StoreError},
    memory::MemoryStore,
    open::open,
    open_error::OpenError,
    pruning::{Kept, Pruned, Pruning},
    url::{StoreKind, StoreUrl},
    watch::Watch,
};
