//! Where activities go in the end: the [`Store`] trait, and its implementations for Postgres, SQLite
//! and memory.
//!
//! A store writes batches, each row at most once whatever is repeated, and answers timeline
//! queries. It knows nothing of the pipeline that feeds it: retries, time and accounting are the
//! pipeline's, so a store of your own is a few lines over your database's client.

mod batch;
mod error;
mod memory;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod migration_error;
mod open;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "sqlite")]
pub mod sqlite;

use std::{future::Future, pin::Pin, sync::Arc};

pub use self::{
    batch::Batch,
    error::{BoxError, FileProblem, OpenError, StoreError},
    memory::MemoryStore,
    open::open,
};
use crate::timeline::{Page, Query};

/// A boxed future, so that [`Store`] can be a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Keeps activities and reads them back.
///
/// Methods may be called from any executor, or from none that tokio knows of, and at the same
/// time. A future that is dropped half-way leaves the store usable.
pub trait Store: Send + Sync + 'static {
    /// Writes the rows of a batch.
    ///
    /// Rows whose `action_id` the store already has are left as they are and count as written. On
    /// an error any part of the batch may have been written, and the same batch, made a
    /// [retry](Batch::retry), can be written again.
    fn write(&self, batch: Batch) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Reads a page of a project's activities.
    fn timeline(&self, query: Query) -> BoxFuture<'_, Result<Page, StoreError>>;

    /// Brings the store's table to the shape that this version of the crate writes, keeping every row.
    ///
    /// Any number of processes may do so at once, and again. Returns the names of the migrations
    /// that this call applied: none where the table was up to date.
    fn migrate(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>>;

    /// Tells whether rows could be written now: the store can be reached, and its table is there
    /// and has the right shape.
    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>>;

    /// What and where the store is, for logs and people, with no secret in it.
    fn describe(&self) -> String;

    /// The Postgres schema in which [`record_in`](crate::Tracker::record_in) finds the table when it is given a
    /// Postgres client: that of the store, else [`DEFAULT_SCHEMA`].
    fn schema(&self) -> &str {
        DEFAULT_SCHEMA
    }
}

/// The Postgres schema of the table unless another is set.
pub const DEFAULT_SCHEMA: &str = "turbobackend";

impl<S: Store + ?Sized> Store for Arc<S> {
    fn write(&self, batch: Batch) -> BoxFuture<'_, Result<(), StoreError>> {
        (**self).write(batch)
    }

    fn timeline(&self, query: Query) -> BoxFuture<'_, Result<Page, StoreError>> {
        (**self).timeline(query)
    }

    fn migrate(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        (**self).migrate()
    }

    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        (**self).check()
    }

    fn describe(&self) -> String {
        (**self).describe()
    }

    fn schema(&self) -> &str {
        (**self).schema()
    }
}
