//! An [`Authorize`] or another part that can be replaced while it is in use: [`Replaceable`].

use std::sync::{Arc, PoisonError, RwLock};

use axum::http::request;
use futures_util::future::BoxFuture;

use super::{Authorize, Decision, VisibleProjects};

/// Decides by the [`Authorize`] that was put in last, or tells by the last [`Names`](crate::Names).
///
/// Connections and streams survive a [replacement](Self::replace). New requests are decided by the
/// replacement at once, and streams when they are [decided on
/// again](crate::Settings::decide_again_every).
pub struct Replaceable<T: ?Sized = dyn Authorize>(RwLock<Arc<T>>);

impl<T: ?Sized> Replaceable<T> {
    /// Creates one that stands for `first`.
    #[must_use]
    pub fn new(first: Arc<T>) -> Self {
        Self(RwLock::new(first))
    }

    /// Replaces the current one. What is being decided or looked up is completed by the former one.
    pub fn replace(&self, next: Arc<T>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = next;
    }

    pub(crate) fn current(&self) -> Arc<T> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Authorize for Replaceable {
    fn decide<'a>(
        &'a self,
        request: &'a request::Parts,
        project_id: &'a str,
    ) -> BoxFuture<'a, Decision> {
        let current = self.current();
        Box::pin(async move { current.decide(request, project_id).await })
    }

    fn projects<'a>(&'a self, request: &'a request::Parts) -> BoxFuture<'a, VisibleProjects> {
        let current = self.current();
        Box::pin(async move { current.projects(request).await })
    }
}
