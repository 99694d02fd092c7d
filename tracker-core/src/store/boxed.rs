//! Futures and errors of any type.

use std::{error::Error, future::Future, pin::Pin};

/// A boxed future, so that [`Store`](super::Store) can be a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Any error, as the source of another one.
pub type BoxError = Box<dyn Error + Send + Sync>;
